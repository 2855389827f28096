"""The Django app of the read side. Starts nothing: no thread begins because an app was loaded."""

from django.apps import AppConfig


class ProjectionsConfig(AppConfig):
    """Read models, projections and live screens."""

    name = "projections"
    verbose_name = "Read models"
    default_auto_field = "django.db.models.BigAutoField"
