"""The order, seen from the counter: asked for, off, ready, paid, handed over.

What ordering decides on, and only that, folded from the facts of all three services. Accepts any
history.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from orders.domain.event import Event
from orders.domain.events import (
    BroughtBack,
    CancellationRequested,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
    LinePrepared,
    OrderAmended,
    OrderCancelled,
    OrderHeld,
    OrderNotCollected,
    OrderPaid,
    OrderResumed,
    OrderServed,
    PaymentRefunded,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    StopDeclined,
    WaitsFor,
)
from orders.domain.settlement import Settlement

EARLY = timedelta(minutes=15)
"""From so long before its time on, an order for later is made for whoever is there.

A large order was put off because the bar has no time for it now: being there must not change that.
"""


class Order(NamedTuple):
    """What the decisions of this service need to know of one order."""

    ordered: bool = False
    customer: str = ""  # an opaque id
    promised_seconds: int = 0
    amendments: int = 0  # how often it was changed
    being_made: bool = False
    barista: str = ""  # who makes it, or made it
    touched: bool = False  # at least one line was made, in this round or an earlier one
    prepared: bool = False
    settlement: Settlement = Settlement()
    currency: str = ""
    cancelled: bool = False
    served: bool = False
    not_collected: bool = False
    handed_over: bool = False  # once, in whichever round
    stop_asked: bool = False  # and not answered yet
    stop_declined: bool = False  # asked once, in this round
    stopped: bool = False  # the bar makes nothing more of it
    held: bool = False
    waits_for: WaitsFor = WaitsFor.NOTHING  # since it was ordered
    pick_up_at: datetime | None = None  # of an order that waits for its time

    @property
    def due(self) -> int:
        """What is still to be paid, in cents."""
        return self.settlement.due

    @property
    def may_be_amended(self) -> bool:
        """Whether the customer may still change it: nobody has started, and it is not given up."""
        given_up = self.stop_asked or self.stopped
        return self.may_be_cancelled_by_customer and not (given_up or self.handed_over)

    @property
    def may_ask_to_stop(self) -> bool:
        """Whether the customer may ask the bar to stop: it is being made, and they did not yet.

        What was handed over once and is made again is paid for what was drunk, too.
        """
        asked = self.stop_asked or self.stop_declined
        is_over = self.cancelled or self.handed_over or self.prepared or self.stopped
        return self.ordered and not (is_over or asked or self.may_be_cancelled_by_customer)

    @property
    def may_be_cancelled_by_customer(self) -> bool:
        """Whether the customer may still call it off alone: nobody has started."""
        started = self.being_made or self.touched
        return self.ordered and not (self.cancelled or self.served or started)

    @property
    def may_say_here(self) -> bool:
        """Whether the bar waits, and goes on when the customer says that they are here."""
        is_theirs = self.waits_for is not WaitsFor.PAYMENT
        is_open = not (self.cancelled or self.served or self.stopped or self.prepared)
        return self.ordered and self.held and is_theirs and is_open

    @property
    def here_from(self) -> datetime | None:
        """From when on that counts, of an order for later: who is a little early need not wait."""
        return self.pick_up_at - EARLY if self.pick_up_at else None

    @property
    def may_be_served(self) -> bool:
        """Whether it may be handed over: ready, and nothing left to pay."""
        return self.ordered and self.prepared and not (self.due or self.cancelled or self.served)


def evolve(order: Order, event: Event) -> Order:
    """The order after this fact."""
    match event:
        case CoffeeOrdered():
            return order._replace(
                ordered=True,
                customer=event.customer,
                promised_seconds=event.promised_seconds,
                settlement=order.settlement.after(event),
                currency=event.currency,
                held=bool(event.waits_for),
                waits_for=event.waits_for,
                pick_up_at=(
                    datetime.fromisoformat(event.pick_up_at)
                    if event.waits_for is WaitsFor.TIME
                    else None
                ),
            )
        case OrderAmended(promised_seconds=promised_seconds):
            return order._replace(
                amendments=order.amendments + 1,
                promised_seconds=promised_seconds,
                settlement=order.settlement.after(event),
            )
        case OrderCancelled():
            return order._replace(cancelled=True)
        case OrderServed():
            return order._replace(served=True, handed_over=True, not_collected=False)
        case OrderNotCollected():
            return order._replace(not_collected=True)
        case OrderPaid() | PaymentWrittenOff() | PaymentRefunded():
            return order._replace(settlement=order.settlement.after(event))
        case CancellationRequested():
            return order._replace(stop_asked=True)
        case OrderHeld():
            return order._replace(held=True, waits_for=WaitsFor.NOTHING)
        case OrderResumed() | CustomerArrived():
            return order._replace(held=False, waits_for=WaitsFor.NOTHING)
    return _after_the_bar(order, event)


def _after_the_bar(order: Order, event: Event) -> Order:
    match event:
        case PreparationStarted(barista=barista):
            return order._replace(being_made=True, barista=barista)
        case PreparationReleased():
            return order._replace(being_made=False)
        case LinePrepared():
            return order._replace(touched=True)
        case CoffeePrepared():
            return order._replace(prepared=True, touched=True, being_made=False, stop_asked=False)
        case BroughtBack():
            back = order._replace(prepared=False, served=False, not_collected=False)
            return back._replace(stop_declined=False)
        case PreparationStopped():
            return order._replace(stopped=True)
        case StopDeclined():
            return order._replace(stop_asked=False, stop_declined=True)
    return order
