"""The page of one order: where it is, now, or at any time in the past.

Shows what the customer just did even when the projection has not got there yet: then the order is
read from its own stream. Offers the forms that `orders/views` answers, and decides nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_current_timezone, is_aware
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.domain.fact import Fact
from orders.domain.refused import BadInput
from orders.links import order_in
from orders.stored_event import StoreUnavailable
from projections import queries
from projections.generations import ORDER_TRACKING, active_generation
from projections.models import TrackedOrder, View
from projections.story import told_by
from projections.views.film import film

LONGEST_WAIT = 1.0
"""Seconds a page waits for its own news before it reads them from the log."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for besides the order."""

    after: int | None
    at: datetime | None


@require_safe
@never_cache
def order_page(request: HttpRequest, token: str) -> HttpResponse:
    """The tracking page. 404 for a link that the shop did not sign, or an order that never was."""
    order = order_in(token)
    if order is None:
        raise Http404
    asked = _asked(request)
    row = _order(order.hex, asked)
    if row is None:
        raise Http404
    generation = active_generation(ORDER_TRACKING)
    context = {
        "order": row,
        "token": token,
        "history": asked.at,
        "here": reverse("order", args=(token,)),
        "generation": generation,
        "seq": _seq(order.hex, generation),
        "film": film(_all_facts(row, asked)),
        "pay_id": uuid4(),
        "cancel_id": uuid4(),
    }
    return render(request, "ordering/order.html", context)


def _order(order_hex: str, asked: Asked) -> TrackedOrder | None:
    if asked.at is not None:
        return queries.tracked_order(order_hex, at=asked.at)
    seen = asked.after is None or queries.wait_for(ORDER_TRACKING, asked.after, LONGEST_WAIT)
    row = queries.tracked_order(order_hex)
    if seen and row is not None:
        return row
    try:
        return queries.tracked_order_from_log(order_hex)
    except StoreUnavailable:
        if row is None:
            raise
        return row


def _all_facts(row: TrackedOrder, asked: Asked) -> list[Fact]:
    """The facts of the whole film, also on a page of the past."""
    now = row if asked.at is None else _order(row.order, Asked(None, None)) or row
    return told_by(now.facts, now.order, now.name, now.note)


def _seq(order_hex: str, generation: int) -> int:
    """The state number of this order's live page, from which pushes are counted on."""
    view = View.objects.filter(name=f"order:{order_hex}", generation=generation).first()
    return view.seq if view else 0


def _asked(request: HttpRequest) -> Asked:
    after = request.GET.get("after", "")
    position = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    said = request.GET.get("at", "")
    if not said:
        return Asked(position, None)
    try:
        at = parse_datetime(said.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None:
        raise BadInput("The time in the address is none: write it like 2026-03-01T11:05:00.")
    return Asked(position, at if is_aware(at) else at.replace(tzinfo=get_current_timezone()))
