"""The page of one order: where it is, now, or at any time in the past.

Shows what the customer just did even when the projection has not got there yet: then the order is
read from its own stream. Offers forms whose views stand in `orders`, and decides nothing.
"""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.event_store import StoreUnavailable
from orders.links import order_in
from projections.past import tracked_order_at
from projections.screens import order_tracking
from projections.screens.order_tracking import TrackedOrder, tracked_order
from projections.views.own_writes import after_own_writes, has_own_writes
from projections.views.query_parameters import live_state, moment_in
from projections.views.timeline import timeline
from projections.waiting import OrderWait, bar_wait


@after_own_writes(order_tracking.NAME)
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
    state = live_state(f"{order_tracking.SCREEN.view}:{order.hex}")
    now = order_now(request, order.hex)
    row = now if at is None else tracked_order_at(order.hex, at)
    if row is None:
        raise Http404
    moment = timezone.now()
    context = {
        "order": row,
        "is_followed": at is None and row.is_followed(moment),
        "can_say_here": row.can_say_here(moment),
        "token": token,
        "history": at,
        "here": reverse("order", args=(token,)),
        **state,
        "wait": wait_of(row) if at is None else None,
        "timeline": timeline((now or row).loaded_facts()),
        "pay_id": uuid4(),
        "cancel_id": uuid4(),
        "stop_id": uuid4(),
        "got_it_id": uuid4(),
        "here_id": uuid4(),
    }
    return render(request, "ordering/order.html", context)


@require_safe
@never_cache
def order_wait(request: HttpRequest, token: str) -> HttpResponse:
    """How long it will still take: asked for again by the page now and then."""
    order = order_in(token)
    row = None if order is None else tracked_order(order.hex)
    if row is None:
        raise Http404
    return render(request, "ordering/_wait.html", {"order": row, "wait": wait_of(row)})


def wait_of(row: TrackedOrder) -> OrderWait | None:
    """How long it will still take, as of now."""
    return bar_wait().wait_of_order(row.order, timezone.now())


def order_now(request: HttpRequest, order: str) -> TrackedOrder | None:
    """The order now: from the read model, or from its own stream if that is ahead."""
    seen = has_own_writes(request, order_tracking.NAME)
    row = tracked_order(order)
    if seen and row is not None:
        return row
    try:
        return tracked_order_at(order)
    except StoreUnavailable:
        if row is None:
            raise
        return row
