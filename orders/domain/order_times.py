"""The times of one order: when each step happened.

Times are those at which things happened in the shop (`occurred_at`). A remake starts a new
round: the times of the round before are no longer in here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentRefunded,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
)
from orders.domain.fact import Fact


@dataclass(frozen=True)
class Times:
    """When what happened; None for what has not."""

    ordered: datetime | None = None
    remake_asked: datetime | None = None
    started: datetime | None = None
    ready: datetime | None = None
    first_ready: datetime | None = None  # in whichever round
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
                return replace(self, started=at)
            case PreparationReleased():
                return replace(self, started=None)
            case CoffeePrepared():
                return replace(self, ready=at, first_ready=self.first_ready or at)
            case BroughtBack(reason=BringBackReason.MISBUMP):
                return replace(self, ready=None, served=None, not_collected=None)
            case BroughtBack():
                return replace(
                    self, remake_asked=at, started=None, ready=None, served=None, not_collected=None
                )
            case PreparationStopped():
                return replace(self, stopped=at)
        return self._after_ordering(fact)._after_payment(fact)

    def _after_ordering(self, fact: Fact) -> "Times":
        at = fact.occurred_at
        match fact.event:
            case CoffeeOrdered():
                return replace(self, ordered=at)
            case OrderCancelled():
                return replace(self, cancelled=at)
            case OrderServed():
                return replace(self, served=at)
            case OrderNotCollected():
                return replace(self, not_collected=at)
        return self

    def _after_payment(self, fact: Fact) -> "Times":
        at = fact.occurred_at
        match fact.event:
            case OrderPaid():
                return replace(self, paid=at)
            case PaymentRefunded():
                return replace(self, refunded=at)
            case PaymentWrittenOff():
                return replace(self, written_off=at)
        return self
