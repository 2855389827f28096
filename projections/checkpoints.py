"""Checkpoints: which generations there are, and moving them by compare-and-set.

The position is what fences: of several projectors that took in the same events only one finds
the checkpoint where it left it. Everything in here runs inside the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connections
from django.db.models import F, Q

from projections.models import (
    NOTHING_YET,
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
)
from projections.projection import Projection
from projections.rows import Held
from projections.writing import read_models_alias

ADVANCE = (
    f'UPDATE "{Checkpoint._meta.db_table}" '  # noqa: S608 - a name from the model
    'SET "position" = %s, "recorded_at" = %s, "handled" = "handled" + %s '
    'WHERE "projection" = %s AND "generation" = %s '
    'AND "position" = %s AND "handled" = %s AND "state" = %s'
)
"""In SQL: the first statements of every batch, and most of what a single event costs."""


class Fenced(Exception):
    """Somebody else moved a checkpoint: nothing of this batch may be kept."""


@dataclass(kw_only=True)
class Follower:
    """One generation of one projection, and how far this projector believes it is."""

    projection: Projection
    generation: int
    state: str
    position: int = NOTHING_YET
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


def follow(projections: Sequence[Projection]) -> list[Follower]:
    """The active generation of each projection, by name; the first one is made here.

    A fresh projection is active at once: there is nothing older that a screen could show.
    """
    followers = []
    for projection in sorted(projections, key=lambda one: one.name):
        checkpoint = Checkpoint.objects.filter(
            projection=projection.name, state=CheckpointState.ACTIVE
        ).first()
        if checkpoint is None:
            checkpoint = begin(projection, CheckpointState.ACTIVE)
        followers.append(follower_of(projection, checkpoint))
    return followers


def begin(projection: Projection, state: CheckpointState) -> Checkpoint:
    """A new generation that has not seen anything."""
    before = Checkpoint.objects.filter(
        projection=projection.name, state=CheckpointState.ACTIVE
    ).first()
    latest = (
        Checkpoint.objects.filter(projection=projection.name)
        .order_by("-generation")
        .values_list("generation", flat=True)
        .first()
    )
    checkpoint = Checkpoint.objects.create(
        projection=projection.name,
        generation=(latest or 0) + 1,
        version=projection.version,
        state=state.value,
    )
    if before is not None:
        _skip_what_was_skipped(before, checkpoint)
    return checkpoint


def start_over(followers: Sequence[Follower]) -> None:
    """Give these projections a generation that has seen nothing, in place of their own.

    Raises `Fenced`.
    """
    for one in followers:
        retired = Checkpoint.objects.filter(one.row).update(state=CheckpointState.RETIRED)
        if retired != 1:
            raise Fenced
        begin(one.projection, CheckpointState(one.state))


def _skip_what_was_skipped(before: Checkpoint, checkpoint: Checkpoint) -> None:
    """What a person decided to leave out stays out, and stays on record."""
    skipped = ParkedEvent.objects.filter(
        projection=before.projection, generation=before.generation, state=ParkedState.SKIPPED
    )
    for event in skipped:
        event.pk, event.generation = None, checkpoint.generation
        event.save(force_insert=True)


def follower_of(projection: Projection, checkpoint: Checkpoint) -> Follower:
    """The follower that goes on from this checkpoint."""
    return Follower(
        projection=projection,
        generation=checkpoint.generation,
        state=checkpoint.state,
        position=checkpoint.position,
        handled=checkpoint.handled,
    )


def advance(followers: Sequence[Follower], to: int, recorded_at: datetime, events: int) -> None:
    """Move the checkpoints from where they were left to `to`. Raises `Fenced`.

    Always in the same order, so that two projectors never wait in a circle.
    """
    connection = connections[read_models_alias()]
    field_of_time = Checkpoint._meta.get_field("recorded_at")
    at = field_of_time.get_db_prep_save(recorded_at, connection)
    with connection.cursor() as cursor:
        for one in followers:
            cursor.execute(
                ADVANCE,
                (
                    to,
                    at,
                    events,
                    one.projection.name,
                    one.generation,
                    one.position,
                    one.handled,
                    one.state,
                ),
            )
            if cursor.rowcount != 1:
                raise Fenced


def touch(follower: Follower) -> None:
    """Fence others off without moving: parked events are taken in. Raises `Fenced`."""
    found = Checkpoint.objects.filter(follower.row).update(handled=F("handled") + 1)
    if found != 1:
        raise Fenced
