"""The order, seen from the counter: asked for, off, ready, paid, handed over.

What ordering decides on, and only that, folded from the facts of all three services. Accepts any
history.
"""

from dataclasses import dataclass, replace

from orders.domain.event import Event
from orders.domain.events import (
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    LinePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
)


@dataclass(frozen=True)
class Order:
    """What the decisions of this service need to know of one order."""

    ordered: bool = False
    being_made: bool = False
    touched: bool = False  # at least one line was made, in this round or an earlier one
    prepared: bool = False
    due: int = 0  # cents
    currency: str = ""
    cancelled: bool = False
    served: bool = False
    not_collected: bool = False

    @property
    def may_be_cancelled_by_customer(self) -> bool:
        """Whether the customer may still call it off alone: nobody has started."""
        started = self.being_made or self.touched
        return self.ordered and not (self.cancelled or self.served or started)

    @property
    def may_be_served(self) -> bool:
        """Whether it may be handed over: ready, and nothing left to pay."""
        return self.ordered and self.prepared and not (self.due or self.cancelled or self.served)


def evolve(order: Order, event: Event) -> Order:
    """The order after this fact."""
    match event:
        case CoffeeOrdered():
            due = 0 if order.ordered else event.total
            return replace(order, ordered=True, due=due, currency=event.currency)
        case OrderCancelled():
            return replace(order, cancelled=True)
        case OrderServed():
            return replace(order, served=True, not_collected=False)
        case OrderNotCollected():
            return replace(order, not_collected=True)
        case OrderPaid() | PaymentWrittenOff():
            return replace(order, due=0)
    return _after_the_bar(order, event)


def _after_the_bar(order: Order, event: Event) -> Order:
    match event:
        case PreparationStarted():
            return replace(order, being_made=True)
        case PreparationReleased():
            return replace(order, being_made=False)
        case LinePrepared():
            return replace(order, touched=True)
        case CoffeePrepared():
            return replace(order, prepared=True, touched=True, being_made=False)
        case BroughtBack():
            return replace(order, prepared=False, served=False, not_collected=False)
    return order
