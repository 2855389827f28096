"""Which rows of which read models a fact changed, and the rows of a stream as they are now.

Found by doing what the projector does: each row is a function of the order, so a fact has changed
those rows that come out different with it. Knows no single table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from orders.domain.event import Event
from orders.domain.events import CustomerForgotten
from orders.domain.fact import Fact
from orders.domain.streams import ORDER, category_of, id_of
from projections.engine.checkpoints import active_rows
from projections.engine.read_row import ReadRow
from projections.folded_order import FoldedOrder, order_of
from projections.order_row import OrderRow
from projections.screens import PROJECTIONS
from projections.views.read_models import list_of, page_of

MOST_FACTS = 200
"""Of an order with more facts only the latest are compared: nobody reads on, and each costs."""


@dataclass(frozen=True, kw_only=True)
class RowOfStream:
    """One row about a stream, as the page of its facts lists it."""

    table: str
    projection: str
    words: str
    address: str  # in the inspector


@dataclass(frozen=True, kw_only=True)
class ChangedTable:
    """A read model in which a fact changed something, and where that is seen."""

    table: str
    address: str


def rows_of(stream: str) -> list[RowOfStream]:
    """The rows about this stream on the screens of now: at most one of each table."""
    return [
        RowOfStream(
            table=str(table._meta.verbose_name),
            projection=projection.name,
            words="" if str(row) == stream else str(row),
            address=page_of(row),
        )
        for projection in PROJECTIONS
        for table in projection.tables
        if (row := _row_of(table, stream)) is not None
    ]


def changed_by(
    states: Sequence[FoldedOrder], rows: Sequence[RowOfStream]
) -> list[list[ChangedTable]]:
    """For each of these states of an order the read models that its last fact changed.

    `rows` are those of the order now: a table that has one is linked to it, others to their list.
    """
    addresses = {row.table: row.address for row in rows}
    changed, before = [], order_of("", ())
    for number, after in enumerate(states, start=1):
        is_compared = number > len(states) - MOST_FACTS
        changed.append(_changed_tables(before, after, addresses) if is_compared else [])
        before = after
    return changed


def changed_beside_orders(
    facts: Sequence[Fact], rows: Sequence[RowOfStream]
) -> list[list[ChangedTable]]:
    """The same for the facts of a stream that is no order's: what takes in facts of their type."""
    addresses = {row.table: row.address for row in rows}
    return [
        [
            ChangedTable(
                table=str(table._meta.verbose_name),
                address=addresses.get(str(table._meta.verbose_name)) or list_of(table),
            )
            for table in _tables_for(type(fact.event))
        ]
        for fact in facts
    ]


def _tables_for(event_class: type[Event]) -> list[type[ReadRow]]:
    """Those with a handler, and all with names for the fact that takes the names out."""
    is_forgetting = event_class is CustomerForgotten
    return [
        table
        for projection in PROJECTIONS
        for table in projection.tables
        if (table is projection.tables[0] and event_class in projection.handlers)
        or (is_forgetting and table.PERSONAL)
    ]


def _changed_tables(
    before: FoldedOrder, after: FoldedOrder, addresses: dict[str, str]
) -> list[ChangedTable]:
    event_class = type(after.facts[-1].event)
    found = []
    for projection in PROJECTIONS:
        if projection.row is None:
            is_changed = event_class in projection.handlers  # a figure, at least
        else:
            is_changed = _values(projection.row_of(before)) != _values(projection.row_of(after))
        if is_changed:
            found.append(projection.tables[0])
    return [
        ChangedTable(
            table=str(table._meta.verbose_name),
            address=addresses.get(str(table._meta.verbose_name)) or _list_of_day(table, after),
        )
        for table in found
    ]


def _list_of_day(table: type[ReadRow], order: FoldedOrder) -> str:
    """The rows of the order's day, where a row is about a day."""
    placed = order.state.placed
    if placed is None or table.KEY[0] != "day":
        return list_of(table)
    return f"{list_of(table)}?day={placed.day}"


def _values(row: ReadRow | None) -> dict[str, object] | None:
    return None if row is None else row.values()


def _row_of(table: type[ReadRow], stream: str) -> ReadRow | None:
    if issubclass(table, OrderRow):
        if category_of(stream) != ORDER:
            return None
        return active_rows(table).filter(order=id_of(stream)).first()
    if table.KEY == ("stream",):
        rows: QuerySet[Any] = active_rows(table)
        found: ReadRow | None = rows.filter(stream=stream).first()
        return found
    return None
