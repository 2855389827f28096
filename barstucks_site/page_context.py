"""Template context of every page: whether it is a demo, the currency, where to collect."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shop(_request: HttpRequest) -> dict[str, Any]:
    """DEMO, CURRENCY and SERVING_DESK_NAME for the templates."""
    return {
        "DEMO": settings.DEMO,
        "CURRENCY": settings.CURRENCY,
        "SERVING_DESK_NAME": settings.SERVING_DESK_NAME,
    }
