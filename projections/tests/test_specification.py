"""The kit that tests projections: what it lets pass, and what it finds."""

import time
from dataclasses import replace
from uuid import UUID

import pytest

from orders.domain.events import (
    CoffeeOrdered,
    CoffeePrepared,
    CustomerForgotten,
    OrderCancelled,
    OrderPaid,
    Tender,
)
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus
from projections.engine.projection import Projection, RowFunction
from projections.engine.unit_of_work import UnitOfWork
from projections.folded_order import FoldedOrder
from projections.screens import pickup_board
from projections.screens.pickup_board import BoardEntry, entry_of
from projections.screens.sales import figures
from projections.screens.sales.figures import SalesOfDay
from projections.tests.at_a_screen import BOTH
from projections.tests.some_orders import HELEN, HELENS_STREAM, order_stream_number, ordered
from projections.tests.specification import CannotApply, RebuildDiffers, given

pytestmark = pytest.mark.django_db(databases=BOTH)

FIRST, SECOND = order_stream_number(1), order_stream_number(2)
SALES = figures.PROJECTION

CASH = OrderPaid(payment="p", amount=400, tender=Tender.CASH, given=400, change=0)


def test_rows_are_compared_by_the_columns_that_are_named() -> None:
    folded = given(FIRST, ordered(1), CoffeePrepared(desk=1)).given(SECOND, ordered(2))

    folded.when_folded_by(_board()).then_rows(
        BoardEntry, {"number": 1, "state": "ready"}, {"number": 2, "state": "queued"}
    )


@pytest.mark.parametrize(
    "expected",
    [[], [{"number": 2}], [{"number": 1}, {"number": 2}], [{"number": 1, "state": "ready"}]],
    ids=["none", "another", "one more", "another state"],
)
def test_other_rows_are_found(expected: list[dict[str, object]]) -> None:
    folded = given(FIRST, ordered(1)).when_folded_by(_board())

    with pytest.raises(AssertionError):
        folded.then_rows(BoardEntry, *expected)


def test_what_counts_across_orders_counts_once() -> None:
    facts = given(FIRST, ordered(1), CASH).given(SECOND, ordered(2), CASH, after=60)

    facts.when_folded_by(SALES).then_rows(SalesOfDay, {"orders": 2, "cash": 800})
    facts.when_folded_by(SALES).then_rows(SalesOfDay, {"orders": 2, "cash": 800})


def test_nothing_has_happened_yet() -> None:
    given(FIRST).when_folded_by(_board()).then_rows(BoardEntry)


def test_a_fact_that_cannot_be_applied_is_named() -> None:
    def row(order: FoldedOrder) -> BoardEntry | None:
        if order.state.cancellation is not None:
            raise ZeroDivisionError("no beans")
        return entry_of(order)

    facts = given(FIRST, ordered(1), OrderCancelled(reason="", by_shop=False))

    with pytest.raises(CannotApply, match=r"board cannot apply OrderCancelled .* no beans"):
        facts.when_folded_by(_board(row=row))


def test_a_row_that_asks_a_clock_is_found() -> None:
    def row(order: FoldedOrder) -> BoardEntry | None:
        entry = entry_of(order)
        if entry is not None:
            entry.name = str(time.monotonic_ns())[-12:]
        return entry

    with pytest.raises(RebuildDiffers, match="board makes other rows when it is rebuilt"):
        given(FIRST, ordered(1)).when_folded_by(_board(row=row))


def test_a_handler_that_depends_on_batches_is_found() -> None:
    def count(fact: Fact, _before: OrderStatus, _after: OrderStatus, work: UnitOfWork) -> None:
        there = len(work.changes.get(SalesOfDay, {}))  # of this batch only
        work.put(SalesOfDay(day=fact.stream[-10:], currency="EUR", orders=there))

    projection = Projection(
        name=figures.NAME, version=1, tables=(SalesOfDay,), handlers={CoffeeOrdered: count}
    )

    with pytest.raises(RebuildDiffers):
        given(FIRST, ordered(1)).given(SECOND, ordered(2)).when_folded_by(projection)


def test_a_personal_column_that_is_not_declared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = given(FIRST, ordered(1)).given(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    facts.when_folded_by(_board()).then_rows(BoardEntry, {"name": "forgotten"})
    monkeypatch.setattr(BoardEntry, "PERSONAL", ())

    with pytest.raises(RebuildDiffers):
        facts.when_folded_by(_board())


def test_orders_of_other_customers_keep_their_names() -> None:
    zoe = replace(ordered(2, name="Zoë"), customer=UUID(int=0x20E).hex)
    facts = given(FIRST, ordered(1)).given(SECOND, zoe)

    facts.given(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex)).when_folded_by(
        _board()
    ).then_rows(BoardEntry, {"name": "forgotten"}, {"name": "Zoë"})


def _board(row: RowFunction = entry_of) -> Projection:
    return Projection(name=pickup_board.NAME, version=1, tables=(BoardEntry,), row=row)
