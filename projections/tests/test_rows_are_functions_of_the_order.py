"""Every row is the row function of the fold of its stream; counts are the sum of the statuses."""

import json

import pytest
from django.db import models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.domain.event import Event
from orders.domain.events import Tender
from orders.domain.order_status import evolve, fold
from orders.domain.streams import id_of
from projections.engine.projector import Projector
from projections.engine.read_row import Key, ReadRow
from projections.folded_order import FoldedOrder, order_of
from projections.screens import PROJECTIONS
from projections.screens.barista_queue.ticket import TicketState, ticket_of
from projections.screens.cashier_desk import balance_of
from projections.screens.order_tracking import tracked_order_of
from projections.screens.pickup_board import entry_of
from projections.screens.sales.figures import ItemSales, SalesOfDay, SalesOfMinute
from projections.tests.events_of_an_order import EVENTS_OF_AN_ORDER, example_of, orders_of
from projections.tests.in_memory_log import InMemoryLog, cut
from projections.tests.projecting import projector_of, start_anew
from projections.tests.shop_day import random_day

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

seeds = st.integers(0, 100_000)
few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def projected(log: InMemoryLog) -> None:
    """The whole log in a generation of its own."""
    start_anew()
    projector_of(log).handle(log.events)


def rows(model: type[ReadRow]) -> list[ReadRow]:
    latest = model._default_manager.order_by("-generation").values_list("generation", flat=True)
    generation = latest.first()
    return list(model._default_manager.filter(generation=generation or 0))


@few
@given(seed=seeds, part=st.floats(0.05, 1), sizes=st.lists(st.integers(1, 40), max_size=8))
def test_every_row_is_the_row_function_of_its_streams_prefix(
    seed: int, part: float, sizes: list[int]
) -> None:
    log = random_day(seed)
    prefix = InMemoryLog(keys=log.keys, events=log.events[: round(part * len(log.events))])
    start_anew()
    projector = projector_of(prefix)
    for batch in cut(prefix.events, sizes):
        projector.handle(batch)
    orders = folded_orders(prefix)
    for projection in PROJECTIONS:
        if projection.row is not None:
            made = [projection.row(order) for order in orders]
            expected = {row.key: as_stored(row) for row in made if row is not None}
            assert stored_rows(projection.tables[0], projector) == expected, projection.name


def folded_orders(log: InMemoryLog) -> list[FoldedOrder]:
    return [order_of(id_of(stream), log.facts(stream)) for stream in orders_of(log)]


def stored_rows(table: type[ReadRow], projector: Projector) -> dict[Key, dict[str, object]]:
    """The rows about orders: the directory has customers besides."""
    rows = table._default_manager.filter(generation=projector.cursors[0].generation)
    return {row.key: row.values() for row in rows if not row.key[0].startswith("customer-")}


def as_stored(row: ReadRow) -> dict[str, object]:
    """The values of a row as its table gives them back: JSON knows lists only."""
    long = {f.attname for f in row._meta.concrete_fields if isinstance(f, models.JSONField)}
    values = row.values()
    return values | {name: json.loads(json.dumps(values[name])) for name in long}


@pytest.mark.parametrize(
    "event_class",
    EVENTS_OF_AN_ORDER,
)
def test_every_published_event_of_an_order_is_folded(event_class: type[Event]) -> None:
    facts = example_of(event_class)
    before = fold(facts[:-1])
    after = evolve(before, facts[-1])
    changed = {name for name in after._fields if getattr(after, name) != getattr(before, name)}
    assert changed - {"version"}, f"{event_class.__name__} changes nothing that a screen could show"


@few
@given(seeds)
def test_the_days_sales_are_the_sum_of_the_facts(seed: int) -> None:
    log = random_day(seed)
    projected(log)
    folded = [order.state for order in folded_orders(log)]
    (day,) = rows(SalesOfDay)
    items = rows(ItemSales)
    assert isinstance(day, SalesOfDay)
    paid = [payment for status in folded for payment in status.balance.payments]
    assert day.orders == len(folded)
    assert day.cancelled == sum(1 for status in folded if status.cancellation)
    assert day.taken == sum(payment.amount for payment in paid)
    assert day.cash == sum(p.amount for p in paid if p.tender is Tender.CASH)
    assert day.net == day.taken - sum(status.refunded for status in folded)
    assert day.net == sum(status.balance.kept for status in folded)
    assert day.written_off == sum(status.written_off for status in folded)
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
    for order in folded_orders(random_day(seed)):
        tracked, ticket = tracked_order_of(order), ticket_of(order)
        balance, entry = balance_of(order), entry_of(order)
        assert tracked is not None
        assert ticket is not None
        assert balance is not None
        assert entry is not None
        shown = not balance.settled or ticket.is_open
        assert (tracked.until is None) == shown
        assert (entry.slot == "") == order.state.is_over
        assert ticket.is_open == (
            not (order.state.is_over or ticket.state in (TicketState.READY, TicketState.HELD))
            or ticket.state == TicketState.STOPPING
        )
