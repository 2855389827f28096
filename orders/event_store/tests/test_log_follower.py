"""The log's follower: every event once and in order, positions only from events, endless retries.

Given a log whose subscriptions do what the test says, when it is followed, then the consumer was
given these events.
"""

import logging
import threading
import time
from itertools import pairwise
from uuid import uuid4

import pytest

from orders.event_store import (
    EventStore,
    NewStoredEvent,
    StoreUnavailable,
    log_follower,
)
from orders.event_store.log_follower import (
    Backoff,
    ConsumerUnavailable,
    GiveUp,
    LogFollower,
    StandBy,
    SubscriptionEnded,
    SubscriptionStuck,
)
from orders.event_store.tests.scripted_log import (
    TURN_SECONDS,
    Consumer,
    ScriptedLog,
    batches_of,
    events,
    follower_of,
    following,
)
from orders.tests.patience import until
from tests.eventstore_fixture import RunningEventstore

# Batches


def test_no_event_is_no_batch() -> None:
    with batches_of(ScriptedLog([])) as batches:
        assert batches.next(10, 0.05) == []


def test_a_batch_ends_when_nothing_more_is_there_and_never_exceeds_its_size() -> None:
    written = events(7)
    log = ScriptedLog(written)

    with batches_of(log) as batches:
        until(lambda: batches._queue.qsize() == 7)
        assert batches.next(5, 1.0) == written[:5]
        assert batches.next(5, 1.0) == written[5:]


def test_what_was_read_before_the_end_is_still_handed_out() -> None:
    (event,) = events(1)
    with batches_of(ScriptedLog([event, StoreUnavailable()])) as batches:
        assert batches.next(5, 1.0) == [event]
        with pytest.raises(SubscriptionEnded) as ended:
            batches.next(5, 1.0)
        assert isinstance(ended.value.__cause__, StoreUnavailable)


def test_no_more_is_read_ahead_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "READ_AHEAD", 3)
    log = ScriptedLog(events(50))

    with batches_of(log) as batches:
        until(lambda: log.subscriptions[0].delivered == 4)
        time.sleep(0.1)
        assert log.subscriptions[0].delivered == 4  # three wait in the queue, one for its place
        assert len(batches.next(10, 1.0)) <= 4
    assert not batches._thread.is_alive()


# Following


def test_a_consumer_gets_every_event_once_and_in_order() -> None:
    written = events(20)
    consumer = Consumer()

    with following(follower_of(ScriptedLog(written, head=2000), consumer, batch=6)):
        until(lambda: len(consumer.handled) == 20)

    assert consumer.handled == written
    assert max(consumer.sizes) <= 6


def test_it_goes_on_behind_the_consumer_s_position() -> None:
    log, consumer = ScriptedLog(events(3)[2:], head=300), Consumer(position=200)

    with following(follower_of(log, consumer)):
        until(lambda: consumer.position == 300)

    assert log.subscribed_after == [200]
    assert consumer.started_over == 0


def test_a_broken_subscription_is_replaced_from_the_consumer_s_position() -> None:
    written = events(3)
    log = ScriptedLog([written[0], StoreUnavailable()], [StoreUnavailable()], written[1:], head=300)
    consumer = Consumer()

    with following(follower_of(log, consumer)):
        until(lambda: consumer.position == 300)

    assert log.subscribed_after == [None, 100, 100]
    assert consumer.handled == written


def test_a_batch_that_failed_is_brought_again() -> None:
    written = events(2)
    log = ScriptedLog(written, written, head=200)
    consumer = Consumer(failures=[ZeroDivisionError()])

    with following(follower_of(log, consumer)):
        until(lambda: consumer.handled == written)

    assert log.subscribed_after == [None, None]


def test_it_begins_as_soon_as_the_log_is_there() -> None:
    log, consumer = ScriptedLog(events(1), head=100), Consumer()
    log.head_fails = True

    with following(follower_of(log, consumer)):
        time.sleep(0.2)
        assert (log.subscribed_after, consumer.handled) == ([], [])
        log.head_fails = False
        until(lambda: consumer.position == 100)


def test_a_log_that_ends_before_the_position_is_followed_from_its_beginning() -> None:
    log, consumer = ScriptedLog(events(2), head=200), Consumer(position=900)

    with following(follower_of(log, consumer)):
        until(lambda: consumer.position == 200)

    assert consumer.started_over == 1
    assert log.subscribed_after == [None]


def test_an_empty_log_is_no_older_one_for_who_has_seen_nothing() -> None:
    log, consumer = ScriptedLog([], head=0), Consumer()

    with following(follower_of(log, consumer)):
        until(lambda: consumer.turns > 0)

    assert consumer.started_over == 0


# Turns, and the end


def test_turns_come_in_the_calm_and_in_the_rush() -> None:
    written = events(40)
    consumer = Consumer(slow=0.02)

    with following(follower_of(ScriptedLog(written, head=4000), consumer, batch=1)):
        until(lambda: len(consumer.handled) == 40)
        assert consumer.turns >= 3
        turns = consumer.turns
        until(lambda: consumer.turns > turns + 2)


def test_stopping_ends_it_within_a_turn() -> None:
    log, consumer = ScriptedLog(events(1), head=100), Consumer()
    with following(follower_of(log, consumer)) as stopping:
        until(lambda: consumer.position == 100)
        began = time.monotonic()
        stopping.set()
    assert time.monotonic() - began < 1


def test_it_shows_that_it_turns_while_the_log_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "BACK_OFF", (60.0, 60.0))
    log = ScriptedLog()
    log.head_fails = True
    signs: list[float] = []
    follower = LogFollower(log, Consumer(), alive=lambda: signs.append(time.monotonic()))

    with following(follower):
        until(lambda: len(signs) >= 3)

    assert all(later - sooner < 2 for sooner, later in pairwise(signs))


def test_it_does_not_show_that_it_turns_while_the_consumer_hangs() -> None:
    signs: list[float] = []
    log, consumer = ScriptedLog(events(1)), Consumer(slow=0.5)
    follower = LogFollower(
        log, consumer, turn_seconds=TURN_SECONDS, alive=lambda: signs.append(time.monotonic())
    )

    with following(follower):
        until(lambda: len(consumer.handled) == 1)

    assert max(later - sooner for sooner, later in pairwise(signs)) >= 0.5


@pytest.mark.parametrize("failure", [StandBy(), ZeroDivisionError()], ids=["stand-by", "failure"])
def test_stopping_ends_a_wait_before_the_next_try(
    failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_follower, "BACK_OFF", (60.0, 60.0))
    monkeypatch.setattr(log_follower, "STAND_BY", (60.0, 60.0))
    consumer = Consumer(failures=[failure])
    with following(follower_of(ScriptedLog(events(1), head=100), consumer)) as stopping:
        until(lambda: not consumer.failures)
        began = time.monotonic()
        stopping.set()
    assert time.monotonic() - began < 1


# What a consumer may raise


def test_a_consumer_that_stands_by_is_tried_again_without_an_alarm(
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = events(1)
    consumer = Consumer(failures=[StandBy("another projector is at work")])

    with (
        caplog.at_level(logging.INFO, "orders.event_store"),
        following(follower_of(ScriptedLog(written, written, head=100), consumer)),
    ):
        until(lambda: consumer.handled == written)

    levels = {(record.levelname, record.getMessage()) for record in caplog.records}
    assert levels == {("INFO", "the follower stands by: another projector is at work")}


def test_a_consumer_without_its_database_is_a_warning_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = events(1)
    locked = ConsumerUnavailable()
    locked.__cause__ = OSError("database is locked")

    consumer = Consumer(failures=[locked])

    with following(follower_of(ScriptedLog(written, written, head=100), consumer)):
        until(lambda: consumer.handled == written)

    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == (
        "the follower lost its database (database is locked); trying again"
    )
    assert record.exc_info is None


def test_a_consumer_that_gives_up_ends_the_run() -> None:
    class RebuildFailed(GiveUp):
        pass

    log, consumer = ScriptedLog(events(1), head=100), Consumer(failures=[RebuildFailed("no use")])

    with pytest.raises(RebuildFailed, match="no use"):
        follower_of(log, consumer).run(threading.Event())

    assert log.subscriptions[0]._stopped.is_set()


# A subscription that hangs


def test_a_subscription_that_hangs_is_noticed_over_another_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.0)
    with batches_of(ScriptedLog([], head=100)) as batches:
        assert batches.next(10, 0.0) == []
        batches._moved_at -= 60
        with pytest.raises(SubscriptionStuck):
            batches.next(10, 0.0)


def test_a_calm_log_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.0)
    with batches_of(ScriptedLog([], head=100), after=100) as batches:
        batches._moved_at -= 3600
        assert batches.next(10, 0.0) == []


def test_a_log_that_does_not_say_where_it_ends_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.0)
    log = ScriptedLog([])
    log.head_fails = True
    with batches_of(log) as batches, pytest.raises(StoreUnavailable):
        batches.next(10, 0.0)


def test_the_head_of_the_log_is_read_only_while_nothing_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.0)
    log = ScriptedLog(events(30))
    log.head_fails = True
    with batches_of(log) as batches:
        until(lambda: batches._queue.qsize() == 30)
        for _ in range(30):
            assert len(batches.next(1, 1.0)) == 1


def test_a_subscription_that_hangs_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.0)
    monkeypatch.setattr(log_follower, "STUCK_AFTER", 0.1)
    log, consumer = ScriptedLog([], events(1), head=100), Consumer()

    with following(follower_of(log, consumer)):
        until(lambda: consumer.position == 100)

    assert log.subscriptions[0]._stopped.is_set()


# Waiting


def test_waits_grow_to_a_limit_and_begin_anew_after_success() -> None:
    backoff = Backoff(0.05, 5.0)
    waits = [backoff.next() for _ in range(12)]
    assert 0.025 <= waits[0] <= 0.05
    assert max(waits) <= 5.0
    assert min(waits[8:]) >= 2.5
    backoff.reset()
    assert backoff.next() <= 0.05


def test_a_batch_that_went_well_makes_the_next_wait_short() -> None:
    consumer = Consumer()
    follower = follower_of(ScriptedLog(events(1), head=100), consumer)
    for _ in range(12):
        follower._back_off.next()

    with following(follower):
        until(lambda: consumer.position == 100)

    assert follower._back_off.next() <= log_follower.BACK_OFF[0]


# Over a real connection


def test_a_frozen_log_is_followed_on_when_it_thaws(own_eventstore: RunningEventstore) -> None:
    store, consumer = EventStore(own_eventstore.uri), Consumer()

    def write() -> int:
        event = NewStoredEvent(event_id=uuid4(), type_name="Said", data=b"{}", metadata=b"{}")
        return store.append(f"order-{uuid4().hex}", None, [event])

    last = write()
    with following(LogFollower(store, consumer, turn_seconds=TURN_SECONDS)):
        until(lambda: consumer.position == last)
        own_eventstore.freeze()
        time.sleep(log_follower.WATCH_EVERY + 1)
        own_eventstore.thaw()
        last = write()
        until(lambda: consumer.position == last)
    assert len(consumer.handled) == 2
    store.close()
