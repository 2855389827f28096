"""Open orders as a list with boxes to tick: what somebody looks at who wants to cancel many.

Shows; the command is orders'. The newest come first: a flood is at the top.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from projections.screens import cashier_desk
from projections.views.own_writes import after_own_writes, has_own_writes
from staff.permissions import allowed

LONGEST_SEARCH = 40
MOST_SHOWN = 200
"""As many as one form may cancel."""


@after_own_writes(cashier_desk.NAME)
@require_safe
@never_cache
@allowed("cancel_any_order")
def open_orders(request: HttpRequest) -> HttpResponse:
    """What may still be cancelled; `?q=` finds by number or name, `?unpaid=1` only what is unpaid.

    `?all=1` ticks every box.
    """
    q = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    unpaid = request.GET.get("unpaid") == "1"
    balances, count = cashier_desk.still_to_be_served(q, unpaid=unpaid, limit=MOST_SHOWN)
    context: dict[str, Any] = {
        "here": "open_orders",
        "balances": balances,
        "count": count,
        "q": q,
        "unpaid": unpaid,
        "ticked": request.GET.get("all") == "1",
        "behind": not has_own_writes(request, cashier_desk.NAME),
    }
    return render(request, "manage/open_orders.html", context)
