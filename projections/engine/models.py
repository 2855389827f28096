"""The projector's own tables: how far it is, the state number of each view, what it had to park.

Committed together with the rows of the screens. They know no screen's content.
"""

from enum import StrEnum
from typing import ClassVar

from django.db import models

NOTHING_YET = -1
"""The position of a projection that has not handled any event."""


class CheckpointState(StrEnum):
    """What a generation of a projection is for."""

    BOOTING = "booting"  # catching up beside the active one
    ACTIVE = "active"  # what the screens show
    RETIRED = "retired"  # replaced; its rows are being removed
    SHADOW = "shadow"  # only there to be compared with the active one


class Checkpoint(models.Model):
    """How far one generation of one projection is. The position only moves with its rows."""

    projection = models.CharField(max_length=50)
    generation = models.IntegerField()
    version = models.IntegerField(help_text="Of the projection's code that wrote the rows.")
    position = models.BigIntegerField(
        default=NOTHING_YET, help_text="The commit position of the last event; -1 for none."
    )
    event_id = models.UUIDField(
        null=True,
        help_text="The id of that event: a log that has another one there is another log.",
    )
    recorded_at = models.DateTimeField(null=True, help_text="When that event was recorded.")
    state = models.CharField(max_length=10)
    handled = models.BigIntegerField(default=0, help_text="Events seen so far.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("projection", "generation"), name="checkpoint_of_generation"
            ),
            models.UniqueConstraint(
                fields=("projection",),
                condition=models.Q(state=CheckpointState.ACTIVE.value),
                name="one_active_generation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.projection}:{self.generation} {self.state} at {self.position}"


class ProjectorPulse(models.Model):
    """One row: when a projector last said that it follows the log, and how far it had come."""

    at = models.DateTimeField()
    position = models.BigIntegerField(help_text="Everything up to here is handled; -1 for nothing.")

    def __str__(self) -> str:
        return f"at {self.position}, {self.at:%H:%M:%S}"


class ViewSequence(models.Model):
    """The state number of one live screen: gap-free, raised in the projector's transaction."""

    name = models.CharField(max_length=60, help_text="barista-queue, board, order:<hex>, …")
    generation = models.IntegerField()
    seq = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("name", "generation"), name="view_in_generation")
        ]

    def __str__(self) -> str:
        return f"{self.name}:{self.generation} at {self.seq}"


class ParkedState(StrEnum):
    """What became of a parked event."""

    PARKED = "parked"
    RETRY = "retry"  # the projector is to try again
    SKIPPED = "skipped"  # somebody decided to leave it out, with a reason


class ParkedEvent(models.Model):
    """An event that could not be applied, or one that waits behind it in its stream."""

    projection = models.CharField(max_length=50)
    generation = models.IntegerField()
    stream = models.CharField(max_length=100)
    revision = models.BigIntegerField()
    position = models.BigIntegerField()
    event_id = models.UUIDField()
    type_name = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    error = models.TextField(help_text="Empty for an event that only waits behind another.")
    attempts = models.IntegerField(default=1)
    state = models.CharField(max_length=10, default=ParkedState.PARKED.value)
    decided_by = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("projection", "generation", "position"), name="parked_event"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["projection", "generation", "stream", "revision"], name="parked_stream"
            )
        ]

    def __str__(self) -> str:
        return f"{self.projection}: {self.type_name} {self.stream}@{self.revision}"

    @property
    def is_waiting(self) -> bool:
        """Whether it only waits behind another event of its stream."""
        return not self.error
