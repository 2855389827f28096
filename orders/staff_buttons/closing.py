"""Closing the bar: every order that is still open gets its ending, with one press.

Each order is a command of its own, or two, as its buttons give them; all are about the request that
closed the bar. Whoever may call off any order closes the bar. Knows nothing of the page.
"""

from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.command_handler import Done, handle
from orders.domain.command import Envelope, follow_up
from orders.domain.events import Disposition
from orders.domain.order_status import OrderStatus, fold
from orders.domain.ordering import CancelOrder, MarkNotCollected, ServeOrder
from orders.domain.preparation import PrepareAtClosing, StopPreparation
from orders.domain.refused import AlreadyReady, BadInput, NotPaid
from orders.domain.streams import order_stream
from orders.domain.ticket import Stage
from orders.event_codec import decode
from orders.event_store import event_store
from orders.requests import envelope_of
from orders.staff_buttons.buttons import DESK, reason_in
from orders.staff_buttons.selection import (
    chosen_orders,
    json_of,
    outcomes_of,
    parted,
    shown_after,
)
from staff.names import actor_of
from staff.permissions import allowed, wants_json


class Ending(StrEnum):
    """What became of an order that was open when the bar closed."""

    HANDED_OVER = "handed over"
    NOT_COLLECTED = "not collected"
    CANCELLED = "cancelled"


FIELD = "ending-"
"""With the order's hexadecimal id: the field that says its ending; "" leaves it open."""

LATER_FIELD = "later-"
"""The same of an order for later, to which the one ending for all of them does not apply."""


@require_POST
@never_cache
@allowed("cancel_any_order")
def close_bar(request: HttpRequest) -> HttpResponse:
    """Give each chosen order its ending, or all of them the same, and say what became of each."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    form = request.POST.dict()
    endings = _endings(form)
    reason = reason_in(form)
    if Ending.CANCELLED in endings.values() and not reason:
        raise BadInput("Please say why: the customers read it.")
    outcomes = outcomes_of(
        list(endings), lambda order: _end(order, endings[order], envelope, reason)
    )
    url = shown_after(outcomes, reverse("bar_close"))
    if wants_json(request):
        return json_of(outcomes, url, "ended")
    context: dict[str, Any] = {**parted(outcomes), "reason": reason, "back": url, "here": "bar"}
    context["again_endings"] = [(o.order, endings[o.order]) for o in context["again"]]
    context["command_id"] = envelope["command_id"]
    return render(request, "bar/closed.html", context)


def _endings(form: Mapping[str, str]) -> dict[UUID, Ending]:
    """The orders of the form with their endings. Raises `BadInput`."""
    all_of_them = form.get("all", "")
    said = {
        name.removeprefix(FIELD): all_of_them or value
        for name, value in form.items()
        if name.startswith(FIELD) and (all_of_them or value)
    }
    said |= {
        name.removeprefix(LATER_FIELD): value
        for name, value in form.items()
        if name.startswith(LATER_FIELD) and value
    }
    orders = chosen_orders(list(said))
    try:
        return {order: Ending(said[name]) for order, name in zip(orders, said, strict=True)}
    except ValueError as error:
        raise BadInput("Please say how each order ended. Please reload the page.") from error


def _end(order: UUID, ending: Ending, envelope: Envelope, reason: str) -> Done:
    """Raises a `Refused`, or what `handle` raises."""
    stream = order_stream(order)
    status = _status_of(stream)
    if ending is Ending.CANCELLED:
        return _cancel(stream, status, envelope, reason)
    if status.ticket.is_to_be_made:
        if ending is Ending.HANDED_OVER and status.due:
            raise NotPaid(status.due, status.balance.currency)
        own = follow_up(envelope, f"prepare {stream}")
        with suppress(AlreadyReady):
            handle(stream, PrepareAtClosing(**own, barista=envelope["actor"], desk=DESK))
    own = follow_up(envelope, f"{ending} {stream}")
    if ending is Ending.HANDED_OVER:
        return handle(stream, ServeOrder(**own))
    return handle(stream, MarkNotCollected(**own))


def _cancel(stream: str, status: OrderStatus, envelope: Envelope, reason: str) -> Done:
    """Call it off; and nobody will stand there any more to say what became of the drinks."""
    own = follow_up(envelope, f"cancel {stream}")
    is_being_made = status.ticket.stage is Stage.MAKING
    if not (is_being_made and status.ticket.cancelled):
        done = handle(stream, CancelOrder(**own, reason=reason, by_shop=True))
        if not is_being_made:
            return done
    own = follow_up(envelope, f"stop {stream}")
    return handle(stream, StopPreparation(**own, disposition=Disposition.WASTED))


def _status_of(stream: str) -> OrderStatus:
    facts = (decode(stored) for stored in event_store().read_stream(stream))
    return fold(fact for fact in facts if fact is not None)
