"""Ordering by program: POST /api/orders/ with JSON, by the same rules as the page.

It reads no cookie: the customer follows from the command id, so no web page can order in
somebody's name and no CSRF token is needed. Prices cannot be sent; unknown fields are refused.
"""

from typing import Annotated
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from msgspec import Meta

from api.requests import command_id_of
from orders.admission import origin_of_program
from orders.checkout.basket import BasketLine
from orders.checkout.placing import known_allergies, place, price
from orders.command_handler import handle
from orders.customers.guests import actor_of, customer_of_command
from orders.domain.limits import LONGEST_NAME, LONGEST_NOTE, MOST_LINES
from orders.domain.streams import order_stream
from orders.forms import plain_text
from orders.links import order_token, order_url
from orders.menu.card import Selection
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card
from orders.requests import envelope_of
from orders.responses import done_response
from staff.tokens import program_of


class RequestedOrder(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order as a program sends it. `command_id` is another way to say the `Idempotency-Key`."""

    items: Annotated[list[Selection], Meta(max_length=MOST_LINES)]
    command_id: UUID | None = None
    name: Annotated[str, Meta(max_length=LONGEST_NAME)] = ""
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""
    allergies: list[str] = []
    pay: Annotated[str, Meta(pattern="^(counter|card)$")] = "counter"
    card_token: str = ""
    pick_up: str = ""
    hide_name: bool = False


class PlacedShape(msgspec.Struct, frozen=True, kw_only=True):
    """A placed order. `url` is its customer's page, `follow` the same for programs."""

    position: int
    replayed: bool
    url: str
    number: int
    order: str
    follow: str


def place_order(request: HttpRequest, body: RequestedOrder) -> HttpResponse:
    """Place an order: 201, or 200 with `Idempotent-Replayed` when it was placed before."""
    command_id = body.command_id or command_id_of(request, program_of(request))
    customer = customer_of_command(command_id)
    envelope = envelope_of(request, actor_of(customer), command_id)
    card = checked_card(body.card_token) if body.pay == "card" else ""
    placed = place(
        price([BasketLine(n, item) for n, item in enumerate(body.items, start=1)]),
        envelope,
        customer=customer,
        name=plain_text(body.name),
        note=plain_text(body.note),
        allergies=known_allergies(body.allergies),
        payment=f"{body.pay} {card}",
        pick_up=body.pick_up,
        on_board=not body.hide_name,
        origin=origin_of_program(request),
    )
    if card:
        handle(order_stream(placed.order), card_payment(envelope, card))
    return done_response(
        request,
        placed.done,
        order_url(placed.order),
        created=not placed.done.replayed,
        more={
            "number": placed.number,
            "order": placed.order.hex,
            "follow": reverse("api_order", args=(order_token(placed.order),)),
        },
    )
