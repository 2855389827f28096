"""The name of an actor, for people to read. Actors in the log are opaque: `staff-<id>`."""

import threading
import time

from django.contrib.auth import get_user_model

STAFF = "staff-"
KEEP_SECONDS = 30.0
UNKNOWN = "somebody"
LONGEST_NUMBER = 18
"""Digits. Another program may have written any actor; Python reads no number of 5,000 digits."""

_kept: dict[str, tuple[float, str]] = {}
_lock = threading.Lock()


def actor_of(user_id: int) -> str:
    """The actor under which a member of the staff is noted in the log."""
    return f"{STAFF}{user_id}"


def name_of(actor: str) -> str:
    """`Bao` for `staff-3`; at most 30 s old.

    Others are said by their kind: "customer", "reactor", "import".
    """
    kind, _, number = actor.partition("-")
    if not actor.startswith(STAFF) or not number.isdecimal() or len(number) > LONGEST_NUMBER:
        return kind or UNKNOWN
    with _lock:
        until, name = _kept.get(actor, (0.0, ""))
    if until > time.monotonic():
        return name
    user = get_user_model().objects.filter(pk=int(number)).first()
    name = UNKNOWN if user is None else user.first_name or user.get_username()
    with _lock:
        _kept[actor] = (time.monotonic() + KEEP_SECONDS, name)
    return name


def forget_names() -> None:
    """Look every name up again."""
    with _lock:
        _kept.clear()
