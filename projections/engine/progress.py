"""How far each projection is, and what it has parked. For pages and for health."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, QuerySet

from orders.event_store import StoreUnavailable, event_store
from projections.engine.backlog import SILENT_AFTER, backlog
from projections.engine.models import (
    NOTHING_YET,
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
)
from projections.engine.pulse import last_pulse

LAG_COUNTED_TO = 1_000
"""Events behind are counted up to here; more than that is "many"."""


@dataclass(frozen=True, kw_only=True)
class ProjectionState:
    """One generation of one projection, seen from outside."""

    projection: str
    generation: int
    version: int
    state: str  # booting or active
    position: int  # -1 before the first event
    head: int | None  # None while the log cannot be reached
    events_behind: int | None  # counted up to LAG_COUNTED_TO
    seconds_behind: float | None  # the age of the oldest event not yet handled
    handled: int
    parked: int  # events parked or waiting behind one

    @property
    def is_caught_up(self) -> bool:
        """Whether it has handled all there is."""
        return self.events_behind == 0


@dataclass(frozen=True, kw_only=True)
class ProjectorState:
    """The projector, seen from outside by its pulse."""

    seconds_ago: float | None  # since its last pulse; None if there never was one
    position: int | None  # everything up to there was handled then; -1 for nothing
    is_silent: bool


def projection_states(projection: str = "") -> list[ProjectionState]:
    """Every generation of every projection, or of this one, by name. Reads the log's head once."""
    rows = Checkpoint.objects.filter(state__in=(CheckpointState.BOOTING, CheckpointState.ACTIVE))
    if projection:
        rows = rows.filter(projection=projection)
    checkpoints = list(rows.order_by("projection", "generation"))
    parked = {
        (of, generation): number
        for of, generation, number in _parked()
        .values_list("projection", "generation")
        .annotate(number=Count("pk"))
    }
    head = _head()
    lags = {at: _lag(at, head) for at in {checkpoint.position for checkpoint in checkpoints}}
    return [
        ProjectionState(
            projection=checkpoint.projection,
            generation=checkpoint.generation,
            version=checkpoint.version,
            state=checkpoint.state,
            position=checkpoint.position,
            head=head,
            events_behind=lags[checkpoint.position][0],
            seconds_behind=lags[checkpoint.position][1],
            handled=checkpoint.handled,
            parked=parked.get((checkpoint.projection, checkpoint.generation), 0),
        )
        for checkpoint in checkpoints
    ]


def projector_state() -> ProjectorState:
    """What the projector said of itself, and whether that was too long ago."""
    pulse = last_pulse()
    age = None if pulse is None else pulse.age(datetime.now(UTC))
    return ProjectorState(
        seconds_ago=age,
        position=None if pulse is None else pulse.position,
        is_silent=backlog.has_listened if age is None else age > SILENT_AFTER,
    )


def parked_events(limit: int | None = None) -> list[ParkedEvent]:
    """What is parked, waits behind a parked event, or is about to be retried; oldest first."""
    return list(_parked().order_by("position")[:limit])


def _parked() -> QuerySet[ParkedEvent]:
    return ParkedEvent.objects.exclude(state=ParkedState.SKIPPED)


def _head() -> int | None:
    store = event_store()
    try:
        return None if store.is_away else store.head()
    except StoreUnavailable:
        return None


def _lag(position: int, head: int | None) -> tuple[int | None, float | None]:
    if head is None:
        return None, None
    if position >= head:
        return 0, 0.0
    after = None if position == NOTHING_YET else position
    try:
        behind = event_store().read_all(after=after, limit=LAG_COUNTED_TO)
    except StoreUnavailable:
        return None, None
    if not behind:
        return 0, 0.0
    age = (datetime.now(UTC) - behind[0].recorded_at).total_seconds()
    return len(behind), max(0.0, age)
