"""Cancelling many orders with one press: after a flood, or when the machine is broken.

Each order is a command of its own, with an id that follows from the form's, as its single button at
the till gives it. So the form may be sent again: what is cancelled stays so, the rest is tried.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.command_handler import handle
from orders.domain.command import Envelope, follow_up
from orders.domain.events import CoffeeOrdered
from orders.domain.order_words import shown_number
from orders.domain.ordering import CancelOrder
from orders.domain.refused import BadInput, Refused
from orders.domain.streams import order_stream
from orders.event_codec import Undecodable, decode
from orders.event_store import EventStoreError, OutcomeUnknown, StoreUnavailable, event_store
from orders.requests import envelope_of
from orders.responses import AWAY, after, problem_of
from orders.staff_buttons.buttons import reason_in
from staff.names import actor_of
from staff.permissions import allowed, wants_json

MOST_AT_ONCE = 200
SECONDS = 8.0
"""Of work; a request may take 15. What is left then is tried when the form is sent again."""


NOT_TRIED = "Not tried yet."
LOG_AWAY = (StoreUnavailable.code, OutcomeUnknown.code)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one order of the selection."""

    order: UUID
    number: str  # as people see it; "" if the order is not known
    cancelled: bool = False
    code: str = ""
    detail: str = ""  # why not
    worth_a_retry: bool = False
    position: int = 0


@require_POST
@never_cache
@allowed("cancel_any_order")
def cancel_selection(request: HttpRequest) -> HttpResponse:
    """Cancel the chosen orders with one reason, and say what became of each."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    orders = _chosen(request.POST.getlist("order"))
    reason = reason_in(request.POST.dict())
    if not reason:
        raise BadInput("Please say why: the customers read it.")
    outcomes = _cancel(orders, envelope, reason)
    cancelled = [outcome for outcome in outcomes if outcome.cancelled]
    refused = [outcome for outcome in outcomes if not outcome.cancelled]
    position = max((outcome.position for outcome in cancelled), default=0)
    url = after(reverse("open_orders"), position) if position else reverse("open_orders")
    if wants_json(request):
        return _json(cancelled, refused, url, position)
    context = {
        "cancelled": cancelled,
        "refused": refused,
        "again": [outcome for outcome in refused if outcome.worth_a_retry],
        "reason": reason,
        "command_id": envelope["command_id"],
        "back": url,
        "here": "open_orders",
    }
    return render(request, "manage/cancelled.html", context)


def _chosen(typed: Sequence[str]) -> list[UUID]:
    """The orders of the form, each once. Raises `BadInput`."""
    if not typed:
        raise BadInput("Please choose at least one order.")
    if len(typed) > MOST_AT_ONCE:
        raise BadInput(f"Please choose at most {MOST_AT_ONCE} orders at a time.")
    try:
        return list(dict.fromkeys(UUID(hex=order) for order in typed))
    except ValueError as error:
        raise BadInput("One of these is no order. Please reload the page.") from error


def _cancel(orders: Sequence[UUID], envelope: Envelope, reason: str) -> list[Outcome]:
    """One after the other; once the log is away or time is up, the rest is not tried."""
    deadline = time.monotonic() + SECONDS
    outcomes: list[Outcome] = []
    for order in orders:
        log_is_away = bool(outcomes) and outcomes[-1].code in LOG_AWAY
        if log_is_away or time.monotonic() > deadline:
            break
        outcomes.append(_outcome(order, envelope, reason))
    return outcomes + [
        Outcome(order=order, number="", code="not_tried", detail=NOT_TRIED, worth_a_retry=True)
        for order in orders[len(outcomes) :]
    ]


def _outcome(order: UUID, envelope: Envelope, reason: str) -> Outcome:
    command = CancelOrder(**follow_up(envelope, f"cancel {order.hex}"), reason=reason, by_shop=True)
    try:
        done = handle(order_stream(order), command)
    except (*AWAY, Refused) as error:
        problem = problem_of(error)
        assert problem is not None
        return Outcome(
            order=order,
            number=_number_of(order) if isinstance(error, Refused) else "",
            code=problem.code,
            detail=problem.detail,
            worth_a_retry=not isinstance(error, Refused),
        )
    return Outcome(order=order, number=_number_of(order), cancelled=True, position=done.position)


def _number_of(order: UUID) -> str:
    """The number that was called out for an order; "" if it cannot be read."""
    try:
        for stored in event_store().read_stream(order_stream(order)):
            fact = decode(stored)
            if fact is not None and isinstance(fact.event, CoffeeOrdered):
                return shown_number(fact.event.number)
    except (EventStoreError, Undecodable):
        pass
    return ""


def _json(
    cancelled: Sequence[Outcome], refused: Sequence[Outcome], url: str, position: int
) -> JsonResponse:
    response = JsonResponse(
        {
            "cancelled": [outcome.order.hex for outcome in cancelled],
            "refused": [
                {
                    "order": outcome.order.hex,
                    "code": outcome.code,
                    "detail": outcome.detail,
                    "retry": outcome.worth_a_retry,
                }
                for outcome in refused
            ],
            "position": position,
            "url": url,
        }
    )
    response["Cache-Control"] = "no-store"
    return response
