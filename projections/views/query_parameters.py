"""The query parameters of the read pages: at which moment, which page, and the slider.

Must not know any single page.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from orders.domain.limits import whole_number
from orders.domain.refused import BadInput
from projections.live.snapshots import view_state
from projections.live.staleness import staleness_of

FIELD = "%Y-%m-%dT%H:%M:%S"
"""How a browser's field for date and time writes a moment of the shop's wall clock."""

CLOCK = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)

NO_DAY = "The day in the address is none: write it like 2026-03-01."

YEARS = range(1970, 9999)
"""Of moments that can be asked for: one can still count back and forth from them."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """A moment in the past that a page shows, and how the page says so."""

    moment: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class Slider:
    """The one control for time: a field and a slider over `[first, last]`."""

    name: str
    label: str
    value: str
    first: str
    last: str
    seconds: int
    last_seconds: int
    first_seconds: int = 0


def moment_in(request: HttpRequest, name: str = "at") -> datetime | None:
    """The moment that `?at=` (or another name) asks for; None for now. Raises `BadInput`."""
    typed = request.GET.get(name, "").strip()
    if not typed:
        return None
    moment = _moment(typed)
    if moment is None or moment.year not in YEARS:
        raise BadInput("The time in the address is none: write it like 2026-03-01T11:05:00.")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment


def _moment(typed: str) -> datetime | None:
    """A date and a time, or a time of today by the shop's clock; None for anything else."""
    try:
        if CLOCK.fullmatch(typed):
            return datetime.combine(timezone.localdate(), time.fromisoformat(typed))
        return parse_datetime(typed.replace(" ", "+"))
    except ValueError:
        return None


def day_in(request: HttpRequest, at: datetime | None) -> date:
    """The day that `?day=` asks for; else that of the moment, or today. Raises `BadInput`."""
    typed = request.GET.get("day", "")
    if not typed:
        return timezone.localdate(at) if at else timezone.localdate()
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise BadInput(NO_DAY) from error
    if day.year not in YEARS:
        raise BadInput(NO_DAY)
    return day


def address_of_next(request: HttpRequest, parameter: str, value: object) -> str:
    """The address of the page behind this one: the same query, but for this parameter."""
    return f"{request.path}?{urlencode({**request.GET.dict(), parameter: value})}"


def page_in(request: HttpRequest) -> int:
    """Which page of a long list `?page=` asks for; 1 for anything that is no number."""
    return whole_number(request.GET.get("page"), digits=6) or 1


def past_of(moment: datetime | None) -> Past | None:
    """What a whole screen says while it shows that moment."""
    if moment is None:
        return None
    return Past(moment=timezone.localtime(moment), words="What stood on this screen then.")


def slider_of_day(moment: datetime | None) -> Slider:
    """The slider of a whole screen: over the shop's day of that moment, or of today."""
    now = timezone.localtime()
    shown = timezone.localtime(moment) if moment else now
    first = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    return slider_between(first, min(now, first + timedelta(days=1)), shown)


def slider_between(
    first: datetime,
    last: datetime,
    shown: datetime,
    *,
    name: str = "at",
    label: str = "What had happened by",
) -> Slider:
    """A slider over these moments; `shown` is where its knob stands."""
    first, last, shown = (timezone.localtime(moment) for moment in (first, last, shown))
    span = max(1, round((last - first).total_seconds()))
    return Slider(
        name=name,
        label=label,
        value=shown.strftime(FIELD),
        first=first.strftime(FIELD),
        last=last.strftime(FIELD),
        seconds=min(span, max(0, round((shown - first).total_seconds()))),
        last_seconds=span,
    )


def live_state(view: str) -> dict[str, Any]:
    """`generation` and `seq` of a live screen, read before its rows: a push may only be newer.

    And `stale`: what is missing on it, for pages that are read without a script.
    """
    generation, seq = view_state(view)
    return {"generation": generation, "seq": seq, "stale": staleness_of(view)}
