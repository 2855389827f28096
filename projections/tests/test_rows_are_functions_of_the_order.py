"""Every row is the row function of the fold of its stream; counts are the sum of the statuses."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.domain.event import published_types
from orders.domain.events import Tender
from orders.domain.fact import Fact
from orders.domain.order_status import Money, OrderStatus, evolve, fold
from orders.domain.streams import ORDER, category_of
from projections.engine.read_row import ReadRow
from projections.folded_order import order_of
from projections.screens import PROJECTIONS
from projections.screens.barista_queue import QueueTicket, TicketState
from projections.screens.cashier_desk import DeskBalance
from projections.screens.order_tracking import TrackedOrder
from projections.screens.pickup_board import BoardEntry
from projections.screens.sales.figures import ItemSales, SalesOfDay, SalesOfMinute
from projections.tests.paper_log import PaperLog
from projections.tests.projecting import projector_of, start_anew
from projections.tests.shop_day import random_day

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

seeds = st.integers(0, 100_000)
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def projected(log: PaperLog) -> None:
    """The whole log in a generation of its own."""
    start_anew()
    projector_of(log).handle(log.events)


def rows(model: type[ReadRow]) -> list[ReadRow]:
    latest = model._default_manager.order_by("-generation").values_list("generation", flat=True)
    generation = latest.first()
    return list(model._default_manager.filter(generation=generation or 0))


def orders_of(log: PaperLog) -> list[str]:
    streams = {e.stream for e in log.events if category_of(e.stream) == ORDER}
    return sorted(streams)


@few
@given(seed=seeds, parts=st.lists(st.floats(0.05, 1), min_size=1, max_size=3))
def test_every_row_is_the_row_function_of_its_streams_prefix(
    seed: int, parts: list[float]
) -> None:
    log = random_day(seed)
    start_anew()
    projector = projector_of(log)
    done = 0
    for upto in sorted(round(part * len(log.events)) for part in parts):
        if upto > done:
            projector.handle(log.events[done:upto])
            done = upto
        seen = PaperLog(keys=log.keys, events=log.events[:done])
        for projection in PROJECTIONS:
            if projection.row is None:
                continue
            table = projection.tables[0]
            folded = [
                projection.row(order_of(stream.partition("-")[2], seen.facts(stream)))
                for stream in orders_of(seen)
            ]
            expected = {row.key: row.values() for row in folded if row is not None}
            stored = {
                row.key: row.values()
                for row in table._default_manager.filter(
                    generation=projector.cursors[0].generation
                )
                if str(row.key[0]).removeprefix("order-") == getattr(row, "order", row.key[0])
                or str(row.key[0]).startswith("order-")
            }
            assert stored == expected, projection.name


def example_of(event_class: type) -> list[Fact]:
    """A history that ends with an event of that type, from the days that dice make."""
    for seed in range(400):
        log = random_day(seed)
        for stream in orders_of(log):
            facts = log.facts(stream)
            for number, fact in enumerate(facts, start=1):
                if type(fact.event) is event_class:
                    return facts[:number]
    raise AssertionError(f"No day of the dice has a {event_class.__name__}.")


NOT_OF_AN_ORDER = {
    "CustomerForgotten",
    "CustomerNameReleased",
    "CustomerNameReserved",
    "CustomerRegistered",
    "OrderNumbersReserved",
}
"""What stands in streams of other categories."""


@pytest.mark.parametrize(
    "event_class",
    [kind.event_class for kind in published_types() if kind.name not in NOT_OF_AN_ORDER],
)
def test_every_published_event_of_an_order_is_folded(event_class: type) -> None:
    facts = example_of(event_class)
    before = fold(facts[:-1])
    after = evolve(before, facts[-1])
    changed = {name for name in vars(after) if getattr(after, name) != getattr(before, name)}
    assert changed - {"version"}, f"{event_class.__name__} changes nothing that a screen could show"


def statuses(log: PaperLog) -> list[OrderStatus]:
    return [fold(log.facts(stream)) for stream in orders_of(log)]


@few
@given(seeds)
def test_the_days_sales_are_the_sum_of_the_facts(seed: int) -> None:
    log = random_day(seed)
    projected(log)
    folded = statuses(log)
    (day,) = rows(SalesOfDay)
    items = rows(ItemSales)
    assert isinstance(day, SalesOfDay)
    paid = [status.balance.paid for status in folded if status.balance.paid]
    assert day.orders == len(folded)
    assert day.cancelled == sum(1 for status in folded if status.cancellation)
    assert day.taken == sum(payment.amount for payment in paid)
    assert day.cash == sum(p.amount for p in paid if p.tender is Tender.CASH)
    assert day.net == day.taken - sum(
        status.balance.paid.amount
        for status in folded
        if status.money is Money.REFUNDED and status.balance.paid
    )
    kept = [status for status in folded if not status.cancellation]
    assert day.ordered == sum(line.unit_price * line.quantity for o in kept for line in o.lines)
    assert day.items == sum(line.quantity for o in kept for line in o.lines)
    assert day.items == sum(row.quantity for row in items if isinstance(row, ItemSales))
    assert day.ordered == sum(row.amount for row in items if isinstance(row, ItemSales))


@few
@given(seeds)
def test_the_minutes_of_a_day_add_up_to_the_day(seed: int) -> None:
    projected(random_day(seed))
    (day,) = rows(SalesOfDay)
    minutes = rows(SalesOfMinute)
    for name in SalesOfDay.FIGURES:
        assert getattr(day, name) == sum(getattr(minute, name) for minute in minutes), name


@few
@given(seeds)
def test_an_order_leaves_the_screens_only_when_money_and_coffee_are_settled(seed: int) -> None:
    log = random_day(seed)
    for stream in orders_of(log):
        order = order_of(stream.partition("-")[2], log.facts(stream))
        tracked, ticket, balance, entry = (
            make(order) for make in (row_of(TrackedOrder), row_of(QueueTicket), row_of(DeskBalance), row_of(BoardEntry))
        )
        assert isinstance(tracked, TrackedOrder)
        assert isinstance(ticket, QueueTicket)
        assert isinstance(balance, DeskBalance)
        assert isinstance(entry, BoardEntry)
        shown = not balance.settled or ticket.is_open
        assert (tracked.until is None) == shown
        assert (entry.slot == "") == order.state.is_over
        assert ticket.is_open == (
            not (order.state.is_over or ticket.state == TicketState.READY)
            or ticket.state == TicketState.STOPPING
        )


def row_of(table: type[ReadRow]) -> Callable[..., ReadRow | None]:
    (found,) = (p.row for p in PROJECTIONS if p.tables[0] is table)
    assert found is not None
    return found
