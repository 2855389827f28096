"""The times of one order: when each step happened.

Times are those at which things happened in the shop (`occurred_at`). A remake starts a new
round: the times of the round before are no longer in here.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
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
)
from orders.domain.fact import Fact


class Times(NamedTuple):
    """When what happened; None for what has not."""

    ordered: datetime | None = None
    remake_asked: datetime | None = None
    held_since: datetime | None = None  # while it is on hold
    held: timedelta = timedelta()  # for how long it was, in this round, without the present hold
    held_before_ready: timedelta = timedelta()  # the same before it was ready the first time
    started: datetime | None = None
    ready: datetime | None = None
    first_ready: datetime | None = None  # in whichever round
    is_ready_by_closing: bool = False  # that was only said when the bar closed
    served: datetime | None = None
    not_collected: datetime | None = None
    cancelled: datetime | None = None
    stopped: datetime | None = None
    paid: datetime | None = None
    refunded: datetime | None = None
    written_off: datetime | None = None

    @property
    def clock_since(self) -> datetime | None:
        """Since when the customer of this round waits: the big clock on the ticket."""
        return self.remake_asked or self.ordered

    @property
    def kept(self) -> timedelta | None:
        """From ready to the moment when nobody was waited for any more."""
        if self.ready is None or self.not_collected is None:
            return None
        return self.not_collected - self.ready

    def after(self, fact: Fact) -> "Times":
        """The clocks after this fact."""
        at = fact.occurred_at
        match fact.event:
            case PreparationStarted():
                return self._replace(started=at)
            case PreparationReleased():
                return self._replace(started=None)
            case CoffeePrepared(at_closing=at_closing):
                if self.first_ready is not None:
                    return self._replace(ready=at)
                return self._replace(
                    ready=at,
                    first_ready=at,
                    is_ready_by_closing=at_closing,
                    held_before_ready=self.held,
                )
            case OrderHeld():
                return self._replace(held_since=at)
            case OrderResumed() | CustomerArrived() if self.held_since is not None:
                return self._replace(held_since=None, held=self.held + (at - self.held_since))
            case BroughtBack(reason=BringBackReason.MISBUMP):
                return self._replace(ready=None, served=None, not_collected=None)
            case BroughtBack():
                return self._replace(
                    remake_asked=at,
                    held=timedelta(),
                    started=None,
                    ready=None,
                    served=None,
                    not_collected=None,
                )
            case PreparationStopped():
                return self._replace(stopped=at)
        return self._after_ordering(fact)._after_payment(fact)

    def _after_ordering(self, fact: Fact) -> "Times":
        at = fact.occurred_at
        match fact.event:
            case CoffeeOrdered():
                waits = at if fact.event.waits_for else None
                return self._replace(ordered=at, held_since=waits)
            case OrderCancelled():
                return self._replace(cancelled=at)
            case OrderServed():
                return self._replace(served=at)
            case OrderNotCollected():
                return self._replace(not_collected=at)
        return self

    def _after_payment(self, fact: Fact) -> "Times":
        at = fact.occurred_at
        match fact.event:
            case OrderPaid():
                return self._replace(paid=at)
            case PaymentRefunded():
                return self._replace(refunded=at)
            case PaymentWrittenOff():
                return self._replace(written_off=at)
        return self
