"""A bad event holds up its own stream in one projection, is seen, and is retried or skipped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from orders.domain.events import CoffeePrepared, PreparationStarted
from projections.engine import parking, verify
from projections.engine.apply import RebuildFailed
from projections.engine.models import ParkedEvent, ParkedState
from projections.engine.progress import parked_events
from projections.engine.projection import Projection, RowFunction
from projections.engine.rebuild import Rebuild
from projections.folded_order import ORDERS, FoldedOrder
from projections.screens import PROJECTIONS
from projections.screens.barista_queue.ticket import NAME, QueueTicket, ticket_of
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import position, project, projector_of, start_anew, tables
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)


def with_row(row: RowFunction) -> tuple[Projection, ...]:
    """Every projection, the queue's with another row function."""
    return tuple(
        replace(projection, row=row) if projection.name == NAME else projection
        for projection in PROJECTIONS
    )


def a_hundred_orders() -> InMemoryLog:
    log = InMemoryLog()
    for number in range(1, 101):
        stream = order_stream_number(number)
        log.write(stream, ordered(number))
        log.write(stream, PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
    return log


def fails_for_order_50(order: FoldedOrder) -> QueueTicket | None:
    """Once somebody has started it."""
    if order.id == order_hex(50) and order.state.times.started is not None:
        raise ZeroDivisionError("no beans")
    return ticket_of(order)


FAILING = with_row(fails_for_order_50)


def apply(log: InMemoryLog, projections: Any, size: int = 60) -> Any:
    projector = projector_of(log, projections)
    for start in range(0, len(log.events), size):
        projector.handle(log.events[start : start + size])
    return projector


def test_one_bad_order_among_a_hundred_leaves_ninety_nine_right() -> None:
    log = a_hundred_orders()
    apply(log, FAILING)
    states = {ticket.number: ticket.state for ticket in QueueTicket.objects.all()}
    assert states.pop(50) == "queued"
    assert set(states.values()) == {"ready"}
    parked = parked_events()
    assert [(event.type_name, event.is_waiting) for event in parked] == [
        ("PreparationStarted", False),
        ("CoffeePrepared", True),
    ]
    assert parked[0].error == "ZeroDivisionError: no beans"
    assert {event.projection for event in parked} == {"barista-queue"}
    assert position("barista-queue") == log.head(), "the others do not wait"


def test_a_retry_after_the_cause_is_gone_gives_what_a_rebuild_gives() -> None:
    log = a_hundred_orders()
    apply(log, FAILING)
    parked = parked_events()[0]
    parking.retry(parked.pk, "staff-3", "new program")
    projector_of(log).retry_parked()
    assert parked_events() == []
    mended = tables()
    start_anew()
    project(log, [log.events])
    assert tables() == mended


def test_a_retry_that_fails_again_stays_parked_and_is_counted() -> None:
    log = a_hundred_orders()
    projector = apply(log, FAILING)
    parking.retry(parked_events()[0].pk, "staff-3", "hope")
    projector.retry_parked()
    first, behind = parked_events()
    assert (first.state, first.attempts) == (ParkedState.PARKED, 2)
    assert behind.is_waiting


def test_a_skipped_event_is_left_out_for_good_and_those_behind_it_come_in() -> None:
    log = a_hundred_orders()
    projector = apply(log, FAILING)
    parking.skip(parked_events()[0].pk, "staff-3", "nobody started it")
    projector.retry_parked()
    assert parked_events() == []
    ticket = QueueTicket.objects.get(number=50)
    assert (ticket.state, ticket.started_at) == ("ready", None)
    skipped = ParkedEvent.objects.get()
    assert (skipped.decided_by, skipped.reason) == ("staff-3", "nobody started it")
    # and a fold of the log agrees, because it leaves the same event out
    verdicts = verify.verify(log, ORDERS, FAILING, log.keys)  # type: ignore[arg-type]
    assert all(verdict.is_equal for verdict in verdicts), verdicts


def test_nobody_decides_twice() -> None:
    log = a_hundred_orders()
    apply(log, FAILING)
    parked = parked_events()[0].pk
    parking.skip(parked, "staff-3", "no")
    with pytest.raises(parking.AlreadyDecided):
        parking.retry(parked, "staff-4", "yes")


def test_later_events_of_a_parked_stream_wait_behind_it() -> None:
    log = a_hundred_orders()
    apply(log, FAILING)
    later = log.write(order_stream_number(50), CoffeePrepared(desk=2))
    projector_of(log, FAILING).handle(later)
    assert [event.is_waiting for event in parked_events()] == [False, True, True]


def test_an_unreadable_event_is_parked_wherever_it_is_handled() -> None:
    log = a_hundred_orders()
    log.spoil(log.read_stream(order_stream_number(7))[1])
    project(log, [log.events])
    parked = parked_events()
    assert {event.type_name for event in parked} == {"PreparationStarted", "CoffeePrepared"}
    assert {event.projection for event in parked} == {
        projection.name for projection in PROJECTIONS if projection.row is not None
    }
    assert "cannot be read" in parked[0].error
    assert QueueTicket.objects.filter(state="ready").count() == 99


@pytest.mark.parametrize(
    "data",
    [b'{"customer": "\xff"}', b'{"note": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"],
    ids=["no UTF-8", "nested too deep"],
)
def test_whatever_an_unreadable_event_is_made_of_it_holds_up_its_own_stream_alone(
    data: bytes,
) -> None:
    log = InMemoryLog()
    bad = log.write(order_stream_number(1), ordered(1))[0]
    log.events[0] = replace(bad, data=data)
    log.write(order_stream_number(2), ordered(2))

    apply(log, PROJECTIONS)

    assert {event.stream for event in parked_events()} == {order_stream_number(1)}
    assert QueueTicket.objects.get().number == 2


def test_a_row_that_the_database_refuses_parks_only_its_stream() -> None:
    log = a_hundred_orders()

    def without_a_time(order: FoldedOrder) -> QueueTicket | None:
        ticket = ticket_of(order)
        if ticket is not None and ticket.number == 3 and ticket.state == "ready":
            ticket.ordered_at = None  # type: ignore[assignment]
        return ticket

    apply(log, with_row(without_a_time))
    (parked,) = parked_events()
    assert parked.stream == order_stream_number(3)
    assert "IntegrityError" in parked.error


def test_a_number_that_the_database_cannot_hold_parks_only_its_stream() -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), replace(ordered(1), number=2**64))
    log.write(order_stream_number(2), ordered(2))
    project(log, [log.events])
    assert {event.stream for event in parked_events()} == {order_stream_number(1)}
    assert QueueTicket.objects.get().number == 2


def test_what_comes_behind_a_mended_event_is_folded_with_it() -> None:
    log = InMemoryLog()
    _, started = log.write(
        order_stream_number(1), ordered(1), PreparationStarted(barista="staff-1")
    )
    log.spoil(started)
    projector = project(log, [log.events])
    log.events[-1] = started
    for event in parked_events():
        parking.retry(event.pk, "staff-3", "restored")
    projector.retry_parked()
    projector.handle(log.write(order_stream_number(1), CoffeePrepared(desk=1)))
    assert QueueTicket.objects.get().barista == "staff-1"


def test_a_fact_about_something_unknown_is_parked_with_a_sentence() -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), CoffeePrepared(desk=1))
    project(log, [log.events])
    errors = {event.projection: event.error for event in parked_events()}
    assert errors["barista-queue"].startswith("MissingRow: There is no ticket ")


def test_a_rebuild_stops_at_a_bad_event_and_the_screens_keep_their_rows(
    rebuild_in_memory: Callable[..., Rebuild],
) -> None:
    log = a_hundred_orders()
    project(log, [log.events])
    before = tables()
    with pytest.raises(RebuildFailed, match="ZeroDivisionError: no beans"):
        rebuild_in_memory(log, FAILING).run()
    assert tables() == before
