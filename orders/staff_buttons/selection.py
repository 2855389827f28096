"""Cancelling many orders with one press: after a flood, or when the machine is broken.

Each order is a command of its own, with an id that follows from the form's, as its single button at
the till gives it. So the form may be sent again: what is cancelled stays so, the rest is tried.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.command_handler import Done, handle
from orders.domain.command import follow_up
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
    done: bool = False
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
    orders = chosen_orders(request.POST.getlist("order"))
    reason = reason_in(request.POST.dict())
    if not reason:
        raise BadInput("Please say why: the customers read it.")

    def cancel(order: UUID) -> Done:
        own = follow_up(envelope, f"cancel {order.hex}")
        return handle(order_stream(order), CancelOrder(**own, reason=reason, by_shop=True))

    outcomes = outcomes_of(orders, cancel)
    url = shown_after(outcomes, reverse("open_orders"))
    if wants_json(request):
        return json_of(outcomes, url, "cancelled")
    context = {**parted(outcomes), "reason": reason, "back": url, "here": "open_orders"}
    context["command_id"] = envelope["command_id"]
    return render(request, "manage/cancelled.html", context)


def parted(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For a page: what was done, what was refused, and what of that is worth another try."""
    refused = [outcome for outcome in outcomes if not outcome.done]
    return {
        "done": [outcome for outcome in outcomes if outcome.done],
        "refused": refused,
        "again": [outcome for outcome in refused if outcome.worth_a_retry],
    }


def shown_after(outcomes: Sequence[Outcome], url: str) -> str:
    """The page, once it shows what was done."""
    position = max((outcome.position for outcome in outcomes), default=0)
    return after(url, position) if position else url


def chosen_orders(typed: Sequence[str]) -> list[UUID]:
    """The orders of the form, each once. Raises `BadInput`."""
    if not typed:
        raise BadInput("Please choose at least one order.")
    if len(typed) > MOST_AT_ONCE:
        raise BadInput(f"Please choose at most {MOST_AT_ONCE} orders at a time.")
    try:
        return list(dict.fromkeys(UUID(hex=order) for order in typed))
    except ValueError as error:
        raise BadInput("One of these is no order. Please reload the page.") from error


def outcomes_of(orders: Sequence[UUID], carry_out: Callable[[UUID], Done]) -> list[Outcome]:
    """One after the other; once the log is away or time is up, the rest is not tried."""
    deadline = time.monotonic() + SECONDS
    outcomes: list[Outcome] = []
    for order in orders:
        log_is_away = bool(outcomes) and outcomes[-1].code in LOG_AWAY
        if log_is_away or time.monotonic() > deadline:
            break
        outcomes.append(_outcome(order, carry_out))
    return outcomes + [
        Outcome(order=order, number="", code="not_tried", detail=NOT_TRIED, worth_a_retry=True)
        for order in orders[len(outcomes) :]
    ]


def _outcome(order: UUID, carry_out: Callable[[UUID], Done]) -> Outcome:
    try:
        done = carry_out(order)
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
    return Outcome(order=order, number=_number_of(order), done=True, position=done.position)


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


def json_of(outcomes: Sequence[Outcome], url: str, done: str) -> JsonResponse:
    """The outcomes for a script: the orders under the word `done`, and the refused ones."""
    response = JsonResponse(
        {
            done: [outcome.order.hex for outcome in outcomes if outcome.done],
            "refused": [
                {
                    "order": outcome.order.hex,
                    "code": outcome.code,
                    "detail": outcome.detail,
                    "retry": outcome.worth_a_retry,
                }
                for outcome in outcomes
                if not outcome.done
            ],
            "position": max((outcome.position for outcome in outcomes), default=0),
            "url": url,
        }
    )
    response["Cache-Control"] = "no-store"
    return response
