"""The promises of some days: how many were given and kept, by how much, when, and with what."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.refused import BadInput
from projections.screens import promises as screen
from projections.screens.promises import BENCHMARK_PERCENT, BENCHMARK_SECONDS, BUCKETS, Share
from projections.templatetags.charts import Bar
from projections.views.own_writes import after_own_writes
from projections.views.query_parameters import YEARS, moment_in, past_of, slider_of_day
from projections.waiting import bar_wait
from staff.permissions import allowed

USUAL_DAYS = 7
MOST_DAYS = 92


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table: an hour or an item."""

    label: str
    share: Share

    @property
    def lateness(self) -> str:
        """By how much half of them were early or late, in words."""
        return lateness_in_words(self.share.usually_late)


@after_own_writes(screen.NAME)
@require_safe
@never_cache
@allowed("see_sales")
def promises(request: HttpRequest) -> HttpResponse:
    """The page; `?from=` and `?to=` choose the days, `?at=` what was known at that moment."""
    at = moment_in(request)
    today = timezone.localdate(at) if at else timezone.localdate()
    last = _day(request, "to", today)
    first = _day(request, "from", last - timedelta(days=USUAL_DAYS - 1))
    if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        raise BadInput(f"Please choose up to {MOST_DAYS} days, the first one first.")
    found = screen.promises_between(first, last, bar_wait().seconds_of, at)
    context: dict[str, Any] = {
        "here": "promises",
        "first": first,
        "last": last,
        "promises": found,
        "usually": lateness_in_words(found.all.usually_late),
        "benchmark_percent": BENCHMARK_PERCENT,
        "benchmark_minutes": BENCHMARK_SECONDS // 60,
        "lateness": _lateness(found.by_lateness),
        "hour_bars": _bars(_hours(found.by_hour)),
        "hours": _hours(found.by_hour),
        "items": _items(found.by_item),
        "history": past_of(at),
        "slider": slider_of_day(at),
    }
    return render(request, "manage/promises.html", context)


def _day(request: HttpRequest, name: str, usual: date) -> date:
    typed = request.GET.get(name, "")
    if not typed:
        return usual
    try:
        day = date.fromisoformat(typed)
    except ValueError as error:
        raise BadInput("A day in the address is none: write it like 2026-03-01.") from error
    if day.year not in YEARS:
        raise BadInput("A day in the address is none: write it like 2026-03-01.")
    return day


def lateness_in_words(seconds: float | None) -> str:
    """`0:35 early`, `1:10 late`, `on the second`; a dash for none."""
    if seconds is None:
        return "–"
    whole = round(abs(seconds))
    if not whole:
        return "on the second"
    return f"{whole // 60}:{whole % 60:02d} {'late' if seconds > 0 else 'early'}"


def _lateness(counts: list[int]) -> list[Bar]:
    """The histogram: from far too early to far too late."""
    edges = [edge // 60 for edge in BUCKETS]
    labels = [f"over {-edges[0]} min early"]
    for least, most in pairwise(edges):
        labels.append(f"{-least}–{-most} early" if most <= 0 else f"{least}–{most} late")
    labels.append(f"over {edges[-1]} min late")
    return [
        Bar(label=label, value=count, words=str(count) if count else "")
        for label, count in zip(labels, counts, strict=True)
    ]


def _hours(by_hour: Mapping[int, Share]) -> list[Row]:
    return [Row(label=f"{hour:02d}:00", share=by_hour[hour]) for hour in sorted(by_hour)]


def _items(by_item: Mapping[str, Share]) -> list[Row]:
    """Those whose promises were kept the least often come first."""
    rows = [Row(label=name, share=share) for name, share in by_item.items()]
    return sorted(rows, key=lambda row: (row.share.kept_percent or 0, row.label))


def _bars(rows: Iterable[Row]) -> list[Bar]:
    return [
        Bar(label=row.label[:2], value=percent, words=f"{percent} %")
        for row in rows
        if (percent := row.share.kept_percent) is not None
    ]
