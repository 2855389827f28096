"""A log whose subscriptions do what a test says, and a consumer that keeps what it is given."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from orders.event_store import StoredEvent, StoreUnavailable
from orders.event_store.log_follower import EventBatches, LogFollower
from orders.tests.patience import PATIENCE_SECONDS

TURN_SECONDS = 0.05


def events(count: int) -> list[StoredEvent]:
    """Events at 100, 200, 300 …"""
    return [
        StoredEvent(
            event_id=UUID(int=number),
            type_name="WordSaid",
            data=b"{}",
            metadata=b"{}",
            stream="order-1",
            revision=number - 1,
            position=number * 100,
            recorded_at=datetime(2026, 5, 4, 8, 0, tzinfo=UTC),
        )
        for number in range(1, count + 1)
    ]


class ScriptedSubscription:
    """Delivers these items, fails at an exception, then waits until it is stopped."""

    def __init__(self, items: Sequence[StoredEvent | Exception]) -> None:
        self._items = items
        self._stopped = threading.Event()
        self.delivered = 0

    def __iter__(self) -> Iterator[StoredEvent]:
        for item in self._items:
            if isinstance(item, Exception):
                raise item
            self.delivered += 1
            yield item
        self._stopped.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        self._stopped.set()


class ScriptedLog:
    """A log whose subscriptions follow these scripts, one after the other, then bring nothing."""

    def __init__(self, *scripts: Sequence[StoredEvent | Exception], head: int = 0) -> None:
        self._scripts = list(scripts)
        self.head_at = head
        self.head_fails = False
        self.subscribed_after: list[int | None] = []
        self.subscriptions: list[ScriptedSubscription] = []

    def subscribe(self, after: int | None) -> ScriptedSubscription:
        self.subscribed_after.append(after)
        self.subscriptions.append(
            ScriptedSubscription(self._scripts.pop(0) if self._scripts else [])
        )
        return self.subscriptions[-1]

    def head(self) -> int:
        if self.head_fails:
            raise StoreUnavailable
        return self.head_at

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        return True


@dataclass
class Consumer:
    """Keeps what it is given. `failures` are raised by the next calls of `handle`."""

    position: int | None = None
    handled: list[StoredEvent] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    started_over: int = 0
    turns: int = 0
    slow: float = 0.0

    def load(self, head: Callable[[], int]) -> int | None:
        end = head()
        if self.position is not None and self.position > end:
            self.started_over += 1
            self.position = None
        return self.position

    def handle(self, batch: Sequence[StoredEvent]) -> None:
        time.sleep(self.slow)
        if self.failures:
            raise self.failures.pop(0)
        self.handled += batch
        self.sizes.append(len(batch))
        self.position = batch[-1].position

    def each_turn(self) -> None:
        self.turns += 1


@contextmanager
def following(follower: LogFollower) -> Iterator[threading.Event]:
    """Run the follower meanwhile."""
    stopping = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stopping,))
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def follower_of(log: ScriptedLog, consumer: Consumer, batch: int = 500) -> LogFollower:
    return LogFollower(log, consumer, batch=batch, turn_seconds=TURN_SECONDS, name="the follower")


@contextmanager
def batches_of(log: ScriptedLog, after: int | None = None) -> Iterator[EventBatches]:
    batches = EventBatches(log, after)
    try:
        yield batches
    finally:
        batches.stop()
