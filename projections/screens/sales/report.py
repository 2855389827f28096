"""A day's figures in words and bars: what the sales page and its pushes show.

Knows no request.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from orders.domain.money import in_words
from projections.screens.sales.figures import ItemSales, Sales, minutes_of_day, sales_of_day
from projections.templatetags.charts import Bar

MOST_BARS = 12
"""So many items fit side by side; the table has all of them."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One big number with its name, and what it was a week before."""

    name: str
    words: str
    before: str


def report_of_day(day: date, at: datetime | None = None) -> dict[str, Any]:
    """The context of `manage/_sales.html`."""
    week_before = day - timedelta(days=7)
    today = sales_of_day(day, at)
    before = sales_of_day(week_before)
    currency = today.figures.currency or before.figures.currency or settings.CURRENCY
    return {
        "day": day,
        "week_before": week_before,
        "sales": today,
        "currency": currency,
        "figures": _figures(today, before, currency),
        "hours": _hours(day, week_before, currency, at),
        "items": _items(today.items),
    }


def _figures(today: Sales, before: Sales, currency: str) -> list[Figure]:
    now, then = today.figures, before.figures
    return [
        Figure(
            name="Taken", words=in_words(now.net, currency), before=in_words(then.net, currency)
        ),
        Figure(name="Orders", words=str(now.orders), before=str(then.orders)),
        Figure(
            name="On time",
            words=_percent(now.on_time_percent),
            before=_percent(then.on_time_percent),
        ),
        Figure(
            name="To ready, on average",
            words=_minutes(now.mean_seconds_to_ready),
            before=_minutes(then.mean_seconds_to_ready),
        ),
        Figure(name="Cancelled", words=str(now.cancelled), before=str(then.cancelled)),
        Figure(
            name="Written off",
            words=in_words(now.written_off, currency),
            before=in_words(then.written_off, currency),
        ),
    ]


def _percent(value: int | None) -> str:
    return "–" if value is None else f"{value} %"


def _minutes(seconds: float | None) -> str:
    return "–" if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02d}"


def _hours(day: date, week_before: date, currency: str, at: datetime | None) -> list[Bar]:
    """Money taken by the hour of the shop's clock, from the first busy hour to the last."""
    now, then = _by_hour(day, at), _by_hour(week_before, None)
    busy = now.keys() | then.keys()
    return [
        Bar(
            label=f"{hour:02d}",
            value=now.get(hour, 0),
            words=in_words(now[hour], currency) if now.get(hour) else "",
            before=then.get(hour, 0),
            before_words=in_words(then[hour], currency) if then.get(hour) else "",
        )
        for hour in (range(min(busy), max(busy) + 1) if busy else ())
    ]


def _by_hour(day: date, at: datetime | None) -> dict[int, int]:
    taken: dict[int, int] = defaultdict(int)
    for minute in minutes_of_day(day, at):
        if minute.net:
            taken[timezone.localtime(minute.minute).hour] += minute.net
    return dict(taken)


def _items(items: list[ItemSales]) -> list[Bar]:
    return [
        Bar(label=item.name, value=item.quantity, words=str(item.quantity))
        for item in items[:MOST_BARS]
    ]
