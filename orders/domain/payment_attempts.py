"""Every attempt to pay an order or to give money back, with what became of it.

What the till shows. Decisions need less: `balance.py`. Amounts are integer cents.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from orders.domain.event import Event
from orders.domain.events import (
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    RefundStarted,
    Tender,
)


class AttemptState(StrEnum):
    """What became of an attempt."""

    STARTED = "started"
    PAID = "paid"
    DECLINED = "declined"
    ROLLED_BACK = "rolled back"
    REFUNDED = "refunded"


CAME_TO_NOTHING = (AttemptState.DECLINED, AttemptState.ROLLED_BACK)


@dataclass(frozen=True, kw_only=True)
class PaymentAttempt:
    """One attempt to pay. `given` and `change` differ from `amount` and 0 for cash only."""

    payment: str
    tender: Tender
    amount: int
    given: int
    change: int = 0
    state: AttemptState
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RefundAttempt:
    """One attempt to give money back."""

    refund: str
    payment: str
    amount: int
    state: AttemptState
    reason: str = ""


Payments = tuple[PaymentAttempt, ...]
Refunds = tuple[RefundAttempt, ...]


def payments_after(payments: Payments, event: Event, total: int) -> Payments:
    """The attempts to pay after this event. `total` is what an order paid in full costs."""
    match event:
        case PaymentStarted(payment=payment, amount=amount):
            started = PaymentAttempt(
                payment=payment,
                tender=Tender.CARD,
                amount=amount,
                given=amount,
                state=AttemptState.STARTED,
            )
            return (*payments, started)
        case OrderPaid():
            paid = PaymentAttempt(
                payment=event.payment,
                tender=event.tender,
                amount=total if event.amount is None else event.amount,
                given=event.given,
                change=event.change,
                state=AttemptState.PAID,
            )
            return (*(p for p in payments if p.payment != event.payment), paid)
        case PaymentDeclined(payment=payment, reason=reason):
            return _ended(payments, payment, AttemptState.DECLINED, reason)
        case PaymentRolledBack(payment=payment, reason=reason):
            return _ended(payments, payment, AttemptState.ROLLED_BACK, reason)
    return payments


def refunds_after(refunds: Refunds, event: Event) -> Refunds:
    """The attempts to give money back after this event."""
    match event:
        case RefundStarted(refund=refund, payment=payment, amount=amount, reason=reason):
            started = RefundAttempt(
                refund=refund,
                payment=payment,
                amount=amount,
                state=AttemptState.STARTED,
                reason=reason,
            )
            return (*refunds, started)
        case PaymentRefunded(refund=refund, payment=payment, amount=amount):
            reasons = [attempt.reason for attempt in refunds if attempt.refund == refund]
            refunded = RefundAttempt(
                refund=refund,
                payment=payment,
                amount=amount,
                state=AttemptState.REFUNDED,
                reason=reasons[0] if reasons else "",
            )
            return (*(attempt for attempt in refunds if attempt.refund != refund), refunded)
    return refunds


def _ended(payments: Payments, payment: str, state: AttemptState, reason: str) -> Payments:
    return tuple(
        replace(attempt, state=state, reason=reason) if attempt.payment == payment else attempt
        for attempt in payments
    )
