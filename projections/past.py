"""Whole screens and single orders at a time in the past, by the same handlers as the present.

A screen at T: the stories of the orders that could be seen then (one indexed query), each folded
up to T. An order at T: the facts of its own stream. Nothing in here is written to a table.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from django.db import connections

from orders.domain.fact import Fact
from orders.domain.order_status import facts_at
from orders.domain.streams import ORDER
from projections import (
    barista_queue,
    cashier_desk,
    log,
    order_tracking,
    pickup_board,
    story,
)
from projections.generations import ORDER_TRACKING, active_generation, active_rows
from projections.models import (
    Balance,
    BoardEntry,
    ItemSales,
    ReadRow,
    SalesFigures,
    SalesOfDay,
    SalesOfMinute,
    Ticket,
    TrackedOrder,
)
from projections.order_rows import STILL_TO_BE_SEEN
from projections.projection import Projection
from projections.rows import Rows
from projections.writing import read_models_alias

LONGEST_SPAN = 26
"""Orders that were to be seen for more than 2²⁶ seconds (two years) are not looked for."""

BEFORE_ANY_SHOP = datetime(1970, 1, 1, tzinfo=UTC)

SEEN_AT = (
    "WITH bounds (span, earliest) AS (VALUES {bounds}) "  # noqa: S608 - a name from the model
    f'SELECT t.* FROM bounds CROSS JOIN "{TrackedOrder._meta.db_table}" AS t '
    "WHERE t.generation = %s AND t.span = bounds.span AND t.since > bounds.earliest "
    "AND t.since <= %s AND (t.until > %s OR t.until IS NULL)"
)
"""In SQL, because an OR of ranges makes SQLite read all rows of a generation."""

R = TypeVar("R", bound=ReadRow)


def tickets(at: datetime) -> list[Ticket]:
    """The tickets of the orders that could be seen at that time, as they were."""
    return _as_it_was(barista_queue.PROJECTION, Ticket, at)


def balances(at: datetime) -> list[Balance]:
    """Their balances."""
    return _as_it_was(cashier_desk.PROJECTION, Balance, at)


def board_entries(at: datetime) -> list[BoardEntry]:
    """Their entries on the public board."""
    return _as_it_was(pickup_board.PROJECTION, BoardEntry, at)


def tracked_order(
    order_hex: str,
    *,
    at: datetime | None = None,
    as_of: datetime | None = None,
    version: int | None = None,
) -> TrackedOrder | None:
    """One order from its stream, at that moment. Raises `StoreUnavailable`."""
    facts = facts_at(log.facts_of(f"{ORDER}-{order_hex}"), at, as_of, version)
    found = _fold(order_tracking.PROJECTION, facts).all(TrackedOrder)
    return found[0] if found else None


def sales(day: date, at: datetime) -> tuple[SalesFigures, list[ItemSales]]:
    """The figures of a day up to and including the minute of `at`."""
    figures = SalesOfDay(day=day.isoformat(), currency="")
    items: dict[str, ItemSales] = {}
    minutes = active_rows(SalesOfMinute).filter(day=day.isoformat(), minute__lte=at)
    for minute in minutes.order_by("minute"):
        figures.currency = minute.currency
        for name in SalesFigures.FIGURES:
            setattr(figures, name, getattr(figures, name) + getattr(minute, name))
        for item, (words, quantity, amount) in minute.quantities.items():
            row = items.setdefault(item, ItemSales(day=day.isoformat(), item=item))
            row.name = words
            row.quantity += quantity
            row.amount += amount
    return figures, [row for row in items.values() if row.quantity > 0]


def seen_at(at: datetime) -> list[TrackedOrder]:
    """Every order that could be seen on a staff screen at that time.

    An interval of `span` n is shorter than 2ⁿ⁺¹ seconds, so that it began at most that long
    before `at`: each span is one short range of the index.
    """
    alias = read_models_alias()
    connection = connections[alias]
    moment = TrackedOrder._meta.get_field("since").get_db_prep_value
    began_after = {span: at - timedelta(seconds=2 ** (span + 1)) for span in range(LONGEST_SPAN)}
    began_after[STILL_TO_BE_SEEN] = BEFORE_ANY_SHOP
    bounds: list[object] = []
    for span, earliest in began_after.items():
        bounds += [span, moment(earliest, connection)]
    now = moment(at, connection)
    generation = active_generation(ORDER_TRACKING)
    statement = SEEN_AT.format(bounds=", ".join(["(%s, %s)"] * len(began_after)))
    found = TrackedOrder.objects.using(alias).raw(statement, [*bounds, generation, now, now])
    return list(found)


def _as_it_was(projection: Projection, model: type[R], at: datetime) -> list[R]:
    rows = Rows(0, stored=False)
    for order in seen_at(at):
        facts = story.told_by(order.facts, order.order, order.name, order.note)
        for fact in facts_at(facts, at):
            projection.handle(fact, rows)
    return rows.all(model)


def _fold(projection: Projection, facts: Iterable[Fact]) -> Rows:
    rows = Rows(0, stored=False)
    for fact in facts:
        projection.handle(fact, rows)
    return rows
