"""Every screen at a time in the past: the rows are those of a projection of the shorter log."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.domain.events import CoffeePrepared, OrderPaid, OrderServed, PreparationStarted, Tender
from orders.domain.order_status import facts_at, fold
from projections import past
from projections.folded_order import FoldedOrder, order_of
from projections.past import orders_seen_at, tracked_order_at
from projections.screens.barista_queue.queries import open_tickets
from projections.screens.cashier_desk import open_balances
from projections.screens.order_tracking import (
    TrackedOrder,
    span_of,
    tracked_order,
    tracked_order_of,
)
from projections.screens.pickup_board import board
from projections.screens.sales.figures import sales_of_day
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.projecting import project, start_anew
from projections.tests.shop_day import random_day
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def a_served_order() -> InMemoryLog:
    log = InMemoryLog()
    stream = order_stream_number(1)
    log.write(stream, ordered(1), after=60)  # 8:01
    log.write(stream, PreparationStarted(barista="staff-1"), after=60)  # 8:02
    log.write(stream, CoffeePrepared(desk=1), after=60)  # 8:03
    paid = OrderPaid(payment="p", amount=400, tender=Tender.CASH, given=500, change=100)
    log.write(stream, paid, after=60)  # 8:04
    log.write(stream, OrderServed(), after=60)  # 8:05
    project(log, [log.events])
    return log


def test_an_order_stands_on_the_screens_exactly_while_it_did() -> None:
    a_served_order()
    seen = {
        minutes: [
            [ticket.state for ticket in open_tickets(then)],
            [(balance.due, balance.is_ready) for balance in open_balances(then=then)],
            [[entry.number for entry in column] for column in (shown.making, shown.ready)],
        ]
        for minutes in (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
        for then in [orders_seen_at(OPENING + timedelta(minutes=minutes))]
        for shown in [board(then)]
    }
    assert seen == {
        0.5: [[], [], [[], []]],
        1.5: [["queued"], [(400, False)], [[1], []]],
        2.5: [["making"], [(400, False)], [[1], []]],
        3.5: [[], [(400, True)], [[], [1]]],
        4.5: [[], [(0, True)], [[], [1]]],
        5.5: [[], [], [[], []]],
    }


def test_the_past_names_the_customer_as_the_present_does() -> None:
    a_served_order()
    (ticket,) = open_tickets(orders_seen_at(OPENING + timedelta(minutes=1.5)))
    assert ticket.name == "Helen"


def test_the_sales_of_a_day_at_a_minute_are_the_sum_until_then() -> None:
    a_served_order()
    day = OPENING.date()
    at = sales_of_day(day, OPENING + timedelta(minutes=3.5))
    assert (at.figures.orders, at.figures.made, at.figures.taken) == (1, 1, 0)
    now = sales_of_day(day)
    assert (now.figures.taken, now.figures.served) == (400, 1)
    assert [(sales.name, sales.quantity) for sales in now.items] == [("Espresso", 1)]
    assert now.figures.on_time_percent == 100
    assert now.figures.mean_seconds_to_ready == 120


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), parts=st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_a_screen_at_any_time_is_the_fold_of_what_had_happened(
    seed: int, parts: list[float]
) -> None:
    log = random_day(seed, steps=120)
    start_anew()
    project(log, [log.events])
    for part in parts:
        at = OPENING + part * (log.now + timedelta(minutes=1) - OPENING)
        then = InMemoryLog(events=[event for event in log.events if event.recorded_at <= at])
        shown = _screens(orders_seen_at(at))
        start_anew()
        project(then, [then.events] if then.events else [])
        expected = _screens(None)
        assert _nameless(shown) == _nameless(expected)
        start_anew()
        project(log, [log.events])


def _screens(orders: list[FoldedOrder] | None) -> list[list[dict[str, object]]]:
    columns = board(orders)
    rows = (open_tickets(orders), open_balances(then=orders), columns.making, columns.ready)
    return [[row.values() for row in screen] for screen in rows]


def _nameless(screens: list[list[dict[str, object]]]) -> list[list[dict[str, object]]]:
    # Whoever was forgotten since then is forgotten in the past too.
    return [
        [{k: v for k, v in row.items() if k not in ("name", "note", "allergies")} for row in rows]
        for rows in screens
    ]


def test_one_order_at_a_time_comes_from_its_own_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    log = a_served_order()
    monkeypatch.setattr(past, "facts_of", lambda stream: log.facts(stream))
    at = OPENING + timedelta(minutes=2.5)
    order = tracked_order_at(order_hex(1), at)
    assert order is not None
    assert order.progress == "making"
    assert order.status.times.started == facts_at(log.facts(), at)[1].occurred_at
    latest = tracked_order_at(order_hex(1), version=3)
    assert latest is not None
    assert latest.progress == "ready"
    assert tracked_order_at(order_hex(1), OPENING) is None
    assert tracked_order_at(order_hex(1), as_of=log.now) is not None


def as_stored(row: TrackedOrder) -> dict[str, object]:
    """The values of a row as its table gives them back: JSON knows lists only."""
    facts = json.loads(json.dumps(row.facts))
    return {**row.values(), "facts": facts}


def test_the_compact_facts_in_the_row_say_what_the_log_says() -> None:
    log = a_served_order()
    row = tracked_order(order_hex(1))
    assert row is not None
    from_log = tracked_order_of(order_of(row.order, log.facts()))
    assert from_log is not None
    assert as_stored(from_log) == row.values()
    assert row.status == fold(log.facts())
    assert "Helen" not in str(row.facts)


@pytest.mark.parametrize(
    ("seconds", "span"), [(0, 0), (1, 0), (2, 1), (3.9, 1), (4, 2), (60, 5), (3600, 11)]
)
def test_a_span_is_the_whole_part_of_the_binary_logarithm(seconds: float, span: int) -> None:
    assert span_of(seconds) == span
