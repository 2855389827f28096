"""The log as batches: a thread reads a subscription into a bounded queue, the projector takes.

Positions come only from events: the subscription's own messages never reach the queue. Whatever
goes wrong ends the feed; the projector makes a new one from its checkpoint.
"""

import queue
import threading
import time

from orders.event_store import EventStore, StoredEvent, StoreUnavailable, Subscription

READ_AHEAD = 2_000
"""Events read and not yet taken. Bounds memory while the database is slower than the log."""

PUT_SECONDS = 0.2
"""How often a reader that has to wait looks whether it was stopped."""


class FeedBroken(Exception):
    """The subscription ended; `__cause__` says why. A new feed from the checkpoint goes on."""


class Feed:
    """The events behind one position, in the order of the log."""

    def __init__(self, store: EventStore, after: int | None) -> None:
        self._subscription: Subscription = store.subscribe(after)
        self._queue: queue.Queue[StoredEvent] = queue.Queue(READ_AHEAD)
        self._stopped = threading.Event()
        self._ended: BaseException | None = None
        self._has_ended = threading.Event()
        self.last_event_at = time.monotonic()
        self._thread = threading.Thread(target=self._read, name="projector-feed", daemon=True)
        self._thread.start()

    def take(self, most: int, wait: float) -> list[StoredEvent]:
        """The next events, at most `most`: those that are there, or the first within `wait` s.

        Raises `FeedBroken` once everything read before the end was taken.
        """
        try:
            first = self._queue.get(timeout=wait if not self._has_ended.is_set() else 0.001)
        except queue.Empty:
            if self._has_ended.is_set() and self._queue.empty():
                raise FeedBroken from self._ended
            return []
        taken = [first]
        while len(taken) < most:
            try:
                taken.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return taken

    def stop(self) -> None:
        """End the subscription and its thread. Repeatable."""
        self._stopped.set()
        self._subscription.stop()
        self._thread.join(timeout=5)

    def _read(self) -> None:
        try:
            for event in self._subscription:
                if not self._offer(event):
                    return
        except StoreUnavailable as error:
            self._ended = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the projector has to hear it
            self._ended = error
        finally:
            self._has_ended.set()

    def _offer(self, event: StoredEvent) -> bool:
        self.last_event_at = time.monotonic()
        while not self._stopped.is_set():
            try:
                self._queue.put(event, timeout=PUT_SECONDS)
            except queue.Full:
                continue
            return True
        return False
