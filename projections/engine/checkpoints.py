"""Checkpoints: which generations there are, and moving them by compare-and-set.

The position is what fences: of several projectors that applied the same events only one finds
the checkpoint where it left it. Everything in here runs inside the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections
from django.db.models import F, Field, Q, QuerySet, Subquery

from orders.event_store import StandBy, StoredEvent
from projections.engine.models import (
    NOTHING_YET,
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
)
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow
from projections.engine.transactions import read_models_alias
from projections.engine.unit_of_work import Held

R = TypeVar("R", bound=ReadRow)

ADVANCE = (
    f'UPDATE "{Checkpoint._meta.db_table}" '  # noqa: S608 - a name from the model
    'SET "position" = %s, "event_id" = %s, "recorded_at" = %s, "handled" = "handled" + %s '
    "WHERE {}"
)
WHERE_IT_WAS_LEFT = (
    '("projection" = %s AND "generation" = %s '
    'AND "position" = %s AND "handled" = %s AND "state" = %s)'
)
"""In SQL: the first statement of every batch; as objects it was most of what one event costs."""


class Fenced(StandBy):
    """Another projector moved a checkpoint: nothing of this batch may be kept."""


@dataclass(kw_only=True)
class ProjectionCursor:
    """One generation of one projection, and how far this projector believes it is."""

    projection: Projection
    generation: int
    state: str
    position: int = NOTHING_YET
    event_id: UUID | None = None  # of the event there; None also where nobody wrote it down
    handled: int = 0
    held: Held = field(default_factory=dict)

    def forget_rows(self) -> None:
        """The rows in memory may not be what the tables say: read them again."""
        self.held = {}

    @property
    def is_active(self) -> bool:
        """Whether the screens show this generation."""
        return self.state == CheckpointState.ACTIVE

    @property
    def row(self) -> Q:
        """Its checkpoint, if it is where this projector left it."""
        return Q(
            projection=self.projection.name,
            generation=self.generation,
            position=self.position,
            handled=self.handled,
            state=self.state,
        )


def cursor_of(projection: Projection, checkpoint: Checkpoint) -> ProjectionCursor:
    """The cursor that goes on from this checkpoint."""
    return ProjectionCursor(
        projection=projection,
        generation=checkpoint.generation,
        state=checkpoint.state,
        position=checkpoint.position,
        event_id=checkpoint.event_id,
        handled=checkpoint.handled,
    )


def active_cursors(projections: Sequence[Projection]) -> list[ProjectionCursor]:
    """The active generation of each projection, by name; the first one is made here.

    A fresh projection is active at once: there is nothing older that a screen could show.
    """
    cursors = []
    for projection in sorted(projections, key=lambda projection: projection.name):
        checkpoint = active_checkpoint(projection.name)
        if checkpoint is None:
            checkpoint = begin(projection, CheckpointState.ACTIVE)
        cursors.append(cursor_of(projection, checkpoint))
    return cursors


def active_checkpoint(projection: str) -> Checkpoint | None:
    """The checkpoint of the generation that the screens show."""
    return Checkpoint.objects.filter(projection=projection, state=CheckpointState.ACTIVE).first()


def active_generation(projection: str) -> int:
    """The number of the generation that the screens show; 0 before there is one."""
    checkpoint = active_checkpoint(projection)
    return checkpoint.generation if checkpoint else 0


def active_generations() -> dict[str, int]:
    """The same for all projections, by name."""
    active = Checkpoint.objects.filter(state=CheckpointState.ACTIVE)
    return dict(active.values_list("projection", "generation"))


def active_positions() -> dict[str, int]:
    """How far the generation that the screens show is, of all projections, by name."""
    active = Checkpoint.objects.filter(state=CheckpointState.ACTIVE)
    return dict(active.values_list("projection", "position"))


def active_rows(model: type[R]) -> QuerySet[R]:
    """The rows that the screens show. One query: the generation is looked up inside it."""
    active = Checkpoint.objects.filter(projection=model.PROJECTION, state=CheckpointState.ACTIVE)
    return model._default_manager.filter(generation=Subquery(active.values("generation")[:1]))


def begin(projection: Projection, state: CheckpointState) -> Checkpoint:
    """A new generation that has not seen anything."""
    before = active_checkpoint(projection.name)
    generations = Checkpoint.objects.filter(projection=projection.name).order_by("-generation")
    checkpoint = Checkpoint.objects.create(
        projection=projection.name,
        generation=(generations.values_list("generation", flat=True).first() or 0) + 1,
        version=projection.version,
        state=state.value,
    )
    if before is not None:
        _skip_what_was_skipped(before, checkpoint)
    return checkpoint


def start_over(cursors: Sequence[ProjectionCursor]) -> None:
    """Give these projections a generation that has seen nothing, in place of their own.

    Raises `Fenced`.
    """
    for cursor in cursors:
        retired = Checkpoint.objects.filter(cursor.row).update(state=CheckpointState.RETIRED)
        if retired != 1:
            raise Fenced
        begin(cursor.projection, CheckpointState(cursor.state))


def _skip_what_was_skipped(before: Checkpoint, checkpoint: Checkpoint) -> None:
    """What a person decided to leave out stays out, and stays on record."""
    skipped = ParkedEvent.objects.filter(
        projection=before.projection, generation=before.generation, state=ParkedState.SKIPPED
    )
    for event in skipped:
        event.pk, event.generation = None, checkpoint.generation
        event.save(force_insert=True)


def advance(cursors: Sequence[ProjectionCursor], last: StoredEvent, events: int) -> None:
    """Move these checkpoints from where they were left to the event `last`. Raises `Fenced`.

    In one statement, so many events on for each. PostgreSQL locks the rows in the order in which
    they lie there, for every projector alike: two of them do not wait in a circle.
    """
    connection = connections[read_models_alias()]
    event_id: Field[Any, Any] = Checkpoint._meta.get_field("event_id")
    recorded_at: Field[Any, Any] = Checkpoint._meta.get_field("recorded_at")
    with connection.cursor() as statement:
        statement.execute(
            ADVANCE.format(" OR ".join([WHERE_IT_WAS_LEFT] * len(cursors))),
            [
                last.position,
                event_id.get_db_prep_save(last.event_id, connection),
                recorded_at.get_db_prep_save(last.recorded_at, connection),
                events,
                *(
                    value
                    for cursor in cursors
                    for value in (
                        cursor.projection.name,
                        cursor.generation,
                        cursor.position,
                        cursor.handled,
                        cursor.state,
                    )
                ),
            ],
        )
        if statement.rowcount != len(cursors):
            raise Fenced


def touch(cursor: ProjectionCursor) -> None:
    """Fence others off without moving, before parked events are applied. Raises `Fenced`."""
    if Checkpoint.objects.filter(cursor.row).update(handled=F("handled") + 1) != 1:
        raise Fenced
