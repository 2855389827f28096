"""The cashier's desk, now or at a moment in the past. Shows; the buttons are orders'."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projections.past import orders_seen_at
from projections.screens import cashier_desk, directory
from projections.views.own_writes import after_own_writes
from projections.views.query_parameters import (
    live_state,
    moment_in,
    page_in,
    past_of,
    slider_of_day,
)
from staff.permissions import allowed

LONGEST_SEARCH = 40


@after_own_writes(cashier_desk.NAME)
@require_safe
@never_cache
@allowed("see_desk")
def till(request: HttpRequest) -> HttpResponse:
    """Open balances, the most urgent first; `?order=` is chosen, `?q=` finds settled ones too."""
    at = moment_in(request)
    live = live_state(cashier_desk.NAME)
    q = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    balances = cashier_desk.open_balances(q, orders_seen_at(at))
    rows = Paginator(balances, cashier_desk.BALANCES_SHOWN).get_page(page_in(request))
    chosen = request.GET.get("order", "")
    looked_for = _looked_for(q, chosen)
    if q and at is None and rows.number == 1:
        # What a live screen has no room for leaves its list again: it is found beside the list.
        shown = cashier_desk.shown_live()
        looked_for = [*looked_for, *(balance.order for balance in rows)]
        rows.object_list = [balance for balance in rows if balance.order in shown]
    found = cashier_desk.found_beside(looked_for, rows) if at is None else []
    if not chosen and len(found) == 1:
        chosen = found[0].order
    context: dict[str, Any] = {
        **live,
        "here": "till",
        "rows": rows,
        "left_out": rows.paginator.count - len(rows),
        "is_live": at is None and rows.number == 1,
        "found": found,
        "q": q,
        "selected": chosen or (rows[0].order if rows else ""),
        "history": past_of(at),
        "slider": slider_of_day(at),
    }
    return render(request, "till/desk.html", context)


def _looked_for(q: str, order: str) -> list[str]:
    """The orders with that number or name, or else the chosen one, whether settled or not."""
    return directory.find_orders(q) if q else [order] if order else []
