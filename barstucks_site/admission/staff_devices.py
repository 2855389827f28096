"""Devices somebody of the staff has logged in from: they are counted apart from the guests.

The shop's tills and its guests share one address: whatever guests do there, and however many
passwords are tried, a known device keeps buckets of its own. It proves nothing else: who has the
cookie still needs the password, and gets no more tries than an address.
"""

from http.cookies import Morsel, SimpleCookie
from secrets import token_urlsafe

from django.core.signing import BadSignature, TimestampSigner
from django.http import parse_cookie

from barstucks_site.web_server.asgi_request import Scope, header

SALT = "staff-device"
REMEMBERED_SECONDS = 90 * 24 * 3600


def device_of(scope: Scope, cookie: str) -> str | None:
    """The id of a known device; None for any other, or after 90 days."""
    sent = header(scope, b"cookie")
    if cookie not in sent:
        return None
    signed = parse_cookie(sent).get(cookie, "")
    try:
        return TimestampSigner(salt=SALT).unsign(signed, max_age=REMEMBERED_SECONDS)
    except BadSignature:
        return None


def device_cookie(cookie: str, *, secure: bool) -> bytes:
    """The value of a `Set-Cookie` header that makes a device known."""
    jar: SimpleCookie = SimpleCookie()
    jar[cookie] = TimestampSigner(salt=SALT).sign(token_urlsafe(16))
    morsel: Morsel[str] = jar[cookie]
    morsel.update({"path": "/", "max-age": str(REMEMBERED_SECONDS), "samesite": "Lax"})
    morsel["httponly"] = True
    if secure:
        morsel["secure"] = True
    return morsel.OutputString().encode("ascii")
