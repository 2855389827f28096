"""The reactor: a consumer of the log that sees every reaction through, in spite of failures.

At-least-once: its checkpoint never passes an event that is not dealt with, so after a restart
what is open is read again. Knows neither what a reaction does (`reactions.py`) nor any table.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import structlog

from orders.event_store import FollowedLog, LogFollower, StoredEvent
from orders.reactions.reactions import BY_TYPE_NAME, Reactions

CALLING_THREADS = 8
"""Calls to the gateway at a time; appends have threads of their own and never wait for a card."""

APPENDING_THREADS = 2
FIRST_WAIT_SECONDS = 0.5
"""How long a reaction that failed waits for its next try; doubles with each, up to the longest."""

LONGEST_WAIT_SECONDS = 10.0
TURN_SECONDS = 0.2

log = structlog.get_logger(__name__)
Submit = Callable[[Callable[[], None]], object]


class Checkpoint(Protocol):
    """How far the reactor is, kept somewhere durable."""

    def load(self) -> int | None:
        """The position behind which everything is still to be read; None for the beginning."""

    def save(self, position: int) -> None:
        """Note that everything up to here is dealt with; never goes back."""

    def start_over(self) -> None:
        """Forget the position."""


@dataclass
class Pending:
    """An event that is not dealt with yet. `due` is on the clock of the reactor, in seconds."""

    stored: StoredEvent
    calls_out: bool
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
        release: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """`call` and `append` run a reaction, by default in threads.

        `release` follows each piece of work: its thread's old database connections may go. `alive`
        is called while the loop turns.
        """
        self._follower = LogFollower(
            store, self, turn_seconds=TURN_SECONDS, name="reactor", alive=alive
        )
        self._reactions = reactions
        self._checkpoint = checkpoint
        self._clock = clock
        self._release = release
        self._pools: list[ThreadPoolExecutor] = []
        self._call = call or self._pool(CALLING_THREADS, "calling")
        self._append = append or self._pool(APPENDING_THREADS, "appending")
        self._pending: dict[int, Pending] = {}
        self._lock = threading.Lock()
        self._has_loaded = False
        self._saved: int | None = None
        self.seen: int | None = None

    def run(self, stopping: threading.Event) -> None:
        """Follow the log until `stopping` is set; reactions under way are waited for."""
        self._follower.run(stopping)
        for pool in self._pools:
            pool.shutdown(wait=True, cancel_futures=True)
        self.save()

    @property
    def open(self) -> int:
        """How many events are not dealt with."""
        with self._lock:
            return len(self._pending)

    def load(self, head: int) -> int | None:
        """The last event seen; at first, the checkpoint.

        A log that ends before it is read from its beginning: reacting again changes nothing.
        """
        if not self._has_loaded:
            self.seen = self._saved = self._checkpoint.load()
            self._has_loaded = True
        if self.seen is not None and self.seen > head:
            log.error("reactor_starts_over", seen=self.seen, log_ends_at=head)
            self._checkpoint.start_over()
            with self._lock:
                self._pending.clear()
                self.seen = self._saved = None
        return self.seen

    def handle(self, batch: Sequence[StoredEvent]) -> None:
        """Note these events, and begin to react to those that call for it."""
        with self._lock:
            for stored in batch:
                reaction = BY_TYPE_NAME.get(stored.type_name)
                if reaction is not None:
                    self._pending[stored.position] = Pending(stored, reaction.calls_out, self.seen)
                self.seen = stored.position
        self._begin_what_is_due()

    def each_turn(self) -> None:
        """Try again what is due, and save how far everything is dealt with."""
        self._begin_what_is_due()
        self.save()
        self._release()

    def save(self) -> None:
        """Move the checkpoint up to the first event that is not dealt with."""
        with self._lock:
            first = min(self._pending, default=None)
            position = self.seen if first is None else self._pending[first].before
        if position is None or (self._saved is not None and position <= self._saved):
            return
        try:
            self._checkpoint.save(position)
            self._saved = position
        except Exception as error:  # noqa: BLE001 (the next turn tries again; reactions go on)
            log.warning("reactor_checkpoint_not_saved", error=str(error))

    def _begin_what_is_due(self) -> None:
        now = self._clock()
        with self._lock:
            due = [
                pending
                for pending in self._pending.values()
                if not pending.running and pending.due <= now
            ]
            for pending in due:
                pending.running = True
        for pending in due:
            submit = self._call if pending.calls_out else self._append
            submit(lambda pending=pending: self._react(pending))  # type: ignore[misc]

    def _react(self, pending: Pending) -> None:
        is_dealt_with = False
        try:
            self._reactions.react(pending.stored, pending.attempt)
            is_dealt_with = True
        except Exception as error:  # noqa: BLE001 (whatever it is: later again)
            log.warning(
                "reaction_failed",
                type=pending.stored.type_name,
                stream=pending.stored.stream,
                attempt=pending.attempt,
                error=str(error) or type(error).__name__,
            )
        with self._lock:
            if is_dealt_with:
                self._pending.pop(pending.stored.position, None)
            else:
                wait = min(FIRST_WAIT_SECONDS * 2**pending.attempt, LONGEST_WAIT_SECONDS)
                pending.due = self._clock() + wait
                pending.attempt += 1
                pending.running = False
        self._release()

    def _pool(self, threads: int, name: str) -> Submit:
        pool = ThreadPoolExecutor(threads, thread_name_prefix=f"reactor-{name}")
        self._pools.append(pool)
        return pool.submit
