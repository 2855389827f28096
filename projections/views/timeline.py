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
    StopDeclined,
)
from orders.domain.fact import Fact
from orders.domain.order_words import REMADE
from staff.names import name_of

WORDS: dict[type[Event], str] = {
    CoffeeOrdered: "You ordered",
    OrderAmended: "You changed your order",
    CancellationRequested: "You asked us to stop",
    OrderCancelled: "The order was cancelled",
    OrderServed: "You have it in your hands",
    CustomerArrived: "You said that you are here",
    OrderNotCollected: "Nobody came for it",
    LinePrepared: "A part is done",
    LineBroughtBack: "A part is made again",
    CoffeePrepared: "Ready",
    PreparationReleased: "Back in the queue",
    BroughtBack: "Back at the bar",
    PreparationStopped: "The bar stopped",
    StopDeclined: "It was too late to stop",
    OrderResumed: "In the queue again",
    OrderDeprioritised: "It waits its turn again",
    PaymentStarted: "The card was asked",
    OrderPaid: "Paid",
    PaymentDeclined: "The card was declined",
    PaymentRolledBack: "The payment came to nothing; nothing was charged",
    RefundStarted: "Your money is on its way back",
    PaymentRefunded: "Your money is back",
    PaymentWrittenOff: "There is nothing to pay",
}


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
        words = _words(fact.event)
        if words:
            moments.append(Moment(fact.occurred_at.isoformat(), fact, words))
    return moments


def _words(event: Event) -> str:
    match event:
        case PreparationStarted(barista=barista):
            return f"{name_of(barista)} started"
        case OrderHeld(reason=reason):
            return f"On hold: {reason}"
        case OrderPrioritised(reason=rush):
            return f"It goes before others: {rush}"
        case BroughtBack(reason=reason) if reason in REMADE:
            return f"Made again: {REMADE[reason]}"
    return WORDS.get(type(event), "")
