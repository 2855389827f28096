"""The balance of one order: the money side of its facts, folded.

What payment decides on, and only that. Accepts any history, also one in which an order is paid
before anybody ordered it.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from orders.domain.event import Event
from orders.domain.events import (
    CoffeeOrdered,
    OrderAmended,
    OrderCancelled,
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    PreparationStopped,
    RefundStarted,
    Tender,
)
from orders.domain.settlement import Settlement


@dataclass(frozen=True)
class Paid:
    """One payment that succeeded."""

    payment: str
    amount: int
    tender: Tender
    given_back: int = 0

    @property
    def left(self) -> int:
        """What the shop still holds of it."""
        return self.amount - self.given_back

    @property
    def through_gateway(self) -> bool:
        """Whether the gateway can give it back. The article's payments have no id to ask with."""
        return self.tender is Tender.CARD and bool(self.payment)


class Balance(NamedTuple):
    """What the decisions about the money of one order need to know. Amounts in cents."""

    ordered: bool = False
    settlement: Settlement = Settlement()
    currency: str = ""
    cancelled: bool = False
    stopped: bool = False  # the bar makes nothing more of it: a cancellation follows
    written_off: bool = False
    under_way: PaymentStarted | None = None
    ended: frozenset[str] = frozenset()  # payments that have an outcome
    payments: tuple[Paid, ...] = ()
    refund_under_way: RefundStarted | None = None
    refunded: frozenset[str] = frozenset()  # refunds that have been made

    @property
    def total(self) -> int:
        """What the order costs."""
        return self.settlement.total

    @property
    def due(self) -> int:
        """What the customer still has to pay."""
        return 0 if self.cancelled else self.settlement.due

    @property
    def paid(self) -> int:
        """What was paid, refunds not subtracted."""
        return sum(payment.amount for payment in self.payments)

    @property
    def kept(self) -> int:
        """What the shop holds of it: paid less given back."""
        return sum(payment.left for payment in self.payments)

    @property
    def owed(self) -> int:
        """What has to go back: all of a cancelled order, else what was paid too much."""
        return self.kept if self.cancelled else min(self.kept, self.settlement.too_much)

    @property
    def goes_back_first(self) -> Paid | None:
        """Of which payment money goes back now: the latest of which the shop holds something."""
        return next((paid for paid in reversed(self.payments) if paid.left > 0), None)

    @property
    def goes_back_now(self) -> int:
        """How much of that: what is owed; if nothing is, all that the shop holds of it."""
        paid = self.goes_back_first
        if paid is None:
            return 0
        return min(paid.left, self.owed) if self.owed else paid.left


def evolve(balance: Balance, event: Event) -> Balance:
    """The balance after this fact."""
    match event:
        case CoffeeOrdered():
            settlement = balance.settlement.after(event)
            return balance._replace(ordered=True, settlement=settlement, currency=event.currency)
        case OrderAmended():
            return balance._replace(settlement=balance.settlement.after(event))
        case OrderCancelled():
            return balance._replace(cancelled=True)
        case PreparationStopped():
            return balance._replace(stopped=True)
        case PaymentWrittenOff():
            settlement = balance.settlement.after(event)
            return balance._replace(written_off=True, settlement=settlement)
        case RefundStarted():
            return balance._replace(refund_under_way=event)
        case PaymentRefunded():
            return _given_back(balance, event)
    return _after_a_payment(balance, event)


def _given_back(balance: Balance, event: PaymentRefunded) -> Balance:
    if event.refund in balance.refunded:
        return balance
    under_way = balance.refund_under_way
    return balance._replace(
        settlement=balance.settlement.after(event),
        payments=tuple(
            replace(paid, given_back=min(paid.amount, paid.given_back + event.amount))
            if paid.payment == event.payment
            else paid
            for paid in balance.payments
        ),
        refund_under_way=None
        if under_way is None or under_way.refund == event.refund
        else under_way,
        refunded=balance.refunded | {event.refund},
    )


def _after_a_payment(balance: Balance, event: Event) -> Balance:
    match event:
        case PaymentStarted():
            return balance._replace(under_way=event)
        case OrderPaid():
            amount = balance.total if event.amount is None else event.amount
            paid = Paid(event.payment, amount, event.tender)
            after = balance._replace(
                payments=(*balance.payments, paid), settlement=balance.settlement.after(event)
            )
            return _ended(after, event.payment)
        case PaymentDeclined() | PaymentRolledBack():
            return _ended(balance, event.payment)
    return balance


def _ended(balance: Balance, payment: str) -> Balance:
    under_way = balance.under_way
    if under_way is not None and under_way.payment == payment:
        under_way = None
    return balance._replace(under_way=under_way, ended=balance.ended | {payment})
