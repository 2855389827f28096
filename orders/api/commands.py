"""What programs can have done: an order by its link, the staff's buttons, the shop as a whole.

Each is the command that a page gives; this module only reads JSON instead of a form. The id of a
command is the request's `Idempotency-Key` (`api.requests`).
"""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from msgspec import Meta

from api.operation import Operation
from api.requests import command_id_of
from orders.checkout.basket import BasketLine
from orders.checkout.changing import amend, status_of
from orders.checkout.placing import known_allergies, price
from orders.command_handler import handle
from orders.domain.command import Command, Envelope
from orders.domain.events import StockKind
from orders.domain.limits import LONGEST_NOTE, MOST_LINES
from orders.domain.ordering import AskToStop, CancelOrder, SayHere, ServeOrder
from orders.domain.streams import order_stream
from orders.forms import plain_text
from orders.links import order_in, order_token
from orders.menu.card import Selection
from orders.menu.views import mark
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card
from orders.requests import envelope_of
from orders.responses import done_response
from orders.shop_state import tell_the_shop
from orders.staff_buttons.buttons import BUTTONS, LONGEST_CARD_TOKEN, Button
from orders.staff_buttons.fields import Fields
from orders.staff_buttons.press import carry_out
from orders.staff_buttons.shop_buttons import PACE, PaceButton
from staff.names import actor_of
from staff.tokens import program_of

READS = {"bar": "api_queue", "till": "api_desk"}
"""The operation of the reading side that shows what a screen's buttons do."""


class DoneShape(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out, now or (`replayed`) when it came the first time.

    `position` is the commit position behind which everything it did stands: `?after=` waits for it.
    """

    position: int
    replayed: bool
    url: str


class ChangedOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole order as it is to be from now on.

    `replaces` is the `amendments` of the order that was looked at: one that changed since is not
    changed again unseen.
    """

    items: Annotated[list[Selection], Meta(min_length=1, max_length=MOST_LINES)]
    replaces: Annotated[int, Meta(ge=0, le=9999)]
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""
    allergies: list[str] = []


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The card that is charged; a demo knows `demo-approve` and some others."""

    card_token: Annotated[str, Meta(max_length=LONGEST_CARD_TOKEN)]


class HowLong(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how long there is none of it; "no": it is back."""

    sold_out: Annotated[str, Meta(pattern="^(hour|today|until I say|no)$")]


# --- by the order's link -------------------------------------------------------------------------


def linked_order(_request: HttpRequest, token: str) -> UUID:
    """The order of a link's token. Raises `Http404`."""
    order = order_in(token)
    if order is None:
        raise Http404
    return order


def _by_link(
    request: HttpRequest, order: UUID, command_of: Callable[[Envelope], Command]
) -> HttpResponse:
    done = handle(order_stream(order), command_of(_envelope(request)))
    return done_response(request, done, _address_of(order))


def _address_of(order: UUID) -> str:
    return reverse("api_order", args=(order_token(order),))


def _envelope(request: HttpRequest) -> Envelope:
    """A link says nothing about who holds it, and cookies count for nothing here."""
    program = program_of(request)
    actor = "customer-unknown" if program is None else actor_of(program)
    return envelope_of(request, actor, command_id_of(request, program))


def cancel(request: HttpRequest, order: UUID) -> HttpResponse:
    """Call the order off, while nobody has started."""
    return _by_link(request, order, lambda e: CancelOrder(**e, reason="", by_shop=False))


def ask_to_stop(request: HttpRequest, order: UUID) -> HttpResponse:
    """Ask the bar to stop what it makes already."""
    return _by_link(request, order, lambda e: AskToStop(**e))


def say_here(request: HttpRequest, order: UUID) -> HttpResponse:
    """Say that its customer is here."""
    return _by_link(request, order, lambda e: SayHere(**e))


def got_it(request: HttpRequest, order: UUID) -> HttpResponse:
    """Say that its customer has it in their hands."""
    return _by_link(request, order, lambda e: ServeOrder(**e))


def pay(request: HttpRequest, order: UUID, body: Card) -> HttpResponse:
    """Charge what is due to a card. The outcome is a fact, some moments later."""
    card = checked_card(body.card_token)
    return _by_link(request, order, lambda e: card_payment(e, card))


def change(request: HttpRequest, order: UUID, body: ChangedOrder) -> HttpResponse:
    """Have the order otherwise, while nobody has started."""
    status = status_of(order)
    done = amend(
        order,
        status,
        price([BasketLine(n, item) for n, item in enumerate(body.items, start=1)]),
        _envelope(request),
        note=plain_text(body.note),
        allergies=known_allergies(body.allergies),
        replaces=body.replaces,
    )
    return done_response(request, done, _address_of(order))


# --- by the staff --------------------------------------------------------------------------------


def _staff_envelope(request: HttpRequest) -> Envelope:
    account = request.user.pk or 0
    return envelope_of(request, actor_of(account), command_id_of(request, account))


def button_operation(screen: str, action: str, button: Button) -> Operation:
    """The operation of one of the staff's buttons."""

    def respond(request: HttpRequest, order: str, body: Fields) -> HttpResponse:
        try:
            found = UUID(hex=order)
        except ValueError as error:
            raise Http404 from error
        url = reverse(READS[screen])
        return carry_out(request, found, button, _staff_envelope(request), body.form(), url)

    return Operation(
        name=f"api_{screen}_{action.replace('-', '_')}",
        method="POST",
        path=f"/api/{screen}/{{order}}/{action}/",
        tag=screen,
        summary=f"The {screen}'s button “{action.replace('-', ' ')}”",
        permission=button.permission,
        respond=respond,
        body=button.takes,
        returns=DoneShape,
    )


def pace_operation(action: str, button: PaceButton) -> Operation:
    """The operation of a button about how much the bar takes on."""

    def respond(request: HttpRequest, body: Fields) -> HttpResponse:
        done = tell_the_shop(button.command(_staff_envelope(request), body.form()))
        return done_response(request, done, reverse("api_queue"))

    return Operation(
        name=f"api_pace_{action}",
        method="POST",
        path=f"/api/pace/{action}/",
        tag="bar",
        summary=f"How much the bar takes on: {action}",
        permission="prepare",
        respond=respond,
        body=button.takes,
        returns=DoneShape,
    )


def sold_out(request: HttpRequest, kind: str, slug: str, body: HowLong) -> HttpResponse:
    """Mark an item or an option as sold out for a while, or as back in stock."""
    if kind not in set(StockKind):
        raise Http404
    done = mark(StockKind(kind), slug, body.sold_out, _staff_envelope(request))
    return done_response(request, done, reverse("api_menu"))


STAFF_OPERATIONS: tuple[Operation, ...] = (
    *(
        button_operation(screen, action, button)
        for screen, buttons in BUTTONS.items()
        for action, button in buttons.items()
    ),
    *(pace_operation(action, button) for action, button in PACE.items()),
)
"""From the tables of the buttons: a new button is an operation by itself."""
