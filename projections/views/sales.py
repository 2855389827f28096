"""The figures of a day: what was ordered, made and paid, hour by hour, beside a week before."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projections.screens.sales.figures import NAME
from projections.screens.sales.report import report_of_day
from projections.views.own_writes import after_own_writes
from projections.views.query_parameters import (
    day_in,
    live_state,
    moment_in,
    past_of,
    slider_of_day,
)
from staff.permissions import allowed


@after_own_writes(NAME)
@require_safe
@never_cache
@allowed("see_sales")
def sales(request: HttpRequest) -> HttpResponse:
    """The page of a day; `?day=` chooses it, `?at=` shows it as it was at that moment."""
    at = moment_in(request)
    live = live_state(NAME)
    day, today = day_in(request, at), timezone.localdate()
    context = {
        **live,
        **report_of_day(day, at),
        "here": "sales",
        "is_live": at is None and day == today,
        "yesterday": day - timedelta(days=1),
        "tomorrow": day + timedelta(days=1) if day < today else None,
        "history": past_of(at),
        "slider": slider_of_day(at or (_end_of(day) if day < today else None)),
    }
    return render(request, "manage/sales.html", context)


def _end_of(day: date) -> datetime:
    """The last second of a day: the way into the past begins on the day that is shown."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
