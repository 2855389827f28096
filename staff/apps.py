"""The staff's accounts as a Django app. Knows neither orders nor screens."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """Accounts, roles and permissions."""

    name = "staff"
    verbose_name = "Staff"
    default_auto_field = "django.db.models.BigAutoField"
