"""The figures of a day: what was ordered, made and paid, hour by hour, beside a week before."""

from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.refused import BadInput
from projections.screens.sales.figures import NAME
from projections.screens.sales.report import report_of_day
from projections.views.own_writes import after_own_writes
from projections.views.query_parameters import (
    YEARS,
    live_state,
    moment_in,
    past_of,
    slider_of_day,
)
from staff.permissions import allowed

NO_DAY = "The day in the address is none: write it like 2026-03-01."


@after_own_writes(NAME)
@require_safe
@never_cache
@allowed("see_sales")
def sales(request: HttpRequest) -> HttpResponse:
    """The page of a day; `?day=` chooses it, `?at=` shows it as it was at that moment."""
    at = moment_in(request)
    live = live_state(NAME)
    day, today = _day(request, at), timezone.localdate()
    context = {
        **live,
        **report_of_day(day, at),
        "here": "sales",
        "is_live": at is None and day == today,
        "yesterday": day - timedelta(days=1),
        "tomorrow": day + timedelta(days=1) if day < today else None,
        "history": past_of(at),
        "slider": slider_of_day(at),
    }
    return render(request, "manage/sales.html", context)


def _day(request: HttpRequest, at: datetime | None) -> date:
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
