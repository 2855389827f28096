"""The answer to the sixth wrong password: wait. Nobody is locked out for good."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def locked_out(_request: HttpRequest, *_details: Any, **_more: Any) -> HttpResponse:
    """429 with Retry-After in seconds; the same text whether the account exists or not."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return HttpResponse(
        f"Too many wrong passwords. Please wait {seconds // 60} minutes and try again.\n",
        status=429,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(seconds), "Cache-Control": "no-store"},
    )
