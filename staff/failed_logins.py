"""Under which name a failed login is kept: a keyed hash of what was typed.

People type their password into the field of the name, and other people's names. A hash is enough to
count by; the key keeps anybody from finding the name by trying. Knows nothing of the throttle.
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

SALT = "failed login"


def hashed_name(request: HttpRequest | None, credentials: Mapping[str, Any] | None) -> str:
    """The hash of the name in the credentials, or else in the form. The same for any spelling."""
    typed = (credentials or {}).get("username")
    if typed is None and request is not None:
        typed = request.POST.get("username")
    name = unicodedata.normalize("NFKC", str(typed or "")).casefold()
    return salted_hmac(SALT, name, algorithm="sha256").hexdigest()
