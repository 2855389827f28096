"""What a screen says of itself when facts are missing on it: in words, for screens and pages.

The words are made here, for sockets and for pages without a script, in the active language. Knows
no table.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, ngettext

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
            words=gettext("This screen may be out of date."),
            detail=gettext(
                "The shop’s log or its read models do not respond: what is missing is unknown."
            ),
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
        words=gettext("This screen lacks something."),
        detail=ngettext(
            "%(number)s order or customer could not be brought up to date for %(age)s.",
            "%(number)s orders or customers could not be brought up to date for %(age)s.",
            len(streams),
        )
        % {"number": len(streams), "age": age_in_words(oldest)}
        + where,
        missing=len(streams),
        seconds=int(oldest),
    )


def _behind(missing: Missing, now: datetime) -> Staleness:
    seconds = missing.age(now)
    if missing.is_more:
        detail = gettext("More than %(number)s changes are missing, the oldest for %(age)s.")
    else:
        detail = ngettext(
            "%(number)s change is missing, the oldest for %(age)s.",
            "%(number)s changes are missing, the oldest for %(age)s.",
            missing.facts,
        )
    number = COUNTED_TO if missing.is_more else missing.facts
    return Staleness(
        words=gettext("This screen is behind."),
        detail=detail % {"number": number, "age": age_in_words(seconds)},
        missing=min(missing.facts, COUNTED_TO),
        seconds=int(seconds),
    )


def age_in_words(seconds: float) -> str:
    """An age as it is read at a glance: 40 s, 3 min, 5 h, 2 days."""
    seconds = int(seconds)
    if seconds < 120:
        return ngettext("%(number)s s", "%(number)s s", seconds) % {"number": seconds}
    minutes, hours, days = seconds // 60, seconds // 3_600, seconds // 86_400
    if minutes < 120:
        return ngettext("%(number)s min", "%(number)s min", minutes) % {"number": minutes}
    if hours < 48:
        return ngettext("%(number)s h", "%(number)s h", hours) % {"number": hours}
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
