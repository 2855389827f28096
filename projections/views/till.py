"""The cashier's desk, now or at a moment in the past. Shows; the buttons are orders'."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projections import queries
from projections.generations import CASHIER_DESK, active_rows
from projections.models import Balance
from projections.views.asking import (
    live_state,
    moment_in,
    past_of,
    slider_of_day,
    wait_for_own_news,
)
from staff.permissions import allowed

LONGEST_SEARCH = 40
FOUND_AT_MOST = 20


@require_safe
@never_cache
@allowed("see_desk")
def till(request: HttpRequest) -> HttpResponse:
    """Open balances, the most urgent first; `?order=` is chosen, `?q=` finds settled ones too."""
    wait_for_own_news(request, CASHIER_DESK)
    at = moment_in(request)
    live = live_state(CASHIER_DESK)
    q = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    balances = queries.cashier_desk(at, q)
    chosen = request.GET.get("order", "")
    found = _found(q, chosen, balances) if at is None else []
    if not chosen and len(found) == 1:
        chosen = found[0].order
    context: dict[str, Any] = {
        **live,
        "here": "till",
        "balances": balances,
        "found": found,
        "q": q,
        "selected": chosen or (balances[0].order if balances else ""),
        "history": past_of(at),
        "slider": slider_of_day(at),
    }
    return render(request, "till/desk.html", context)


def _found(q: str, chosen: str, shown: list[Balance]) -> list[Balance]:
    """What was looked for and does not stand among the open balances."""
    rows = active_rows(Balance)
    if q.isascii() and q.isdigit() and len(q) <= 6:
        rows = rows.filter(number=int(q))
    elif q:
        rows = rows.filter(name__istartswith=q)
    elif chosen:
        rows = rows.filter(order=chosen[:32])
    else:
        return []
    here = {one.order for one in shown}
    latest = rows.order_by("-ordered_at")[: FOUND_AT_MOST + len(here)]
    return [one for one in latest if one.order not in here][:FOUND_AT_MOST]
