"""What a page with a live screen has to know: its socket's address, and its own program."""

from django import template
from django.urls import reverse
from django.utils.translation import get_language

from projections.live.program import program
from projections.live.routing import websocket_urlpatterns

register = template.Library()

ADDRESSES = tuple(websocket_urlpatterns)


@register.simple_tag
def socket_url(name: str, *values: str) -> str:
    """Where a live screen's socket is: `{% socket_url 'live_screen' 'board' %}`.

    It brings what is drawn in the language of the page.
    """
    address = reverse(name, urlconf=ADDRESSES, args=values)  # type: ignore[arg-type]
    language = get_language() or "en"
    return address if language == "en" else f"{address}?lang={language}"


@register.simple_tag
def program_served() -> str:
    """Which scripts and styles this page is drawn with."""
    return program()
