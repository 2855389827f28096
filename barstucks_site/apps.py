"""The site as a Django app: its commands, its system checks, and what makes a process watchable."""

from django.apps import AppConfig
from django.conf import settings


class SiteConfig(AppConfig):
    """No models."""

    name = "barstucks_site"
    verbose_name = "Site"

    def ready(self) -> None:
        """Register the system checks. Raises `BadSetting` where the settings fail them.

        Projector and reactor are made watchable here, because their commands know nothing of the
        site; the web's own command does it itself.
        """
        from barstucks_site import checks

        checks.enforce()
        if settings.PROCESS:
            from barstucks_site.telemetry.process import make_watchable

            make_watchable(settings.PROCESS)
