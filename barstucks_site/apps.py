"""The site as a Django app: it brings the commands `serve`, `web` and the deployment checks."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """No models, no start-up work: this runs in every command."""

    name = "barstucks_site"
    verbose_name = "Site"
