"""Daily sales: from facts to what a day brought, by day, by minute and by item.

Orders count on the day of the order (the shop's business day, which the order carries); money
counts on the shop's day of the fact that moved it. Knows no person.
"""

from datetime import datetime, timedelta

from django.utils.timezone import get_default_timezone

from orders.domain.events import (
    CoffeeOrdered,
    CoffeePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentRefunded,
    PaymentWrittenOff,
    Tender,
)
from orders.domain.fact import Fact
from orders.domain.streams import id_of
from projections.generations import SALES
from projections.models import ItemSales, SalesOfDay, SalesOfMinute, SoldOrder
from projections.projection import Projection
from projections.rows import Rows

TAKEN_BY = {Tender.CASH: "cash", Tender.CARD: "card", Tender.CARD_BY_HAND: "card_by_hand"}
"""The column that counts the money of each tender."""


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    sold = SoldOrder(
        order=id_of(fact.stream),
        day=event.day,
        currency=event.currency,
        total=event.total,
        items=[
            [line.item, line.name, line.quantity, line.unit_price * line.quantity]
            for line in event.lines
        ],
        ordered_at=fact.occurred_at,
        promised_at=fact.occurred_at + timedelta(seconds=event.promised_seconds),
    )
    rows.put(sold)
    _count(rows, sold, sold.day, fact.occurred_at, orders=1)
    _count_items(rows, sold, fact.occurred_at, 1)


def _cancelled(event: OrderCancelled, fact: Fact, rows: Rows) -> None:
    sold = _sold(fact, rows)
    if sold.cancelled:
        return
    sold.cancelled = True
    rows.put(sold)
    _count(rows, sold, sold.day, fact.occurred_at, cancelled=1)
    _count_items(rows, sold, fact.occurred_at, -1)


def _prepared(event: CoffeePrepared, fact: Fact, rows: Rows) -> None:
    sold = _sold(fact, rows)
    if sold.ready_at is not None:
        return  # called ready again, or made again: the first time counts
    sold.ready_at = fact.occurred_at
    rows.put(sold)
    seconds = round((fact.occurred_at - sold.ordered_at).total_seconds())
    on_time = int(fact.occurred_at <= sold.promised_at)
    _count(
        rows, sold, sold.day, fact.occurred_at, made=1, on_time=on_time, seconds_to_ready=seconds
    )


def _served(event: OrderServed, fact: Fact, rows: Rows) -> None:
    sold = _sold(fact, rows)
    _count(rows, sold, sold.day, fact.occurred_at, served=1)


def _not_collected(event: OrderNotCollected, fact: Fact, rows: Rows) -> None:
    sold = _sold(fact, rows)
    _count(rows, sold, sold.day, fact.occurred_at, not_collected=1)


def _paid(event: OrderPaid, fact: Fact, rows: Rows) -> None:
    sold = _sold(fact, rows)
    amount = sold.total if event.amount is None else event.amount
    taken = {TAKEN_BY[event.tender]: amount}
    _count(rows, sold, _shop_day(fact), fact.occurred_at, payments=1, **taken)


def _refunded(event: PaymentRefunded, fact: Fact, rows: Rows) -> None:
    day = _shop_day(fact)
    _count(rows, _sold(fact, rows), day, fact.occurred_at, refunds=1, refunded=event.amount)


def _written_off(event: PaymentWrittenOff, fact: Fact, rows: Rows) -> None:
    day = _shop_day(fact)
    _count(rows, _sold(fact, rows), day, fact.occurred_at, written_off=event.amount)


def _sold(fact: Fact, rows: Rows) -> SoldOrder:
    return rows.require(SoldOrder, id_of(fact.stream))


def _shop_day(fact: Fact) -> str:
    return fact.occurred_at.astimezone(get_default_timezone()).date().isoformat()


def _count(rows: Rows, sold: SoldOrder, day: str, at: datetime, **figures: int) -> None:
    for row in (_day(rows, day, sold.currency), _minute(rows, day, at, sold.currency)):
        for name, more in figures.items():
            setattr(row, name, getattr(row, name) + more)
        rows.put(row)


def _count_items(rows: Rows, sold: SoldOrder, at: datetime, sign: int) -> None:
    items = sum(quantity for _, _, quantity, _ in sold.items)
    _count(rows, sold, sold.day, at, items=sign * items, ordered=sign * sold.total)
    minute = _minute(rows, sold.day, at, sold.currency)
    quantities = dict(minute.quantities)
    for item, name, quantity, amount in sold.items:
        row = rows.get(ItemSales, sold.day, item) or ItemSales(day=sold.day, item=item)
        row.name = name if sign > 0 else row.name
        row.quantity += sign * quantity
        row.amount += sign * amount
        rows.put(row)
        _, so_many, so_much = quantities.get(item, (name, 0, 0))
        quantities[item] = [row.name, so_many + sign * quantity, so_much + sign * amount]
    minute.quantities = quantities
    rows.put(minute)


def _day(rows: Rows, day: str, currency: str) -> SalesOfDay:
    return rows.get(SalesOfDay, day) or SalesOfDay(day=day, currency=currency)


def _minute(rows: Rows, day: str, at: datetime, currency: str) -> SalesOfMinute:
    minute = at.replace(second=0, microsecond=0)
    return rows.get(SalesOfMinute, day, minute) or SalesOfMinute(
        day=day, minute=minute, currency=currency
    )


PROJECTION = Projection(
    name=SALES,
    version=1,
    tables=(SalesOfDay, SalesOfMinute, ItemSales, SoldOrder),
    handlers={
        CoffeeOrdered: _ordered,
        OrderCancelled: _cancelled,
        CoffeePrepared: _prepared,
        OrderServed: _served,
        OrderNotCollected: _not_collected,
        OrderPaid: _paid,
        PaymentRefunded: _refunded,
        PaymentWrittenOff: _written_off,
    },
)
