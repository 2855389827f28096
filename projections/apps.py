"""The Django app of the read side. Starts nothing: no thread begins because an app was loaded."""

from django.apps import AppConfig
from django.core.signals import request_started
from django.db.backends.signals import connection_created


class ProjectionsConfig(AppConfig):
    """Read models, projections and live screens."""

    name = "projections"
    verbose_name = "Read models"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have connections notice that the file of the read models was replaced."""
        from projections.engine.damaged_file import leave_replaced_file, note_file

        connection_created.connect(note_file)
        request_started.connect(leave_replaced_file)
