"""The site as a Django app: it brings the commands `serve` and `web`, and the system checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """No models."""

    name = "barstucks_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """Register the system checks. Raises `BadSetting` where the settings fail them."""
        from barstucks_site import checks

        checks.enforce()
