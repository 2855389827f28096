"""Parked events: what the reactor cannot deal with, and everything behind it in its stream.

A person decides: try again, or leave this event out, with a reason. The reactor carries it out.
Knows nothing of reactions.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F

from orders.event_store import StoredEvent

ERROR_LENGTH = 2_000


class ParkedState(StrEnum):
    """What became of a parked event."""

    PARKED = "parked"
    RETRY = "retry"  # the reactor is to try again
    SKIPPED = "skipped"  # somebody decided to leave it out, with a reason


class ParkedReaction(models.Model):
    """An event that could not be reacted to, or one that waits behind it in its stream."""

    event_id = models.UUIDField(unique=True)
    stream = models.CharField(max_length=100)
    revision = models.BigIntegerField()
    position = models.BigIntegerField()
    type_name = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()
    error = models.TextField(help_text="Empty for an event that only waits behind another.")
    attempts = models.IntegerField(default=1)
    state = models.CharField(max_length=10, default=ParkedState.PARKED.value)
    decided_by = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return f"{self.type_name} {self.stream}@{self.revision}"

    @property
    def is_waiting(self) -> bool:
        """Whether it only waits behind another event of its stream."""
        return not self.error


class AlreadyDecided(Exception):
    """Somebody else has decided about this event, or the reactor has dealt with it meanwhile."""

    code = "already_decided"
    sentence = "This event is not parked any more."

    def __str__(self) -> str:
        return self.sentence


class StoredParking:
    """The table; several reactors may share it, because to park and to retry may be repeated."""

    def load(self) -> Sequence[ParkedReaction]:
        """All that was ever parked and not dealt with, in the order of the log."""
        return list(ParkedReaction.objects.all())

    def park(self, stored: StoredEvent, error: BaseException | None) -> None:
        """Put an event aside: with its error, or (None) because it waits behind another."""
        ParkedReaction.objects.get_or_create(
            event_id=stored.event_id,
            defaults={
                "stream": stored.stream,
                "revision": stored.revision,
                "position": stored.position,
                "type_name": stored.type_name,
                "recorded_at": stored.recorded_at,
                "error": "" if error is None else words_of(error),
            },
        )

    def dealt_with(self, event_id: UUID) -> None:
        """Forget an event: it is parked no more."""
        ParkedReaction.objects.filter(event_id=event_id).delete()

    def failed_again(self, event_id: UUID, error: BaseException) -> None:
        """Keep it parked, with the new error."""
        ParkedReaction.objects.filter(event_id=event_id).exclude(
            state=ParkedState.SKIPPED.value
        ).update(state=ParkedState.PARKED.value, error=words_of(error), attempts=F("attempts") + 1)


def words_of(error: BaseException) -> str:
    """An error as a line for people. A traceback goes to the log, not onto a page."""
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]


def due(parked: Iterable[ParkedReaction]) -> list[ParkedReaction]:
    """What is to be tried now: of each stream only the first that is not left out.

    Because somebody said so, or because nothing stands before it any more.
    """
    first: dict[str, ParkedReaction] = {}
    for event in parked:
        if event.state != ParkedState.SKIPPED:
            first.setdefault(event.stream, event)
    return [
        event for event in first.values() if event.state == ParkedState.RETRY or event.is_waiting
    ]


def parked_reactions() -> list[ParkedReaction]:
    """What is parked, waits behind a parked event, or is about to be retried; oldest first."""
    return list(ParkedReaction.objects.exclude(state=ParkedState.SKIPPED.value))


def retry(parked: int, by: str, reason: str) -> None:
    """Have the reactor try this event and those behind it. Raises `AlreadyDecided`."""
    _decide(parked, ParkedState.RETRY, by, reason)


def skip(parked: int, by: str, reason: str) -> None:
    """Leave this event out for good, and go on behind it. Raises `AlreadyDecided`."""
    _decide(parked, ParkedState.SKIPPED, by, reason)


def _decide(parked: int, state: ParkedState, by: str, reason: str) -> None:
    decided = ParkedReaction.objects.filter(pk=parked, state=ParkedState.PARKED.value).update(
        state=state.value, decided_by=by, reason=reason
    )
    if not decided:
        raise AlreadyDecided
