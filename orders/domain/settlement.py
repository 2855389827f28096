"""What an order costs, and how much of that is settled: paid, or written off.

Ordering asks what is still due, payment also what was paid too much. Knows neither of them. Accepts
any history. Amounts are integer cents.
"""

from typing import NamedTuple

from orders.domain.event import Event
from orders.domain.events import (
    CoffeeOrdered,
    OrderAmended,
    OrderPaid,
    PaymentRefunded,
    PaymentWrittenOff,
)


class Settlement(NamedTuple):
    """The price, and what of it is settled.

    Money that the shop gives back out of kindness settles what it settled before; what was paid
    for something that the customer then left out does not.
    """

    total: int = 0
    settled: int = 0
    in_full: bool = False  # paid, and nobody recorded how much (version 0)

    @property
    def due(self) -> int:
        """What is still to be paid."""
        return 0 if self.in_full else max(0, self.total - self.settled)

    @property
    def too_much(self) -> int:
        """What was settled beyond the price: the order costs less by now."""
        return max(0, self.settled - self.total)

    def after(self, event: Event) -> "Settlement":
        """The same after this fact."""
        match event:
            case CoffeeOrdered() | OrderAmended():
                return self._replace(total=event.total)
            case OrderPaid(amount=None):
                return self._replace(settled=self.total, in_full=True)
            case OrderPaid(amount=int(amount)) | PaymentWrittenOff(amount=amount):
                return self._replace(settled=self.settled + amount)
            case PaymentRefunded(amount=amount):
                return self._replace(settled=self.settled - min(amount, self.too_much))
        return self
