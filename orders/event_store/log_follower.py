"""Following the log: brings its events to a consumer, batch by batch, until it is stopped.

The one way in which a process follows the log. Notices a subscription that hangs, tells the
consumer where the log ends, and tries again after whatever goes wrong. Knows neither what a
consumer does with the events nor where it keeps its position.
"""

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from orders.event_store.stored_event import StoredEvent, StoreUnavailable

READ_AHEAD = 2_000
"""Events read and not yet handled. Bounds memory while the consumer is slower than the log."""

FULL_PAUSE = 0.01
"""Seconds a reader waits for room before it looks again."""

WATCH_EVERY = 2.0
"""Seconds between two looks at the head of the log, while nothing comes."""

STUCK_AFTER = 5.0
"""Seconds without an event while the log has more: the subscription is to be replaced."""

BACK_OFF = (0.05, 5.0)
"""First and longest wait in seconds before trying again."""

STAND_BY = (0.2, 2.0)
"""The same while another process is at work."""

logger = logging.getLogger(__name__)


class StandBy(Exception):
    """Raised by a consumer: another process is at work; try again later, quietly."""


class ConsumerUnavailable(Exception):
    """Raised by a consumer: what it keeps its results in is away or locked; try again later."""


class GiveUp(Exception):
    """Raised by a consumer: following on makes no sense; leaves `run()`."""


class SubscriptionEnded(Exception):
    """The subscription ended; `__cause__` says why, if anything does."""


class SubscriptionStuck(Exception):
    """The log has events that the subscription does not deliver."""


class Subscribed(Protocol):
    """A running subscription."""

    def __iter__(self) -> Iterator[StoredEvent]:
        """The events, in the order of the log."""

    def stop(self) -> None:
        """End it, from any thread."""


class FollowedLog(Protocol):
    """What the follower needs of the event store."""

    def subscribe(self, after: int | None) -> Subscribed:
        """All events behind a commit position, then the live ones."""

    def head(self) -> int:
        """The newest commit position."""

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        """Whether this event is at that commit position; True where the id is not known."""


class LogConsumer(Protocol):
    """Who handles the events. All calls come from the thread that runs the follower."""

    def load(self, head: Callable[[], int]) -> int | None:
        """The position behind which to go on; None: from the very first event.

        Called before each subscription. `head` asks the log where it ends, and is to be asked only
        when the position is known, which others may be moving on. A consumer that has been beyond
        it, or whose last event the log does not have (`FollowedLog.has_event`), meets
        another log, or one restored from a backup, and has to start over.
        """

    def handle(self, batch: Sequence[StoredEvent]) -> None:
        """Handle the next events, at least one, in the order of the log."""

    def each_turn(self) -> None:
        """Look after the rest: when nothing came for `turn_seconds`, and as often while busy."""


class LogFollower:
    """Drives one consumer with one subscription at a time."""

    def __init__(
        self,
        store: FollowedLog,
        consumer: LogConsumer,
        *,
        batch: int = 500,
        turn_seconds: float = 1.0,
        name: str = "log-follower",
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """`batch` is the most events handled at once; `name` stands in log lines and threads.

        `alive` is called with every turn of the loop, at least every few seconds: also while the
        log is away, and not while the consumer hangs.
        """
        self._store = store
        self._consumer = consumer
        self._batch = batch
        self._turn_seconds = turn_seconds
        self._name = name
        self._alive = alive
        self._back_off = Backoff(*BACK_OFF)
        self._stand_by = Backoff(*STAND_BY)

    def run(self, stopping: threading.Event) -> None:
        """Follow the log until `stopping` is set. Survives everything but `GiveUp`."""
        while not stopping.is_set():
            self._alive()
            try:
                self.follow(stopping)
            except GiveUp:
                raise
            except StandBy as error:
                logger.info("%s stands by: %s", self._name, error)
                self._pause(stopping, self._stand_by.next())
            except (
                ConsumerUnavailable,
                StoreUnavailable,
                SubscriptionEnded,
                SubscriptionStuck,
            ) as error:
                cause = error.__cause__ or error
                lost = "its database" if isinstance(error, ConsumerUnavailable) else "the log"
                logger.warning(
                    "%s lost %s (%s); trying again",
                    self._name,
                    lost,
                    str(cause) or type(cause).__name__,
                )
                self._pause(stopping, self._back_off.next())
            except Exception:
                logger.exception("%s could not go on; trying again", self._name)
                self._pause(stopping, self._back_off.next())

    def _pause(self, stopping: threading.Event, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not stopping.wait(min(left, 1.0)):
            self._alive()

    def follow(self, stopping: threading.Event) -> None:
        """Go on from the consumer's position until stopped; raises whatever goes wrong."""
        batches = EventBatches(self._store, self._consumer.load(self._store.head), self._name)
        try:
            turned_at = time.monotonic()
            while not stopping.is_set():
                self._alive()
                batch = batches.next(self._batch, self._turn_seconds)
                if batch:
                    self._consumer.handle(batch)
                    self._back_off.reset()
                    self._stand_by.reset()
                if not batch or time.monotonic() - turned_at >= self._turn_seconds:
                    turned_at = time.monotonic()
                    self._consumer.each_turn()
        finally:
            batches.stop()


class EventBatches:
    """The events behind one position, read ahead by a thread into a bounded queue."""

    def __init__(self, store: FollowedLog, after: int | None, name: str = "log-follower") -> None:
        self._store = store
        self._position = after or 0
        self._subscription = store.subscribe(after)
        self._queue: queue.SimpleQueue[StoredEvent | SubscriptionEnded] = queue.SimpleQueue()
        self._end: SubscriptionEnded | None = None
        self._stopped = threading.Event()
        self._moved_at = self._watched_at = time.monotonic()
        self._thread = threading.Thread(target=self._read, name=f"{name}-events", daemon=True)
        self._thread.start()

    def next(self, most: int, wait: float) -> list[StoredEvent]:
        """The next events, at most `most`: those that are there, or the first within `wait` s.

        Raises `SubscriptionEnded` once everything that was read before the end is handed out,
        `SubscriptionStuck`, or `StoreUnavailable` when the log does not say where it ends.
        """
        batch: list[StoredEvent] = []
        try:
            while len(batch) < most and self._end is None:
                item = self._queue.get_nowait() if batch else self._queue.get(timeout=wait)
                if isinstance(item, StoredEvent):
                    batch.append(item)
                else:
                    self._end = item
        except queue.Empty:
            pass
        if batch:
            self._position = batch[-1].position
        elif self._end is not None:
            raise self._end
        else:
            self._watch()
        return batch

    def stop(self) -> None:
        """End the subscription and its thread. Repeatable."""
        self._stopped.set()
        self._subscription.stop()
        self._thread.join(timeout=5)

    def _watch(self) -> None:
        # A frozen connection delivers nothing and reports nothing: look over another one.
        now = time.monotonic()
        if now - self._watched_at < WATCH_EVERY:
            return
        self._watched_at = now
        behind = self._store.head() > self._position
        if behind and now - self._moved_at > STUCK_AFTER:
            raise SubscriptionStuck

    def _read(self) -> None:
        end = SubscriptionEnded()
        try:
            for event in self._subscription:
                self._moved_at = time.monotonic()
                if not self._put(event):
                    return
        except Exception as error:  # noqa: BLE001 - whatever it is, the follower has to know
            end.__cause__ = error
        self._put(end)

    def _put(self, item: StoredEvent | SubscriptionEnded) -> bool:
        # Not a bounded `Queue`: that takes ten times as long for each event.
        while self._queue.qsize() >= READ_AHEAD and not self._stopped.is_set():
            time.sleep(FULL_PAUSE)
        self._queue.put(item)
        return not self._stopped.is_set()


class Backoff:
    """Growing waits, each a random one between half and all of its length."""

    def __init__(self, first: float, longest: float) -> None:
        self._first, self._longest = first, longest
        self._next = first

    def next(self) -> float:
        """How long to wait now, in seconds."""
        wait, self._next = self._next, min(self._next * 2, self._longest)
        return random.uniform(wait / 2, wait)  # noqa: S311 - spreads retries, guards nothing

    def reset(self) -> None:
        """Begin with the shortest wait again: things went well."""
        self._next = self._first
