"""The cashier's desk: from facts to balances. Feeds the till.

A payment, its attempts and its refund are kept apart from what the bar does: nobody waits for
the coffee in order to pay.
"""

from datetime import timedelta
from typing import Any

from orders.domain.event import FORGOTTEN, Event
from orders.domain.events import (
    CoffeeOrdered,
    CustomerForgotten,
    OrderCancelled,
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    RefundStarted,
    Tender,
)
from orders.domain.fact import Fact
from orders.domain.order_status import Money, Progress
from orders.domain.streams import id_of
from projections.at_the_bar import BAR_EVENTS
from projections.channels_of_orders import channel_of
from projections.generations import CASHIER_DESK
from projections.models import Balance
from projections.projection import Projection
from projections.rows import Rows

MONEY_AT_REST = (Money.PAID, Money.REFUNDED, Money.WRITTEN_OFF, Money.NOTHING_DUE)
HANDED_OVER_OR_OFF = (Progress.SERVED, Progress.NOT_COLLECTED, Progress.CANCELLED)


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    balance = Balance(
        order=id_of(fact.stream),
        number=event.number,
        day=event.day,
        name=event.name,
        customer=event.customer,
        channel=channel_of(fact.actor),
        lines=[
            {
                "line": line.line,
                "item": line.item,
                "name": line.name,
                "size": line.size,
                "options": list(line.options),
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount": line.unit_price * line.quantity,
            }
            for line in event.lines
        ],
        currency=event.currency,
        total=event.total,
        ordered_at=fact.occurred_at,
        promised_at=fact.occurred_at + timedelta(seconds=event.promised_seconds),
    )
    _put(balance, rows)


def _moved(event: Event, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    balance.move(event)
    match balance.progress:
        case Progress.READY:
            balance.ready_at, balance.ended_at = fact.occurred_at, None
        case Progress.WAITING | Progress.MAKING:
            balance.ready_at = balance.ended_at = None
        case _:
            balance.ended_at = balance.ended_at or fact.occurred_at
    if isinstance(event, OrderCancelled):
        balance.cancel_reason = event.reason
    _put(balance, rows)


def _payment_started(event: PaymentStarted, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    attempt = _attempt(event.payment, Tender.CARD, event.amount, "started")
    balance.payments = [*balance.payments, attempt]
    _put(balance, rows)


def _paid(event: OrderPaid, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    amount = balance.total if event.amount is None else event.amount
    paid = _attempt(event.payment, event.tender, amount, "paid") | {
        "given": event.given,
        "change": event.change,
    }
    others = [one for one in balance.payments if not _is(one, "payment", event.payment)]
    balance.payments = [*others, paid]
    balance.paid = amount
    balance.paid_at = fact.occurred_at
    _put(balance, rows)


def _came_to_nothing(event: PaymentDeclined | PaymentRolledBack, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    state = "declined" if isinstance(event, PaymentDeclined) else "rolled back"
    balance.payments = [
        {**one, "state": state, "reason": event.reason}
        if _is(one, "payment", event.payment)
        else one
        for one in balance.payments
    ]
    _put(balance, rows)


def _refund_started(event: RefundStarted, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    refund = {
        "refund": event.refund,
        "payment": event.payment,
        "amount": event.amount,
        "state": "started",
        "reason": event.reason,
    }
    balance.refunds = [*balance.refunds, refund]
    _put(balance, rows)


def _refunded(event: PaymentRefunded, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    started = [one for one in balance.refunds if _is(one, "refund", event.refund)]
    others = [one for one in balance.refunds if not _is(one, "refund", event.refund)]
    refund = {
        "refund": event.refund,
        "payment": event.payment,
        "amount": event.amount,
        "state": "refunded",
        "reason": started[0]["reason"] if started else "",
    }
    balance.refunds = [*others, refund]
    balance.refunded += event.amount
    _put(balance, rows)


def _written_off(event: PaymentWrittenOff, fact: Fact, rows: Rows) -> None:
    balance = _balance(fact, rows)
    balance.written_off = event.amount
    balance.is_written_off = True
    _put(balance, rows)


def _forgotten(event: CustomerForgotten, fact: Fact, rows: Rows) -> None:
    for balance in rows.find(Balance, customer=event.customer):
        balance.name = balance.name and FORGOTTEN
        rows.put(balance)


def _balance(fact: Fact, rows: Rows) -> Balance:
    return rows.require(Balance, id_of(fact.stream))


def _attempt(payment: str, tender: Tender, amount: int, state: str) -> dict[str, Any]:
    return {
        "payment": payment,
        "tender": tender.value,
        "amount": amount,
        "given": amount,
        "change": 0,
        "state": state,
        "reason": "",
    }


def _is(one: dict[str, Any], name: str, value: str) -> bool:
    return bool(one[name] == value)


def _put(balance: Balance, rows: Rows) -> None:
    money = _money(balance)
    at_rest = balance.cancelled or balance.is_written_off or balance.paid_at is not None
    balance.due = 0 if at_rest else balance.total
    balance.money = (
        Money.NOTHING_DUE.value if money is Money.DUE and not balance.due else money.value
    )
    balance.settled = balance.money in MONEY_AT_REST and balance.progress in HANDED_OVER_OR_OFF
    rows.put(balance)


def _money(balance: Balance) -> Money:
    if any(one["state"] == "refunded" for one in balance.refunds):
        return Money.REFUNDED
    if balance.refunds:
        return Money.REFUND_UNDER_WAY
    if balance.paid_at is not None:
        return Money.REFUND_DUE if balance.cancelled else Money.PAID
    if balance.payments and balance.payments[-1]["state"] == "started":
        return Money.UNDER_WAY
    return Money.WRITTEN_OFF if balance.is_written_off else Money.DUE


PROJECTION = Projection(
    name=CASHIER_DESK,
    version=1,
    tables=(Balance,),
    handlers={
        CoffeeOrdered: _ordered,
        **dict.fromkeys(BAR_EVENTS, _moved),
        PaymentStarted: _payment_started,
        OrderPaid: _paid,
        PaymentDeclined: _came_to_nothing,
        PaymentRolledBack: _came_to_nothing,
        RefundStarted: _refund_started,
        PaymentRefunded: _refunded,
        PaymentWrittenOff: _written_off,
        CustomerForgotten: _forgotten,
    },
)
