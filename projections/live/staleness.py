"""What a screen says of itself when facts are missing on it: in words, for screens and pages.

The words are made here, for sockets and for pages without a script. Knows no table.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from orders.domain.streams import ORDER
from projections.engine.backlog import COUNTED_TO, STALE_AFTER, Missing, backlog
from projections.screens import screen_of


@dataclass(frozen=True, kw_only=True)
class Staleness:
    """Why a screen is not what the log says, or may not be."""

    words: str  # stays the same while it lasts: read out once
    detail: str  # the figures, which change
    missing: int | None  # facts not on the screen, counted up to a bound; None: not known
    seconds: int | None  # the age of the oldest of them; None: not known


def staleness_of(view: str) -> Staleness | None:
    """What this view has to say; None while nothing is missing, or while nobody measures."""
    screen = screen_of(view)
    if screen.projection is None or not backlog.has_begun:
        return None
    missing = backlog.missing_in(screen.projection.name)
    if missing is None:
        return Staleness(
            words="This screen may be out of date.",
            detail="The shop’s log or its read models do not respond: what is missing is unknown.",
            missing=None,
            seconds=None,
        )
    now = timezone.now()
    if missing.age(now) >= STALE_AFTER:
        return _behind(missing, now)
    key = view.partition(":")[2]
    streams = missing.parked.keys() & {f"{ORDER}-{key}"} if key else missing.parked.keys()
    if not streams:
        return None
    oldest = max((now - missing.parked[stream]).total_seconds() for stream in streams)
    where = " A manager sees why under Projections." if screen.permission else ""
    return Staleness(
        words="This screen lacks something.",
        detail=(
            f"{_counted(len(streams), 'order or customer', 'orders or customers')} could not be "
            f"brought up to date for {age_in_words(oldest)}.{where}"
        ),
        missing=len(streams),
        seconds=int(oldest),
    )


def _behind(missing: Missing, now: datetime) -> Staleness:
    seconds = missing.age(now)
    number = (
        f"More than {COUNTED_TO} changes"
        if missing.is_more
        else _counted(missing.facts, "change", "changes")
    )
    verb = "is" if missing.facts == 1 else "are"
    return Staleness(
        words="This screen is behind.",
        detail=f"{number} {verb} missing, the oldest for {age_in_words(seconds)}.",
        missing=min(missing.facts, COUNTED_TO),
        seconds=int(seconds),
    )


def age_in_words(seconds: float) -> str:
    """An age as it is read at a glance: 40 s, 3 min, 5 h, 2 days."""
    for limit, unit, word in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {word}"
    return f"{int(seconds // 86_400)} days"


def _counted(number: int, singular: str, plural: str) -> str:
    return f"{number} {singular if number == 1 else plural}"
