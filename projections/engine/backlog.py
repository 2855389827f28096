"""What the log has and the rows of a projection do not: how many facts, and since when.

Each web process measures it about once a second (0.6 ms of CPU), with the head of the log that its
health check has asked for anyway, and keeps the result in memory: live screens, pages, probes and
metrics read it without a query. It makes no difference whether the projector is frozen, dead,
parked or building anew; all that counts is what is missing. Knows no screen.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from django.db import DatabaseError, close_old_connections

from orders.event_store import StoredEvent, StoreUnavailable, event_store
from projections.engine.damaged_file import leave_replaced_file
from projections.engine.models import (
    NOTHING_YET,
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
)
from projections.engine.pulse import LastPulse, last_pulse

STALE_AFTER = 5.0
"""Seconds: a fact that is older and not on the screens makes them stale. Less is everyday life."""

COUNTED_TO = 200
"""Missing facts are counted up to here: reading them costs, and more is "more than 200"."""

UNKNOWN_AFTER = 5.0
"""Seconds without a word from the log, or without a measurement, until nothing is known."""

SILENT_AFTER = 15.0
"""Seconds without a pulse until the projector counts as silent."""

PARKED_READ = 1_000
"""Parked events looked at; the projector stops being useful long before there are so many."""


class ReadLog(Protocol):
    """What is needed of the event store."""

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        """The events behind a commit position."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """What is not in the rows of one projection, as of the last measurement."""

    facts: int = 0  # behind the checkpoint, counted up to COUNTED_TO once the oldest is stale
    oldest_at: datetime | None = None  # when the oldest of them was recorded
    parked: Mapping[str, datetime] = field(default_factory=dict)
    """Streams with parked events, and when the first of each was recorded."""

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.facts > COUNTED_TO

    def age(self, now: datetime) -> float:
        """Of the oldest fact behind the checkpoint, in seconds; 0 if there is none."""
        return 0.0 if self.oldest_at is None else max(0.0, (now - self.oldest_at).total_seconds())


NOTHING_MISSING = Missing()


@dataclass
class _Counted:
    """Facts behind one position that were read already."""

    facts: int
    oldest_at: datetime
    last: int  # position of the last that was counted


@dataclass(frozen=True)
class _Measured:
    at: float  # monotonic
    missing: dict[str, Missing]
    pulse: LastPulse | None


class BacklogWatch:
    """Keeps what one web process knows. Measured by one thread, read by any."""

    def __init__(
        self,
        log: Callable[[], ReadLog] = event_store,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._log = log
        self._clock = clock
        self._now = now
        self._lock = threading.Lock()
        self._head: tuple[int, float] | None = None
        self._measured: _Measured | None = None
        self._counted: dict[int, _Counted] = {}
        self._started_at: float | None = None

    def start(self) -> None:
        """From now on `measure` is called again and again."""
        self._started_at = self._clock()

    def stop(self) -> None:
        """Nobody measures any more."""
        self._started_at = None

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to say: it was measured, or should have been by now.

        False in a process where nobody measures, as in a test of a single page.
        """
        started = self._started_at
        return started is not None and (self._measured is not None or not self._is_recent(started))

    def log_ends_at(self, head: int) -> None:
        """The log has just said where it ends."""
        self._head = (head, self._clock())

    def measure(self) -> None:
        """Compare the checkpoints with the head of the log. Raises nothing."""
        head = self._head
        if head is None or not self._is_recent(head[1]):
            return
        try:
            close_old_connections()
            leave_replaced_file()
            missing = self._missing(head[0])
            pulse = last_pulse()
        except (DatabaseError, StoreUnavailable):
            return  # what was measured before gets old, and then nothing is known
        self._measured = _Measured(self._clock(), missing, pulse)

    def missing_in(self, projection: str) -> Missing | None:
        """What is missing in its rows; None when that is not known."""
        measured = self._recently_measured()
        return None if measured is None else measured.missing.get(projection, NOTHING_MISSING)

    def worst(self) -> Missing | None:
        """The projection that is behind most; None when that is not known."""
        measured = self._recently_measured()
        if measured is None:
            return None
        now = self._now()
        return max(measured.missing.values(), key=lambda m: m.age(now), default=NOTHING_MISSING)

    def pulse(self) -> LastPulse | None:
        """The projector's last pulse, as of the last measurement."""
        return None if self._measured is None else self._measured.pulse

    @property
    def has_listened(self) -> bool:
        """Whether this process would know by now of a projector that speaks.

        One that has just been started has not listened for long enough.
        """
        started = self._started_at
        return started is None or self._clock() - started > SILENT_AFTER

    @property
    def is_projector_silent(self) -> bool:
        """Whether no projector has said for long that it follows the log. False if not known."""
        measured = self._recently_measured()
        if measured is None or not self.has_listened:
            return False
        return measured.pulse is None or measured.pulse.age(self._now()) > SILENT_AFTER

    def _is_recent(self, moment: float) -> bool:
        return self._clock() - moment <= UNKNOWN_AFTER

    def _recently_measured(self) -> _Measured | None:
        measured = self._measured
        return measured if measured is not None and self._is_recent(measured.at) else None

    def _missing(self, head: int) -> dict[str, Missing]:
        active = Checkpoint.objects.filter(state=CheckpointState.ACTIVE)
        rows = list(active.values_list("projection", "generation", "position", "recorded_at"))
        parked = _parked({(projection, generation) for projection, generation, *_ in rows})
        places = {position: recorded_at for _, _, position, recorded_at in rows}
        with self._lock:
            behind = {
                position: counted
                for position, recorded_at in places.items()
                if (counted := self._behind(position, recorded_at, head)) is not None
            }
            self._counted = behind
        nothing = _Counted(0, datetime.max.replace(tzinfo=UTC), 0)
        missing = {}
        for projection, _, position, _ in rows:
            counted = behind.get(position, nothing)
            missing[projection] = Missing(
                facts=counted.facts,
                oldest_at=counted.oldest_at if counted.facts else None,
                parked=parked.get(projection, {}),
            )
        return missing

    def _behind(self, position: int, recorded_at: datetime | None, head: int) -> _Counted | None:
        if position >= head:
            return None
        if recorded_at is not None and self._seconds_since(recorded_at) < STALE_AFTER:
            return None  # whatever is missing is newer than the last fact that is there
        counted = self._counted.get(position)
        if counted is None:
            first = self._log().read_all(None if position == NOTHING_YET else position, 1)
            if not first:
                return None  # what came since is none of the shop's own
            counted = _Counted(1, first[0].recorded_at, first[0].position)
        stale = self._seconds_since(counted.oldest_at) >= STALE_AFTER
        if stale and counted.last < head and counted.facts <= COUNTED_TO:
            more = self._log().read_all(counted.last, COUNTED_TO + 1 - counted.facts)
            if more:
                counted.facts += len(more)
                counted.last = more[-1].position
        return counted

    def _seconds_since(self, moment: datetime) -> float:
        return (self._now() - moment).total_seconds()


def _parked(generations: Iterable[tuple[str, int]]) -> dict[str, dict[str, datetime]]:
    """The streams with parked events in these generations, by projection."""
    wanted = set(generations)
    found: dict[str, dict[str, datetime]] = {}
    rows = ParkedEvent.objects.exclude(state=ParkedState.SKIPPED).order_by("position")
    for projection, generation, stream, recorded_at in rows.values_list(
        "projection", "generation", "stream", "recorded_at"
    )[:PARKED_READ]:
        if (projection, generation) in wanted:
            found.setdefault(projection, {}).setdefault(stream, recorded_at)
    return found


backlog = BacklogWatch()
"""What this process knows. Measured by its health check."""
