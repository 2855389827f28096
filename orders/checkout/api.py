"""Ordering by program: POST /api/orders/ with JSON, by the same rules as the page.

It reads no cookie: the customer follows from the command id, so no web page can order in
somebody's name and no CSRF token is needed. Prices cannot be sent; unknown fields are refused.
"""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orders.admission import origin_of_program
from orders.checkout.basket import BasketLine
from orders.checkout.placing import known_allergies, place, price
from orders.command_handler import handle
from orders.customers.guests import actor_of, customer_of_command
from orders.domain.refused import BadInput
from orders.domain.streams import order_stream
from orders.domain.words import Words
from orders.forms import plain_text
from orders.links import order_url
from orders.menu.card import Selection
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card
from orders.requests import envelope_of
from orders.responses import ProblemDetails, done_response, problem_response


class RequestedOrder(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order as a program sends it. `command_id` is the program's own, fresh for each order."""

    command_id: UUID
    items: list[Selection]
    name: str = ""
    note: str = ""
    allergies: list[str] = []
    pay: str = "counter"
    card_token: str = ""
    pick_up: str = ""
    hide_name: bool = False


@csrf_exempt
@require_POST
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    """Place an order: 201, or 200 with `Idempotent-Replayed` when it was placed before."""
    if request.content_type != "application/json":
        return problem_response(
            request, ProblemDetails(415, "not_json", gettext("Send the order as application/json."))
        )
    try:
        requested = msgspec.json.decode(request.body, type=RequestedOrder)
    except msgspec.ValidationError as error:
        words = Words("The order is not in the expected form: %(why)s.", why=str(error))
        raise BadInput(words) from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = ProblemDetails(400, "bad_json", gettext("The body is no JSON."))
        return problem_response(request, problem)
    return _place(request, requested)


def _place(request: HttpRequest, requested: RequestedOrder) -> HttpResponse:
    customer = customer_of_command(requested.command_id)
    envelope = envelope_of(request, actor_of(customer), requested.command_id)
    if requested.pay not in ("counter", "card"):
        raise BadInput("pay is counter or card.")
    card = checked_card(requested.card_token) if requested.pay == "card" else ""
    placed = place(
        price([BasketLine(n, item) for n, item in enumerate(requested.items, start=1)]),
        envelope,
        customer=customer,
        name=plain_text(requested.name),
        note=plain_text(requested.note),
        allergies=known_allergies(requested.allergies),
        payment=f"{requested.pay} {card}",
        pick_up=requested.pick_up,
        on_board=not requested.hide_name,
        origin=origin_of_program(request),
    )
    if card:
        handle(order_stream(placed.order), card_payment(envelope, card))
    return done_response(
        request,
        placed.done,
        order_url(placed.order),
        created=not placed.done.replayed,
        more={"number": placed.number},
    )
