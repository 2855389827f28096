"""The projector's feed: positions only from events, and no end to trying again."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from orders.event_store import StoredEvent, StoreUnavailable
from projections import projector as projector_module
from projections import subscription_watch
from projections.feed import Feed, FeedBroken
from projections.pause import Pause
from projections.projector import Projector
from projections.registry import PROJECTIONS
from projections.subscription_watch import SubscriptionStuck, SubscriptionWatch
from projections.tests.paper_log import PaperLog
from projections.tests.projecting import position, projector_of
from projections.tests.some_orders import order_stream_number, ordered


class ScriptedSubscription:
    """Delivers these things, then waits or fails."""

    def __init__(self, things: list[Any]) -> None:
        self._things = things
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[Any]:
        for thing in self._things:
            if isinstance(thing, Exception):
                raise thing
            yield thing
        self._stopped.wait(10)

    def stop(self) -> None:
        self._stopped.set()


class ScriptedStore(PaperLog):
    """A log whose subscriptions do what the test says, one after the other."""

    scripts: list[list[Any]]
    asked: list[int | None]

    def subscribe(self, after: int | None) -> ScriptedSubscription:
        self.asked.append(after)
        return ScriptedSubscription(self.scripts.pop(0) if self.scripts else [])


def scripted(*scripts: list[Any]) -> ScriptedStore:
    store = ScriptedStore()
    store.scripts, store.asked = list(scripts), []
    return store


def some_events(count: int) -> list[StoredEvent]:
    log = PaperLog()
    for number in range(1, count + 1):
        log.write(order_stream_number(number), ordered(number))
    return log.events


@pytest.mark.django_db(databases=["default", "read_models"])
def test_only_events_move_the_position() -> None:
    (event,) = some_events(1)
    store = scripted([event])
    feed = Feed(store, None)  # type: ignore[arg-type]
    projector = projector_of(store)
    assert projector.position is None
    projector.apply(feed.take(10, 1.0))
    assert feed.take(10, 0.05) == []
    assert {position(one.name) for one in PROJECTIONS} == {event.position}
    feed.stop()


def test_a_batch_ends_when_nothing_more_is_there_and_never_exceeds_its_size() -> None:
    events = some_events(7)
    feed = Feed(scripted(list(events)), None)  # type: ignore[arg-type]
    while feed._queue.qsize() < 7:
        time.sleep(0.005)
    assert feed.take(5, 1.0) == events[:5]
    assert feed.take(5, 1.0) == events[5:]
    feed.stop()


def test_what_was_read_before_the_end_is_still_taken() -> None:
    (event,) = some_events(1)
    feed = Feed(scripted([event, StoreUnavailable()]), None)  # type: ignore[arg-type]
    assert feed.take(5, 1.0) == [event]
    assert feed._has_ended.wait(1)
    with pytest.raises(FeedBroken) as broken:
        feed.take(5, 1.0)
    assert isinstance(broken.value.__cause__, StoreUnavailable)
    feed.stop()


@pytest.mark.django_db(databases=["default", "read_models"], transaction=True)
def test_a_broken_subscription_is_replaced_from_the_stored_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projector_module, "IDLE_SECONDS", 0.05)
    events = some_events(3)
    store = scripted(
        [events[0], StoreUnavailable()],
        [StoreUnavailable()],
        [events[1], events[2]],
    )
    store.events = events
    stopping = threading.Event()
    projector = projector_of(store)
    running = threading.Thread(target=projector.run, args=(stopping,))
    running.start()
    deadline = time.monotonic() + 10
    while projector.position != events[2].position and time.monotonic() < deadline:
        time.sleep(0.02)
    stopping.set()
    running.join(5)
    assert store.asked == [None, events[0].position, events[0].position]
    assert projector.position == events[2].position


def test_a_subscription_that_hangs_is_noticed_over_another_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = scripted([])
    store.events = some_events(1)
    feed = Feed(store, None)  # type: ignore[arg-type]
    monkeypatch.setattr(subscription_watch, "WATCH_EVERY", 0.0)
    projector = Projector(store, list, keys=store.keys)  # type: ignore[arg-type]
    watch = SubscriptionWatch(store)  # type: ignore[arg-type]
    watch.look(feed, projector.followers)
    feed.last_event_at -= 60
    with pytest.raises(SubscriptionStuck):
        watch.look(feed, projector.followers)
    feed.stop()


def test_a_calm_log_is_no_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    store = scripted([])
    feed = Feed(store, None)  # type: ignore[arg-type]
    feed.last_event_at -= 3600
    monkeypatch.setattr(subscription_watch, "WATCH_EVERY", 0.0)
    SubscriptionWatch(store).look(feed, [])  # type: ignore[arg-type]
    feed.stop()


def test_pauses_grow_to_a_limit_and_begin_anew_after_success() -> None:
    pause = Pause(0.05, 5.0)
    pauses = [pause.next() for _ in range(12)]
    assert 0.025 <= pauses[0] <= 0.05
    assert max(pauses) <= 5.0
    assert min(pauses[8:]) >= 2.5
    pause.reset()
    assert pause.next() <= 0.05
