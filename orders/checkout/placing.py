"""From wishes to an order: priced from the shop's menu, placed once, however often it is sent.

The one way in for the web page, the till and the API. It must not know which of them asks; that
is the actor of the command.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import timezone

from orders.checkout.basket import Wish
from orders.checkout.order_numbers import next_order_number
from orders.command_handler import Done, handle
from orders.domain import ordering, payment
from orders.domain.events import CoffeeOrdered, Line
from orders.domain.refused import BadInput, Refused
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.links import order_id_for
from orders.menu.cache import menu
from orders.menu.card import priced_line

PAYMENT = "payment"


@dataclass(frozen=True)
class PricedWish:
    """One line of a basket as the menu has it now. Amounts in cents; 0 where `error` says why."""

    wish: Wish
    name: str
    line: Line | None
    error: str = ""

    @property
    def price(self) -> int:
        """The price of the whole line."""
        return self.line.unit_price * self.line.quantity if self.line else 0


@dataclass(frozen=True)
class Placed:
    """An order that is written down, now or when the form came the first time."""

    order: UUID
    position: int
    replayed: bool
    number: int


def price(wishes: Sequence[Wish]) -> list[PricedWish]:
    """Every wish with today's name and price, or with the reason why it cannot be had."""
    card = menu()
    priced = []
    for number, wish in enumerate(wishes, start=1):
        item = card.item(wish.item)
        try:
            line = priced_line(
                card,
                line=number,
                item=wish.item,
                size=wish.size,
                choices=dict(wish.options),
                quantity=wish.quantity,
            )
            priced.append(PricedWish(wish, line.name, line))
        except Refused as error:
            name = item.name if item else "Something that is no longer on the menu"
            priced.append(PricedWish(wish, name, None, error.sentence))
    return priced


def total_of(priced: Sequence[PricedWish]) -> int:
    """What it comes to, in cents, without the lines that cannot be had."""
    return sum(one.price for one in priced)


def place(
    priced: Sequence[PricedWish],
    *,
    customer: UUID,
    command_id: UUID,
    actor: str,
    name: str,
    note: str,
    correlation: str = "",
) -> Placed:
    """Order these lines.

    Raises a `Refused` (`BadInput` for a line that cannot be had), `Conflict`,
    `StoreUnavailable` or `OutcomeUnknown`: then the same `command_id` may be sent again.
    """
    lines: list[Line] = []
    for one in priced:
        if one.line is None:
            raise BadInput(one.error)
        lines.append(replace(one.line, line=len(lines) + 1))
    now = timezone.now()
    day, number = next_order_number(now)
    order = order_id_for(customer.hex, command_id)
    done = handle(
        order_stream(order),
        ordering.SERVICE,
        ordering.PlaceOrder(
            command_id=command_id,
            at=now,
            actor=actor,
            number=number,
            day=day,
            customer=customer.hex,
            name=name,
            note=note,
            lines=tuple(lines),
            currency=settings.CURRENCY,
            promised_seconds=settings.PROMISE_SECONDS,
        ),
        correlation=correlation,
    )
    return _placed(order, done)


def start_card_payment(
    order: UUID, *, command_id: UUID, actor: str, card_token: str, correlation: str = ""
) -> Done:
    """Charge what is due to a card. The reactor asks the gateway; its answer is another fact."""
    # Its own id, made of the form's: one form may both order and pay.
    payment_id = uuid5(command_id, PAYMENT)
    return handle(
        order_stream(order),
        payment.SERVICE,
        payment.StartCardPayment(
            command_id=payment_id,
            at=timezone.now(),
            actor=actor,
            payment=payment_id.hex,
            card_token=card_token,
        ),
        correlation=correlation,
    )


def placed_before(customer: UUID, command_id: UUID) -> Placed | None:
    """The order that this form led to when it came earlier; None if it did not.

    So that a form sent again finds its order, whatever has become of basket and menu since.
    Raises `StoreUnavailable`.
    """
    order = order_id_for(customer.hex, command_id)
    for stored in event_store().read_stream(order_stream(order)):
        fact = decode(stored)
        if fact is not None and isinstance(fact.event, CoffeeOrdered):
            return Placed(order, fact.position, True, fact.event.number)
    return None


def _placed(order: UUID, done: Done) -> Placed:
    numbers = [one.event.number for one in done.facts if isinstance(one.event, CoffeeOrdered)]
    return Placed(order, done.position, done.replayed, numbers[0])
