"""Daily sales: what a day brought, by day, by minute and by item. Counts across orders.

Orders count on the day of the order (the shop's business day, which the order carries); money
counts on the shop's day of the fact that moved it. All amounts are integer cents in the row's
currency. Knows no person.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from orders.domain.events import (
    CoffeeOrdered,
    CoffeePrepared,
    OrderAmended,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentRefunded,
    PaymentWrittenOff,
    Tender,
)
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow, unique_in_generation
from projections.engine.unit_of_work import UnitOfWork

NAME = "sales"

TAKEN_BY = {Tender.CASH: "cash", Tender.CARD: "card", Tender.CARD_BY_HAND: "card_by_hand"}
"""The column that counts the money of each tender."""


class SalesFigures(ReadRow):
    """The figures of a stretch of time. A new figure belongs in `FIGURES` too: they are summed."""

    PROJECTION: ClassVar = NAME
    FIGURES: ClassVar = (
        "orders",
        "cancelled",
        "served",
        "not_collected",
        "items",
        "ordered",
        "cash",
        "card",
        "card_by_hand",
        "payments",
        "refunded",
        "refunds",
        "written_off",
        "made",
        "on_time",
        "seconds_to_ready",
    )

    currency = models.CharField(max_length=3)
    orders = models.IntegerField(default=0, help_text="Ordered, the cancelled ones included.")
    cancelled = models.IntegerField(default=0)
    served = models.IntegerField(default=0)
    not_collected = models.IntegerField(default=0)
    items = models.IntegerField(default=0, help_text="Ordered and not cancelled.")
    ordered = models.BigIntegerField(default=0, help_text="The price of what was not cancelled.")
    cash = models.BigIntegerField(default=0, help_text="Taken, refunds not subtracted.")
    card = models.BigIntegerField(default=0)
    card_by_hand = models.BigIntegerField(default=0)
    payments = models.IntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    refunds = models.IntegerField(default=0)
    written_off = models.BigIntegerField(default=0)
    made = models.IntegerField(default=0, help_text="Called ready for the first time.")
    on_time = models.IntegerField(default=0, help_text="Of those, within the promise.")
    seconds_to_ready = models.BigIntegerField(default=0, help_text="Of those, all together.")

    class Meta:
        abstract = True

    @property
    def taken(self) -> int:
        """All money taken, refunds not subtracted."""
        return self.cash + self.card + self.card_by_hand

    @property
    def net(self) -> int:
        """What stayed: taken less refunded."""
        return self.taken - self.refunded

    @property
    def mean_seconds_to_ready(self) -> float | None:
        """From order to ready, on average, in seconds; None before the first is ready."""
        return self.seconds_to_ready / self.made if self.made else None

    @property
    def on_time_percent(self) -> int | None:
        """How many of a hundred orders were ready within the promise."""
        return round(100 * self.on_time / self.made) if self.made else None


class SalesOfDay(SalesFigures):
    """What one day brought: orders by the order's day, money by the day it changed hands."""

    KEY: ClassVar = ("day",)

    day = models.CharField(max_length=10, help_text="The shop's day, an ISO date.")

    class Meta:
        verbose_name_plural = "sales of days"
        constraints: ClassVar = [unique_in_generation("sales_of_day", "day")]

    def __str__(self) -> str:
        return self.day


class SalesOfMinute(SalesFigures):
    """What one minute added to its day: a day's figures at any time are the sum up to then.

    An order's day may differ from the day of the clock (an order placed just before midnight and
    served after it), so the minute is a full instant.
    """

    KEY: ClassVar = ("day", "minute")

    day = models.CharField(max_length=10)
    minute = models.DateTimeField(help_text="Its first instant.")
    quantities = models.JSONField(
        default=dict, help_text="item: [name, quantity, amount], cancellations subtracted"
    )

    class Meta:
        verbose_name_plural = "sales of minutes"
        constraints: ClassVar = [unique_in_generation("sales_of_minute", "day", "minute")]

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M}"


class ItemSales(ReadRow):
    """How often one item was ordered on a day, cancelled orders left out."""

    PROJECTION: ClassVar = NAME
    KEY: ClassVar = ("day", "item")

    day = models.CharField(max_length=10)
    item = models.CharField(max_length=100, help_text="The slug on the menu.")
    name = models.CharField(max_length=200)
    quantity = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "item sales"
        constraints: ClassVar = [unique_in_generation("item_sales_of_day", "day", "item")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


# --- the handlers: a fact, its order's status before and after it, and the rows to change ---------


def _ordered(fact: Fact, _before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    placed = _placed(after)
    items = sum(line.quantity for line in placed.lines)
    minute = _count(work, fact, placed, orders=1, items=items, ordered=placed.total)
    _count_items(work, minute, placed, 1)


def _amended(fact: Fact, before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    was, placed = _placed(before), _placed(after)
    more = sum(line.quantity for line in placed.lines) - sum(line.quantity for line in was.lines)
    minute = _count(work, fact, placed, items=more, ordered=placed.total - was.total)
    _count_items(work, minute, was, -1)
    _count_items(work, minute, placed, 1)


def _cancelled(fact: Fact, before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    if before.cancellation is not None:
        return
    placed = _placed(after)
    items = sum(line.quantity for line in placed.lines)
    minute = _count(work, fact, placed, cancelled=1, items=-items, ordered=-placed.total)
    _count_items(work, minute, placed, -1)


def _prepared(fact: Fact, before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    seconds, on_time = after.seconds_to_ready, after.was_on_time
    if before.times.first_ready is not None or seconds is None or on_time is None:
        return  # called ready again, or made again: the first time counts; or nobody knows when
    placed, whole_seconds = _placed(after), round(seconds)
    _count(work, fact, placed, made=1, on_time=int(on_time), seconds_to_ready=whole_seconds)


def _served(fact: Fact, _before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    _count(work, fact, _placed(after), served=1)


def _not_collected(fact: Fact, _before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    _count(work, fact, _placed(after), not_collected=1)


def _paid(fact: Fact, _before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    attempt = after.payments[-1]
    taken = {TAKEN_BY[attempt.tender]: attempt.amount}
    _count(work, fact, _placed(after), _shop_day(fact), payments=1, **taken)


def _refunded(fact: Fact, before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    refunded = after.refunded - before.refunded
    _count(work, fact, _placed(after), _shop_day(fact), refunds=1, refunded=refunded)


def _written_off(fact: Fact, before: OrderStatus, after: OrderStatus, work: UnitOfWork) -> None:
    amount = after.written_off - before.written_off
    _count(work, fact, _placed(after), _shop_day(fact), written_off=amount)


def _placed(status: OrderStatus) -> CoffeeOrdered:
    if status.placed is None:
        raise LookupError("Nobody has ordered this.")
    return status.placed


def _shop_day(fact: Fact) -> str:
    return fact.occurred_at.astimezone(timezone.get_default_timezone()).date().isoformat()


def _count(
    work: UnitOfWork, fact: Fact, placed: CoffeeOrdered, day: str = "", **figures: int
) -> SalesOfMinute:
    """Add these figures to the day (the order's own if none is named) and to the fact's minute."""
    on, currency = day or placed.day, placed.currency
    of_day = work.get(SalesOfDay, on) or SalesOfDay(day=on, currency=currency)
    at = fact.occurred_at.replace(second=0, microsecond=0)
    of_minute = work.get(SalesOfMinute, on, at) or SalesOfMinute(
        day=on, minute=at, currency=currency
    )
    for name, more in figures.items():
        setattr(of_day, name, getattr(of_day, name) + more)
        setattr(of_minute, name, getattr(of_minute, name) + more)
    work.put(of_day)
    work.put(of_minute)
    return of_minute


def _count_items(work: UnitOfWork, minute: SalesOfMinute, placed: CoffeeOrdered, sign: int) -> None:
    quantities = dict(minute.quantities)
    for line in placed.lines:
        quantity, amount = sign * line.quantity, sign * line.quantity * line.unit_price
        row = work.get(ItemSales, placed.day, line.item) or ItemSales(
            day=placed.day, item=line.item
        )
        row.name = line.name if sign > 0 else row.name
        row.quantity += quantity
        row.amount += amount
        work.put(row)
        _, so_many, so_much = quantities.get(line.item, ("", 0, 0))
        quantities[line.item] = [row.name, so_many + quantity, so_much + amount]
    minute.quantities = quantities


# --- what the pages ask for -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What a day brought."""

    day: date
    figures: SalesFigures
    items: list[ItemSales]  # the most sold first


def sales_of_day(day: date, at: datetime | None = None) -> Sales:
    """The figures of one business day, up to and including the minute of `at` if given."""
    if at is not None:
        figures, items = _summed(day, minutes_of_day(day, at))
    else:
        found = active_rows(SalesOfDay).filter(day=day.isoformat()).first()
        figures = found or SalesOfDay(day=day.isoformat(), currency="")
        items = list(active_rows(ItemSales).filter(day=day.isoformat(), quantity__gt=0))
    items.sort(key=lambda sales: (-sales.quantity, sales.item))
    return Sales(day=day, figures=figures, items=items)


def minutes_of_day(day: date, at: datetime | None = None) -> Iterable[SalesOfMinute]:
    """The minutes of a day in their order, up to and including that of `at` if given."""
    rows = active_rows(SalesOfMinute).filter(day=day.isoformat())
    return (rows if at is None else rows.filter(minute__lte=at)).order_by("minute")


def _summed(day: date, minutes: Iterable[SalesOfMinute]) -> tuple[SalesOfDay, list[ItemSales]]:
    figures = SalesOfDay(day=day.isoformat(), currency="")
    items: dict[str, ItemSales] = {}
    for minute in minutes:
        figures.currency = minute.currency
        for name in SalesFigures.FIGURES:
            setattr(figures, name, getattr(figures, name) + getattr(minute, name))
        for item, (name, quantity, amount) in minute.quantities.items():
            row = items.setdefault(item, ItemSales(day=day.isoformat(), item=item))
            row.name = name
            row.quantity += quantity
            row.amount += amount
    return figures, [row for row in items.values() if row.quantity > 0]


PROJECTION = Projection(
    name=NAME,
    version=3,
    tables=(SalesOfDay, SalesOfMinute, ItemSales),
    handlers={
        CoffeeOrdered: _ordered,
        OrderAmended: _amended,
        OrderCancelled: _cancelled,
        CoffeePrepared: _prepared,
        OrderServed: _served,
        OrderNotCollected: _not_collected,
        OrderPaid: _paid,
        PaymentRefunded: _refunded,
        PaymentWrittenOff: _written_off,
    },
    view=NAME,
)
