"""The timeline of one order: each fact in its customer's words, with the time it happened."""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.domain.event import Event
from orders.domain.events import (
    BroughtBack,
    CancellationRequested,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
    LineBroughtBack,
    LinePrepared,
    OrderAmended,
    OrderCancelled,
    OrderDeprioritised,
    OrderHeld,
    OrderNotCollected,
    OrderPaid,
    OrderPrioritised,
    OrderResumed,
    OrderServed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RefundStarted,
    RushReason,
    StopDeclined,
)
from orders.domain.fact import Fact
from orders.domain.order_words import REMADE
from orders.domain.words import Words
from orders.languages import translated
from staff.names import name_of

WORDS: dict[type[Event], Words] = {
    CoffeeOrdered: Words("You ordered"),
    OrderAmended: Words("You changed your order"),
    CancellationRequested: Words("You asked us to stop"),
    OrderCancelled: Words("The order was cancelled"),
    OrderServed: Words("You have it in your hands"),
    CustomerArrived: Words("You said that you are here"),
    OrderNotCollected: Words("Nobody came for it"),
    LinePrepared: Words("A part is done"),
    LineBroughtBack: Words("A part is made again"),
    CoffeePrepared: Words("Ready"),
    PreparationReleased: Words("Back in the queue"),
    BroughtBack: Words("Back at the bar"),
    PreparationStopped: Words("The bar stopped"),
    StopDeclined: Words("It was too late to stop"),
    OrderResumed: Words("In the queue again"),
    OrderDeprioritised: Words("It waits its turn again"),
    PaymentStarted: Words("The card was asked"),
    OrderPaid: Words("Paid"),
    PaymentDeclined: Words("The card was declined"),
    PaymentRolledBack: Words("The payment came to nothing; nothing was charged"),
    RefundStarted: Words("Your money is on its way back"),
    PaymentRefunded: Words("Your money is back"),
    PaymentWrittenOff: Words("There is nothing to pay"),
}

RUSHED: dict[RushReason, Words] = {
    RushReason.WAITED_LONG: Words("it waited long"),
    RushReason.ACCESSIBILITY: Words("somebody cannot stand and wait"),
    RushReason.SHOP: Words("the shop asks for it"),
}
"""Why an order is made before others, as a customer may read it."""


@dataclass(frozen=True)
class Moment:
    """One fact. `at` is its time as an address takes it."""

    at: str
    fact: Fact
    words: str


def timeline(facts: Sequence[Fact]) -> list[Moment]:
    """Every fact of one order, first to last. An unknown type is left out."""
    moments = []
    for fact in facts:
        words = translated(_words(fact.event))
        if words:
            moments.append(Moment(fact.occurred_at.isoformat(), fact, words))
    return moments


def _words(event: Event) -> str:
    match event:
        case PreparationStarted(barista=barista):
            return Words("%(barista)s started", barista=name_of(barista))
        case OrderHeld(reason=reason):
            return Words("On hold: %(reason)s", reason=Words(reason))
        case OrderPrioritised(reason=rush):
            return Words("It goes before others: %(reason)s", reason=RUSHED[rush])
        case BroughtBack(reason=reason) if reason in REMADE:
            return Words("Made again: %(reason)s", reason=REMADE[reason])
    return WORDS.get(type(event), "")
