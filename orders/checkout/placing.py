"""From basket lines to an order: priced from the menu, placed once, however often it is sent.

The one way in for the web page, the counter and the API. It must not know which of them it is;
that is the actor of the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings

from orders.admission import NotAdmitted, Origin, admission
from orders.checkout.basket import BasketLine
from orders.checkout.order_numbers import next_order_number
from orders.command_handler import Done, handle
from orders.domain.command import Envelope
from orders.domain.events import CoffeeOrdered, Line
from orders.domain.ordering import PlaceOrder
from orders.domain.refused import BadInput, Refused
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.links import order_id_for
from orders.menu.cache import menu
from orders.menu.card import priced_line


@dataclass(frozen=True)
class PricedLine:
    """One line of a basket as the menu has it now; without a `line` the `error` says why."""

    basket_line: BasketLine
    name: str
    line: Line | None
    error: str = ""

    @property
    def price(self) -> int:
        """The price of the whole line, in cents; 0 if it cannot be had."""
        return self.line.unit_price * self.line.quantity if self.line else 0


@dataclass(frozen=True)
class Placed:
    """An order that is written down, now or when the form came the first time."""

    order: UUID
    done: Done

    @property
    def number(self) -> int:
        """The number that is called out."""
        return next(e.number for e in self.done.events if isinstance(e, CoffeeOrdered))


def price(basket_lines: Sequence[BasketLine]) -> list[PricedLine]:
    """Every line with today's name and price, or with the reason why it cannot be had."""
    card = menu()
    priced = []
    for number, basket_line in enumerate(basket_lines, start=1):
        try:
            line = priced_line(card, number, basket_line.selection)
            priced.append(PricedLine(basket_line, line.name, line))
        except Refused as refusal:
            item = card.item(basket_line.selection.item)
            name = item.name if item else "Something that is no longer on the menu"
            priced.append(PricedLine(basket_line, name, None, refusal.sentence))
    return priced


def total_of(priced: Sequence[PricedLine]) -> int:
    """What it comes to, in cents, without the lines that cannot be had."""
    return sum(line.price for line in priced)


def place(
    priced: Sequence[PricedLine],
    envelope: Envelope,
    *,
    customer: UUID,
    name: str,
    note: str,
    origin: Origin | None,
) -> Placed:
    """Order these lines; `origin` is where a guest's order comes from, None at the counter.

    Raises a `Refused` (`BadInput` for a line that cannot be had), `NotAdmitted`, `Conflict`,
    `StoreUnavailable` or `OutcomeUnknown`: then the same command id may be sent again.
    """
    lines = [wanted.line for wanted in priced if wanted.line is not None]
    if len(lines) < len(priced):
        raise BadInput(next(wanted.error for wanted in priced if wanted.error))
    order = order_id_for(customer.hex, envelope["command_id"])
    write_down = partial(
        _write_down, order, lines, envelope, customer=customer, name=name, note=note
    )
    try:
        with admission().admitted(order, origin):
            return write_down()
    except NotAdmitted:
        if placed_before(customer, envelope["command_id"]) is None:
            raise
        return write_down()  # it is written down already: the answer is the first one


def _write_down(
    order: UUID,
    lines: Sequence[Line],
    envelope: Envelope,
    *,
    customer: UUID,
    name: str,
    note: str,
) -> Placed:
    day, number = next_order_number(envelope["at"])
    command = PlaceOrder(
        **envelope,
        number=number,
        day=day,
        customer=customer.hex,
        name=name,
        note=note,
        lines=tuple(lines),
        currency=settings.CURRENCY,
        promised_seconds=settings.PROMISE_SECONDS,
    )
    return Placed(order, handle(order_stream(order), command))


def placed_before(customer: UUID, command_id: UUID) -> Placed | None:
    """The order that this form led to when it came earlier; None if it did not.

    So that a form sent again finds its order, whatever has become of basket and menu since.
    Raises `StoreUnavailable`.
    """
    order = order_id_for(customer.hex, command_id)
    for stored in event_store().read_stream(order_stream(order)):
        fact = decode(stored)
        if fact is not None and isinstance(fact.event, CoffeeOrdered):
            return Placed(
                order,
                Done(
                    position=fact.position,
                    revision=fact.revision,
                    replayed=True,
                    events=(fact.event,),
                ),
            )
    return None
