"""A log restored from an older backup, to which orders were added since: noticed by its events.

The checkpoints then lie within the log, but another event is there.
"""

import pytest

from projections.engine.models import Checkpoint
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project, projector_of, start_anew, tables
from projections.tests.some_orders import order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])


def restored_and_gone_on(log: InMemoryLog, kept: int, new: int) -> InMemoryLog:
    """An older copy of the log with the first events only, and new orders behind them."""
    older = InMemoryLog(keys=log.keys, events=log.events[:kept])
    for number in range(new):
        older.write(order_stream_number(100 + number), ordered(100 + number))
    return older


def log_of(orders: int) -> InMemoryLog:
    log = InMemoryLog()
    for number in range(1, orders + 1):
        log.write(order_stream_number(number), ordered(number))
    return log


def test_another_event_at_the_checkpoint_has_the_rows_built_anew() -> None:
    log = log_of(5)
    project(log, [log.events])
    older = restored_and_gone_on(log, kept=3, new=6)
    assert older.head() > log.head()

    projector = projector_of(older)
    assert projector.load(older.head) is None
    projector.handle(older.events)
    shown = tables()

    start_anew()
    project(older, [older.events])
    assert shown == tables()
    assert len(shown["QueueTicket"]) == 9


def test_no_event_at_the_checkpoint_has_them_built_anew_too() -> None:
    log = log_of(3)
    project(log, [log.events])
    other = InMemoryLog(keys=log.keys, first_position=1_001)
    other.write(order_stream_number(9), ordered(9))

    assert projector_of(other).load(other.head) is None


def test_the_same_log_is_gone_on_with() -> None:
    log = log_of(3)
    project(log, [log.events])

    assert projector_of(log).load(log.head) == log.head()


def test_a_checkpoint_of_before_knows_no_event_and_is_gone_on_with() -> None:
    log = log_of(3)
    project(log, [log.events])
    Checkpoint.objects.update(event_id=None)

    assert projector_of(log).load(log.head) == log.head()


def test_a_checkpoint_that_another_projector_moves_meanwhile_is_no_other_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = log_of(3)
    project(log, [log.events])
    other, woken = projector_of(log), projector_of(log)
    load_cursors = woken.load_cursors

    def while_the_other_goes_on() -> None:
        other.handle(log.write(order_stream_number(4), ordered(4)))
        load_cursors()

    monkeypatch.setattr(woken, "load_cursors", while_the_other_goes_on)

    assert woken.load(log.head) == log.head()
    assert set(Checkpoint.objects.values_list("generation", flat=True)) == {1}
