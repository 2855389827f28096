"""The reactor: follows the log and sees every reaction through, in spite of whatever fails.

At-least-once: its checkpoint never passes a fact that is not dealt with, so after a restart what
is open is read again. Knows neither what a reaction does (`reactions.py`) nor any table.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from orders.event_store import CaughtUp, StoredEvent
from orders.reactions import CALLS_OUT, WANTED, Reactions

CALLING_THREADS = 8
"""Calls to the gateway at a time; appends have threads of their own and never wait for a card."""

APPENDING_THREADS = 2
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0
TICK_SECONDS = 0.2
WATCH_SECONDS = 2.0
STUCK_SECONDS = 5.0
"""The log has news and the subscription brings none for so long: subscribe anew."""

FAILED_PROBES = 3

log = structlog.get_logger(__name__)
Submit = Callable[[Callable[[], None]], object]


class Subscribed(Protocol):
    """A running subscription."""

    def __iter__(self) -> Any:
        """Stored events and `CaughtUp`."""

    def stop(self) -> None:
        """End it, from any thread."""


class FollowedLog(Protocol):
    """What the reactor needs of the event store."""

    def subscribe(self, after: int | None) -> Subscribed:
        """All events behind a commit position, then the live ones."""

    def head(self) -> int:
        """The newest commit position."""


class Checkpoint(Protocol):
    """Where the reactor has got to, kept somewhere durable."""

    def load(self) -> int | None:
        """The position behind which everything is still to be read; None for the beginning."""

    def save(self, position: int) -> None:
        """Note that everything up to here is dealt with; never goes back."""

    def start_over(self) -> None:
        """Forget the place."""


@dataclass
class Pending:
    """A fact that is not dealt with yet. `due` is on the clock of the reactor, in seconds."""

    stored: StoredEvent
    before: int | None  # position of the event before it: only positions of events are stored
    attempt: int = 0
    due: float = 0.0
    running: bool = False


class Reactor:
    """One process's reactor; every collaborator comes in here."""

    def __init__(
        self,
        store: FollowedLog,
        reactions: Reactions,
        checkpoint: Checkpoint,
        *,
        clock: Callable[[], float] = time.monotonic,
        call: Submit | None = None,
        append: Submit | None = None,
        tidy: Callable[[], None] = lambda: None,
    ) -> None:
        """`call` and `append` run work, by default in threads; `tidy` ends each piece of it."""
        self._store = store
        self._reactions = reactions
        self._checkpoint = checkpoint
        self._clock = clock
        self._tidy = tidy
        self._pools: list[ThreadPoolExecutor] = []
        self._call = call or self._pool(CALLING_THREADS, "calling")
        self._append = append or self._pool(APPENDING_THREADS, "appending")
        self._pending: dict[int, Pending] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._subscription: Subscribed | None = None
        self.seen = checkpoint.load()
        self._saved = self.seen
        self._moved_at = clock()

    def take(self, stored: StoredEvent) -> None:
        """Note one event of the log, and begin to react if somebody wants it."""
        with self._lock:
            if stored.type_name in WANTED:
                self._pending[stored.position] = Pending(stored, self.seen)
            self.seen = stored.position
            self._moved_at = self._clock()
        self.work()

    def work(self) -> None:
        """Begin whatever is due."""
        now = self._clock()
        with self._lock:
            due = [p for p in self._pending.values() if not p.running and p.due <= now]
            for pending in due:
                pending.running = True
        for pending in due:
            submit = self._call if pending.stored.type_name in CALLS_OUT else self._append
            submit(lambda pending=pending: self._react(pending))  # type: ignore[misc]

    def save(self) -> None:
        """Move the checkpoint up to the first fact that is not dealt with."""
        with self._lock:
            first = min(self._pending, default=None)
            position = self.seen if first is None else self._pending[first].before
        if position is not None and (self._saved is None or position > self._saved):
            self._checkpoint.save(position)
            self._saved = position

    @property
    def open(self) -> int:
        """How many facts are not dealt with."""
        with self._lock:
            return len(self._pending)

    def run(self) -> None:
        """Follow the log until `stop()`; nothing that fails ends it."""
        threads = [
            threading.Thread(target=self._tick, name="reactor-tick", daemon=True),
            threading.Thread(target=self._watch, name="reactor-watch", daemon=True),
        ]
        for thread in threads:
            thread.start()
        wait = FIRST_WAIT_SECONDS
        while not self._stopping.is_set():
            seen = self.seen
            try:
                self._follow()
            except Exception as error:  # noqa: BLE001 (whatever it is: subscribe anew)
                log.warning("reactor_lost_the_log", error=str(error) or type(error).__name__)
            wait = FIRST_WAIT_SECONDS if self.seen != seen else min(wait * 2, LONGEST_WAIT_SECONDS)
            self._stopping.wait(wait)
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)
        for thread in threads:
            thread.join()
        self._try("save", self.save)

    def stop(self) -> None:
        """End `run()` soon: calls under way are waited for, nothing new begins."""
        self._stopping.set()
        subscription = self._subscription
        if subscription is not None:
            subscription.stop()

    def _follow(self) -> None:
        self._notice_an_older_log()
        self._moved_at = self._clock()
        self._subscription = self._store.subscribe(self.seen)
        if self._stopping.is_set():
            return
        for event in self._subscription:
            if isinstance(event, CaughtUp):
                log.info("reactor_caught_up", open=self.open)
            else:
                self.take(event)

    def _notice_an_older_log(self) -> None:
        """A backup was restored, or it is another log. Reacting again changes nothing."""
        head = self._store.head()
        if self.seen is None or self.seen <= head:
            return
        log.error("reactor_starts_over", seen=self.seen, log_ends_at=head)
        self._checkpoint.start_over()
        with self._lock:
            self._pending.clear()
            self.seen = self._saved = None

    def _react(self, pending: Pending) -> None:
        dealt_with = False
        try:
            dealt_with = self._reactions.react(pending.stored, pending.attempt)
        except Exception as error:  # noqa: BLE001 (whatever it is: later again)
            log.warning(
                "reaction_failed",
                type=pending.stored.type_name,
                stream=pending.stored.stream,
                attempt=pending.attempt,
                error=str(error) or type(error).__name__,
            )
        self._try("tidy", self._tidy)
        with self._lock:
            if dealt_with:
                self._pending.pop(pending.stored.position, None)
            else:
                wait = min(FIRST_WAIT_SECONDS * 2**pending.attempt, LONGEST_WAIT_SECONDS)
                pending.due = self._clock() + wait
                pending.attempt += 1
                pending.running = False

    def _tick(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            self._try("work", self.work)
            self._try("save", self.save)
            self._try("tidy", self._tidy)

    def _watch(self) -> None:
        """A frozen log does not end a subscription; its silence does."""
        failed = 0
        while not self._stopping.wait(WATCH_SECONDS):
            try:
                behind = self._store.head() > (self.seen or 0)
                failed = 0
            except Exception:  # noqa: BLE001 (a probe: any failure counts)
                behind = False
                failed += 1
            stuck = behind and self._clock() - self._moved_at > STUCK_SECONDS
            subscription = self._subscription
            if subscription is not None and (stuck or failed >= FAILED_PROBES):
                log.warning("reactor_subscribes_anew", stuck=stuck, failed_probes=failed)
                failed = 0
                subscription.stop()

    def _try(self, what: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 (the next tick tries again)
            log.warning("reactor_step_failed", step=what, error=str(error))

    def _pool(self, threads: int, name: str) -> Submit:
        pool = ThreadPoolExecutor(threads, thread_name_prefix=f"reactor-{name}")
        self._pools.append(pool)
        return pool.submit
