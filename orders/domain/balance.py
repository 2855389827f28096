"""The balance of one order: the money side of its facts, folded.

What payment decides on, and only that. Accepts any history, also one in which an order is paid
before anybody ordered it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from orders.domain.event import Event
from orders.domain.events import (
    CoffeeOrdered,
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


@dataclass(frozen=True)
class Paid:
    """One payment that succeeded."""

    payment: str
    amount: int
    tender: Tender

    @property
    def through_gateway(self) -> bool:
        """Whether the gateway can give it back. The article's payments have no id to ask with."""
        return self.tender is Tender.CARD and bool(self.payment)


class Balance(NamedTuple):
    """What the decisions about the money of one order need to know. Amounts in cents."""

    ordered: bool = False
    total: int = 0
    currency: str = ""
    cancelled: bool = False
    stopped: bool = False  # the bar makes nothing more of it: a cancellation follows
    written_off: bool = False
    under_way: PaymentStarted | None = None
    ended: frozenset[str] = frozenset()  # payments that have an outcome
    paid: Paid | None = None
    refund_under_way: str = ""
    refunded: frozenset[str] = frozenset()  # refunds that have been made

    @property
    def due(self) -> int:
        """What the customer still has to pay."""
        return 0 if self.cancelled or self.written_off or self.paid else self.total


def evolve(balance: Balance, event: Event) -> Balance:
    """The balance after this fact."""
    match event:
        case CoffeeOrdered():
            return balance._replace(ordered=True, total=event.total, currency=event.currency)
        case OrderCancelled():
            return balance._replace(cancelled=True)
        case PreparationStopped():
            return balance._replace(stopped=True)
        case PaymentWrittenOff():
            return balance._replace(written_off=True)
        case RefundStarted(refund=refund):
            return balance._replace(refund_under_way=refund)
        case PaymentRefunded(refund=refund):
            return balance._replace(refund_under_way="", refunded=balance.refunded | {refund})
    return _after_a_payment(balance, event)


def _after_a_payment(balance: Balance, event: Event) -> Balance:
    match event:
        case PaymentStarted():
            return balance._replace(under_way=event)
        case OrderPaid():
            amount = balance.total if event.amount is None else event.amount
            paid = Paid(event.payment, amount, event.tender)
            return _ended(balance._replace(paid=paid), event.payment)
        case PaymentDeclined() | PaymentRolledBack():
            return _ended(balance, event.payment)
    return balance


def _ended(balance: Balance, payment: str) -> Balance:
    under_way = balance.under_way
    if under_way is not None and under_way.payment == payment:
        under_way = None
    return balance._replace(under_way=under_way, ended=balance.ended | {payment})
