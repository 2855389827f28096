"""In which colours the staff's screens are on a device: dark, light, or as its system is.

Kept in a cookie, so that the server draws the first page right already. The customers' pages always
follow the system.
"""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse

THEMES: Mapping[str, str] = {"dark": "Dark", "light": "Light", "system": "As the system is"}
"""The value of the cookie and of `data-theme`, and what the button says."""

USUAL = "dark"
"""As bars are: a bright screen in a dim room tires the eyes."""

ONE_YEAR = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """What was chosen on this device."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, "")
    return chosen if chosen in THEMES else USUAL


def remember(response: HttpResponse, theme: str) -> None:
    """Let the device keep this choice for a year."""
    response.set_cookie(
        settings.THEME_COOKIE_NAME,
        theme,
        max_age=ONE_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
