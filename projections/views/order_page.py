"""The page of one order: where it is, now, or at any time in the past.

Shows what the customer just did even when the projection has not got there yet: then the order is
read from its own stream. Offers the forms that `orders/views` answers, and decides nothing.
"""

from datetime import datetime
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.fact import Fact
from orders.event_store import StoreUnavailable
from orders.links import order_in
from projections import queries
from projections.generations import ORDER_TRACKING
from projections.models import TrackedOrder
from projections.story import told_by
from projections.views.asking import LONGEST_WAIT, live_state, moment_in
from projections.views.film import film


@require_safe
@never_cache
def order_page(request: HttpRequest, token: str) -> HttpResponse:
    """The tracking page. 404 for a link that the shop did not sign, or an order that never was."""
    order = order_in(token)
    if order is None:
        raise Http404
    at = moment_in(request)
    # Before the row: a page that is newer than its number is corrected by its socket, an older
    # one would never be.
    state = live_state(f"order:{order.hex}")
    row = _order(order.hex, at=at, after=_position(request))
    if row is None:
        raise Http404
    context = {
        "order": row,
        "token": token,
        "history": at,
        "here": reverse("order", args=(token,)),
        **state,
        "film": film(_all_facts(row, at)),
        "pay_id": uuid4(),
        "cancel_id": uuid4(),
    }
    return render(request, "ordering/order.html", context)


def _order(
    order_hex: str, *, at: datetime | None = None, after: int | None = None
) -> TrackedOrder | None:
    if at is not None:
        return queries.tracked_order(order_hex, at=at)
    seen = after is None or queries.wait_for(ORDER_TRACKING, after, LONGEST_WAIT)
    row = queries.tracked_order(order_hex)
    if seen and row is not None:
        return row
    try:
        return queries.tracked_order_from_log(order_hex)
    except StoreUnavailable:
        if row is None:
            raise
        return row


def _all_facts(row: TrackedOrder, at: datetime | None) -> list[Fact]:
    """The facts of the whole film, also on a page of the past."""
    now = row if at is None else _order(row.order) or row
    return told_by(now.facts, now.order, now.name, now.note)


def _position(request: HttpRequest) -> int | None:
    after = request.GET.get("after", "")
    return int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
