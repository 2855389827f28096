"""The reactor: a consumer of the log that sees every reaction through, in spite of failures.

At-least-once: its checkpoint never passes an event that is neither dealt with nor parked, so after
a restart what is open is read again. Does not know what a reaction does: that is `reactions.py`.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Counter

from orders.event_store import FollowedLog, LogFollower, Place, StoredEvent
from orders.reactions.parking import ParkedReaction, ParkedState, due
from orders.reactions.reactions import BY_TYPE_NAME, Reactions, tries_of
from orders.reactions.timers import Timer

CALLING_THREADS = 8
"""Calls to the gateway at a time; appends have threads of their own and never wait for a card."""

APPENDING_THREADS = 2
MOST_WAITING = 10_000
"""Reactions that wait for a thread to append, before the log is read further. Who starts over reads
it faster than it reacts, and of 100,000 facts held 31,000 (118 MB, measured)."""

ROOM_SECONDS = 1.0
"""How long a batch waits for that at most: the follower has to show that it is alive, and to stop.
Reactions that hang do not keep others from being noted."""

FIRST_WAIT_SECONDS = 0.5
"""How long a reaction that failed waits for its next try; doubles with each, up to the longest."""

LONGEST_WAIT_SECONDS = 10.0
LOOK_AT_PARKED_EVERY = 1.0
"""Seconds between two looks at what is parked, and at what was decided about it."""

LOOK_AT_TIMERS_EVERY = 1.0

SAVE_EVERY = 1.0
"""Seconds between two notes of how far it is: each is a transaction of its own, and more often took
two thirds of its processor time. After a crash so much is looked at again."""

TURN_SECONDS = 0.2

REACTIONS = Counter(
    "barstucks_reactions", "Reactions to events: done, failed (to be tried again), parked", ["how"]
)

log = structlog.get_logger(__name__)
Submit = Callable[[Callable[[], None]], object]


class Checkpoint(Protocol):
    """How far the reactor is, kept somewhere durable."""

    def load(self) -> Place | None:
        """The event behind which everything is still to be read; None for the beginning."""

    def save(self, place: Place) -> None:
        """Note that everything up to here is dealt with; never goes back."""

    def note_seen(self, position: int) -> None:
        """Note the last event that was looked at, dealt with or not."""

    def start_over(self) -> None:
        """Forget the position."""


class Parking(Protocol):
    """Where events stand that cannot be dealt with; somewhere durable."""

    def load(self) -> Sequence[ParkedReaction]:
        """All of them, in the order of the log."""

    def park(self, stored: StoredEvent, error: BaseException | None) -> None:
        """Put an event aside: with its error, or (None) because it waits behind another."""

    def dealt_with(self, event_id: UUID) -> None:
        """Forget an event."""

    def failed_again(self, event_id: UUID, error: BaseException) -> None:
        """Keep it parked, with the new error."""


@dataclass
class Pending:
    """An event that is not dealt with yet. `due` is on the clock of the reactor, in seconds."""

    stored: StoredEvent
    calls_out: bool
    before: Place | None  # the event before it: only places of events are stored
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
        parking: Parking,
        *,
        clock: Callable[[], float] = time.monotonic,
        call: Submit | None = None,
        append: Submit | None = None,
        release: Callable[[], None] = lambda: None,
        alive: Callable[[], None] = lambda: None,
        timers: bool = False,
    ) -> None:
        """`call` and `append` run a reaction, by default in threads. `timers`: watch them, too.

        `release` follows each piece of work: its thread's old database connections may go. `alive`
        is called while the loop turns.
        """
        self._store = store
        self._follower = LogFollower(
            store, self, turn_seconds=TURN_SECONDS, name="reactor", alive=alive
        )
        self._reactions = reactions
        self._checkpoint = checkpoint
        self._parking = parking
        self._parked_events: frozenset[UUID] = frozenset()
        self._parked_streams: frozenset[str] = frozenset()
        self._retrying: set[UUID] = set()
        self._looked_at_parked = -LOOK_AT_PARKED_EVERY
        self._looked_at_timers = -LOOK_AT_TIMERS_EVERY
        self._clock = clock
        self._release = release
        self._pools: list[ThreadPoolExecutor] = []
        self._call = call or self._pool(CALLING_THREADS, "calling")
        self._append = append or self._pool(APPENDING_THREADS, "appending")
        self._pending: dict[int, Pending] = {}
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._appending = 0
        self._parking_lock = threading.Lock()  # taken before the other one
        self._has_loaded = False
        self._saved: Place | None = None
        self._last: Place | None = None
        self._noted: int | None = None
        self._noted_at = -SAVE_EVERY
        self._watches_timers = timers
        self._ringing: set[UUID] = set()

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

    @property
    def seen(self) -> int | None:
        """The position of the last event that was brought here; None before the first."""
        return None if self._last is None else self._last.position

    def load(self, head: Callable[[], int]) -> int | None:
        """The last event seen; at first, the checkpoint.

        A log that ends before it, or does not have it, is read from its beginning: reacting again
        changes nothing.
        """
        if not self._has_loaded:
            self._remember(self._parking.load())
            self._last = self._saved = self._checkpoint.load()
            self._has_loaded = True
        last = self._last
        if last is not None and (last.position > head() or not self._store.has_event(*last)):
            log.error("reactor_starts_over", seen=last.position)
            self._checkpoint.start_over()
            with self._lock:
                self._pending.clear()
                self._last = self._saved = self._noted = None
        return self.seen

    def handle(self, batch: Sequence[StoredEvent]) -> None:
        """Note these events, and begin to react to those that call for it."""
        with self._room:
            self._room.wait_for(lambda: self._appending < MOST_WAITING, ROOM_SECONDS)
            for stored in batch:
                reaction = BY_TYPE_NAME.get(stored.type_name)
                if reaction is not None and stored.event_id not in self._parked_events:
                    self._pending[stored.position] = Pending(stored, reaction.calls_out, self._last)
                self._last = Place(stored.position, stored.event_id)
        self._begin_what_is_due()

    def each_turn(self) -> None:
        """Try again what is due, and save now and then how far everything is dealt with."""
        self._begin_what_is_due()
        self._look_at_parked()
        self._look_at_timers()
        if self._clock() - self._noted_at >= SAVE_EVERY:
            self.save()
        self._release()

    def save(self) -> None:
        """Move the checkpoint up to the first event that is not dealt with."""
        with self._lock:
            first = min(self._pending, default=None)
            place = self._last if first is None else self._pending[first].before
        try:
            saved = self._saved
            if place is not None and (saved is None or place.position > saved.position):
                self._checkpoint.save(place)
                self._saved = place
            if self.seen is not None and self.seen != self._noted:
                self._checkpoint.note_seen(self.seen)
                self._noted = self.seen
            self._noted_at = self._clock()
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
                self._appending += not pending.calls_out
        for pending in due:
            submit = self._call if pending.calls_out else self._append
            submit(lambda pending=pending: self._react(pending))  # type: ignore[misc]

    def _react(self, pending: Pending) -> None:
        is_dealt_with = False
        try:
            if pending.stored.stream in self._parked_streams:
                self._park(pending.stored, None)
                how = "parked"
            else:
                self._reactions.react(pending.stored, pending.attempt)
                how = "done"
            is_dealt_with = True
        except Exception as error:  # noqa: BLE001 (whatever it is: later again)
            is_dealt_with = pending.attempt + 1 >= tries_of(error) and self._parks(
                pending.stored, error
            )
            how = "parked" if is_dealt_with else "failed"
            log.warning(
                "reaction_failed",
                type=pending.stored.type_name,
                stream=pending.stored.stream,
                attempt=pending.attempt,
                error=str(error) or type(error).__name__,
            )
        REACTIONS.labels(how).inc()
        with self._room:
            if not pending.calls_out:
                self._appending -= 1
                self._room.notify()
            if is_dealt_with:
                # Of another log, that was followed before, there may be another event by now.
                if self._pending.get(pending.stored.position) is pending:
                    del self._pending[pending.stored.position]
            else:
                wait = min(FIRST_WAIT_SECONDS * 2**pending.attempt, LONGEST_WAIT_SECONDS)
                pending.due = self._clock() + wait
                pending.attempt += 1
                pending.running = False
        self._release()

    def _park(self, stored: StoredEvent, error: BaseException | None) -> None:
        with self._parking_lock:  # or a look that began before would not know of it
            self._parking.park(stored, error)
            with self._lock:
                self._parked_events |= {stored.event_id}
                self._parked_streams |= {stored.stream}

    def _parks(self, stored: StoredEvent, error: BaseException) -> bool:
        """Whether the event stands where somebody sees it: only then the checkpoint may pass it."""
        try:
            self._park(stored, error)
        except Exception as wrong:  # noqa: BLE001 (the table cannot be written: later again)
            log.warning("reaction_not_parked", stream=stored.stream, error=str(wrong))
            return False
        log.error("reaction_parked", type=stored.type_name, stream=stored.stream, error=str(error))
        return True

    def _look_at_parked(self) -> None:
        """Try again what somebody decided to retry, and what waits behind nothing any more."""
        now = self._clock()
        if now - self._looked_at_parked < LOOK_AT_PARKED_EVERY:
            return
        self._looked_at_parked = now
        try:
            with self._parking_lock:
                parked = self._parking.load()
                self._remember(parked)
        except Exception as error:  # noqa: BLE001 (the next look tries again)
            log.warning("reactor_parking_not_read", error=str(error))
            return
        for event in due(parked):
            if event.event_id not in self._retrying:
                self._retrying.add(event.event_id)
                reaction = BY_TYPE_NAME.get(event.type_name)
                submit = self._call if reaction and reaction.calls_out else self._append
                submit(lambda event=event: self._retry(event))  # type: ignore[misc]

    def _look_at_timers(self) -> None:
        now = self._clock()
        if not self._watches_timers or now - self._looked_at_timers < LOOK_AT_TIMERS_EVERY:
            return
        self._looked_at_timers = now
        try:
            over = self._reactions.timers.over(self._reactions.clock())
        except Exception as error:  # noqa: BLE001 - the next look tries again
            log.warning("reactor_timers_not_read", error=str(error))
            return
        for timer in over:
            if timer.event_id not in self._ringing:
                self._ringing.add(timer.event_id)
                self._append(lambda timer=timer: self._ring(timer))  # type: ignore[misc]

    def _ring(self, timer: Timer) -> None:
        try:
            self._reactions.end_the_hold(timer)
        except Exception as error:  # noqa: BLE001 - whatever it is: later again
            log.warning("timer_failed", stream=timer.stream, error=str(error))
            with suppress(Exception):
                again = self._reactions.clock() + timedelta(seconds=LONGEST_WAIT_SECONDS)
                self._reactions.timers.later(timer.event_id, again)
        self._ringing.discard(timer.event_id)
        self._release()

    def _remember(self, parked: Sequence[ParkedReaction]) -> None:
        with self._lock:
            self._parked_events = frozenset(event.event_id for event in parked)
            self._parked_streams = frozenset(
                event.stream for event in parked if event.state != ParkedState.SKIPPED
            )

    def _retry(self, parked: ParkedReaction) -> None:
        try:
            stored = self._reactions.recorded(parked.stream, parked.event_id)
            if stored is not None:
                self._reactions.react(stored, parked.attempts)
            self._parking.dealt_with(parked.event_id)
        except Exception as error:  # noqa: BLE001 (whatever it is, it stays parked)
            log.warning("parked_reaction_failed", stream=parked.stream, error=str(error))
            self._stays_parked(parked, error)
        self._retrying.discard(parked.event_id)
        self._release()

    def _stays_parked(self, parked: ParkedReaction, error: BaseException) -> None:
        if tries_of(error) == math.inf:
            return  # what passes by itself needs nobody to decide again: the next look tries again
        try:
            self._parking.failed_again(parked.event_id, error)
        except Exception as wrong:  # noqa: BLE001 (then the next look tries again, too)
            log.warning("reaction_not_parked", stream=parked.stream, error=str(wrong))

    def _pool(self, threads: int, name: str) -> Submit:
        pool = ThreadPoolExecutor(threads, thread_name_prefix=f"reactor-{name}")
        self._pools.append(pool)
        return pool.submit
