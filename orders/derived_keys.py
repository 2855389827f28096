"""Keys derived from the shop's secret key, one for each purpose."""

import hashlib
import hmac

from django.conf import settings


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose; another purpose, or another secret key, gives others."""
    return hmac.new(
        settings.SECRET_KEY.encode(), f"barstucks:{purpose}".encode(), hashlib.sha256
    ).digest()
