"""The script with which a customer's page keeps itself for a moment without a connection."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from barstucks_site.offline import cache_name
from barstucks_site.templatetags.modules import module

register = template.Library()


@register.simple_tag
def offline_script() -> SafeString:
    """The module, and where it finds the worker and its cache; nothing where that is off."""
    if not settings.SERVICE_WORKER:
        return SafeString()
    return format_html(
        '<meta name="service-worker" content="{}" data-cache="{}">{}',
        reverse("service_worker"),
        cache_name(),
        module("js/offline.js"),
    )
