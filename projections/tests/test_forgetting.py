"""Forgetting a customer: the names leave every row, the key is destroyed, the figures stay."""

from dataclasses import replace
from uuid import UUID

import pytest

from orders import event_codec
from orders.domain.event import FORGOTTEN
from orders.domain.events import (
    CustomerForgotten,
    CustomerRegistered,
    OrderPaid,
    PreparationStarted,
    Tender,
)
from orders.personal_data import KeyRing
from projections.engine import parking
from projections.engine.checkpoints import active_cursors
from projections.engine.progress import parked_events
from projections.engine.projector import Projector
from projections.folded_order import ORDERS
from projections.screens import PROJECTIONS
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.sales.figures import SalesOfDay
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project, projector_of, start_anew, tables
from projections.tests.some_orders import HELEN, HELENS_STREAM, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

NAMED = [
    table for projection in PROJECTIONS for table in projection.tables if "name" in table.PERSONAL
]


def names() -> list[set[object]]:
    """The names in each of the tables that have names."""
    return [{row.values()["name"] for row in model._default_manager.all()} for model in NAMED]


def helens_log() -> InMemoryLog:
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen"))
    log.write(order_stream_number(1), ordered(1, note="for Helen"))
    paid = OrderPaid(payment="p", amount=400, tender=Tender.CASH, given=400, change=0)
    log.write(order_stream_number(1), paid)
    return log


@pytest.fixture
def destroyed(monkeypatch: pytest.MonkeyPatch) -> InMemoryLog:
    """A log whose keys `event_codec.forget` destroys."""
    log = helens_log()
    monkeypatch.setattr(event_codec, "key_ring", lambda: log.keys)
    return log


def test_a_name_is_nowhere_after_the_customer_is_forgotten(destroyed: InMemoryLog) -> None:
    log = destroyed
    project(log, [log.events])
    assert names() == [{"Helen"}] * len(NAMED)
    project(log, [log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))])
    assert "Helen" not in str(tables())
    assert names() == [{FORGOTTEN}] * len(NAMED)
    assert SalesOfDay.objects.get().taken == 400
    assert log.keys.destroyed == {HELEN.hex}


def test_a_rebuild_after_forgetting_gives_the_same_rows(destroyed: InMemoryLog) -> None:
    log = destroyed
    project(log, [log.events])
    project(log, [log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))])
    before = tables()
    start_anew()
    project(log, [log.events])
    assert tables() == before


def test_nobody_named_stays_nobody(destroyed: InMemoryLog) -> None:
    log = destroyed
    log.write(order_stream_number(2), ordered(2, name=""))
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    project(log, [log.events])
    assert QueueTicket.objects.get(number=2).name == ""


def test_projecting_it_destroys_the_key_and_doing_it_again_is_harmless() -> None:
    log, keys = InMemoryLog(), event_codec.key_ring()
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    assert keys.writing_key(HELEN.hex) == keys.reading_key(HELEN.hex)
    for _ in range(2):
        start_anew()
        projector = Projector(log, ORDERS, lambda: active_cursors(PROJECTIONS))  # type: ignore[arg-type]
        projector.load_cursors()
        projector.handle(log.events)
        assert keys.reading_key(HELEN.hex) is None


def test_what_comes_behind_it_in_the_same_batch_is_nameless_as_in_a_rebuild() -> None:
    log = helens_log()
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    log.write(order_stream_number(2), ordered(2), PreparationStarted(barista="staff-1"))
    log.write(order_stream_number(1), PreparationStarted(barista="staff-1"))
    project(log, [log.events])
    assert "Helen" not in str(tables())
    together = tables()
    start_anew()
    project(log, [[event] for event in log.events])
    assert tables() == together


def test_an_overtaken_projector_keeps_no_name_that_was_forgotten_meanwhile() -> None:
    log = InMemoryLog(keys=KeyRing())  # type: ignore[arg-type]
    log.write(order_stream_number(1), ordered(1))
    overtaken = projector_of(log)
    overtaken.handle(log.events)
    another = InMemoryLog(keys=KeyRing(), events=log.events, now=log.now)  # type: ignore[arg-type]
    project(another, [another.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))])
    overtaken.load_cursors()
    overtaken.handle(log.write(order_stream_number(1), PreparationStarted(barista="staff-1")))
    assert QueueTicket.objects.get().state == "making"
    assert "Helen" not in str(tables())


def test_whoever_ordered_last_in_a_stream_is_forgotten_too() -> None:
    log = InMemoryLog()
    zoe = replace(ordered(1, name="Zoë"), customer=UUID(int=0x20E).hex)
    log.write(order_stream_number(1), zoe, ordered(1))
    projector = project(log, [log.events])
    projector.handle(log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex)))
    projector.handle(log.write(order_stream_number(1), PreparationStarted(barista="staff-1")))
    assert "Helen" not in str(tables())


def test_a_request_to_be_forgotten_that_nobody_can_read_is_parked_and_can_be_retried() -> None:
    log = helens_log()
    (readable,) = log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    log.spoil(readable)
    projector = project(log, [log.events])
    parked = parked_events()
    assert {event.projection for event in parked} == {model.PROJECTION for model in NAMED}
    log.events[-1] = readable
    for event in parked:
        parking.retry(event.pk, "staff-3", "new program")
    projector.retry_parked()
    assert parked_events() == []
    assert "Helen" not in str(tables())
    projector.handle(log.write(order_stream_number(1), PreparationStarted(barista="staff-1")))
    assert "Helen" not in str(tables())
