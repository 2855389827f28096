"""Parked events: what a projection could not apply, and everything behind it in its stream.

A person decides: try again, or leave this event out, with a reason. The projector carries it out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connections
from django.db.models import F

from orders.domain.refused import Refused
from orders.event_store import StoredEvent
from projections.engine.checkpoints import ProjectionCursor
from projections.engine.models import ParkedEvent, ParkedState
from projections.engine.transactions import read_models_alias, writing

ERROR_LENGTH = 2_000


PARKED_STREAMS = (
    'SELECT DISTINCT "projection", "generation", "stream", '  # noqa: S608 - a name from the model
    'CASE WHEN "state" = %s THEN "position" END '
    f'FROM "{ParkedEvent._meta.db_table}"'
)
"""In SQL, because every batch needs it: a position only for what is skipped."""


@dataclass
class Parked:
    """What one generation has parked: whole streams, and events that are left out of theirs."""

    streams: set[str] = field(default_factory=set)
    skipped: dict[str, set[int]] = field(default_factory=dict)  # positions by stream


class AlreadyDecided(Refused):
    """Somebody else has decided about this event, or the projector has applied it meanwhile."""

    code = "already_decided"
    words = "This event is not parked any more."


def parked_by(cursors: Iterable[ProjectionCursor]) -> dict[str, Parked]:
    """What exactly these generations have parked, by projection."""
    generations = {cursor.projection.name: cursor.generation for cursor in cursors}
    parked = {name: Parked() for name in generations}
    with connections[read_models_alias()].cursor() as statement:
        statement.execute(PARKED_STREAMS, [ParkedState.SKIPPED.value])
        found = statement.fetchall()
    for projection, generation, stream, skipped in found:
        if generations.get(projection) != generation:
            continue
        if skipped is None:
            parked[projection].streams.add(stream)
        else:
            parked[projection].skipped.setdefault(stream, set()).add(skipped)
    return parked


def park(cursor: ProjectionCursor, stored: StoredEvent, error: BaseException | None) -> None:
    """Put an event aside: with its error, or (None) because it waits behind another."""
    ParkedEvent.objects.create(
        projection=cursor.projection.name,
        generation=cursor.generation,
        stream=stored.stream,
        revision=stored.revision,
        position=stored.position,
        event_id=stored.event_id,
        type_name=stored.type_name,
        recorded_at=stored.recorded_at,
        error="" if error is None else words_of(error),
    )


def words_of(error: BaseException) -> str:
    """An error as a line for people. A traceback goes to the log, not onto a page."""
    return f"{type(error).__name__}: {error}"[:ERROR_LENGTH]


def retry(parked: int, by: str, reason: str) -> None:
    """Have the projector apply this event and those behind it. Raises `AlreadyDecided`."""
    _decide(parked, ParkedState.RETRY, by, reason)


def skip(parked: int, by: str, reason: str) -> None:
    """Leave this event out for good, and go on behind it. Raises `AlreadyDecided`."""
    _decide(parked, ParkedState.SKIPPED, by, reason)


def _decide(parked: int, state: ParkedState, by: str, reason: str) -> None:
    with writing():
        event = ParkedEvent.objects.filter(pk=parked, state=ParkedState.PARKED).first()
        if event is None:
            raise AlreadyDecided
        event.state, event.decided_by, event.reason = state.value, by, reason
        event.save(update_fields=["state", "decided_by", "reason"])
        if state is ParkedState.SKIPPED:
            _next_behind(event)


def _next_behind(skipped: ParkedEvent) -> None:
    behind = (
        ParkedEvent.objects.filter(
            projection=skipped.projection,
            generation=skipped.generation,
            stream=skipped.stream,
            state=ParkedState.PARKED,
        )
        .order_by("revision")
        .first()
    )
    if behind is not None:
        ParkedEvent.objects.filter(pk=behind.pk).update(state=ParkedState.RETRY)


def streams_to_retry(cursors: Iterable[ProjectionCursor]) -> list[tuple[ProjectionCursor, str]]:
    """The streams that are to be tried again, each with its cursor."""
    by_key = {(cursor.projection.name, cursor.generation): cursor for cursor in cursors}
    retries = ParkedEvent.objects.filter(state=ParkedState.RETRY)
    return [
        (by_key[projection, generation], stream)
        for projection, generation, stream in retries.values_list(
            "projection", "generation", "stream"
        ).distinct()
        if (projection, generation) in by_key
    ]


def waiting_in(cursor: ProjectionCursor, stream: str) -> list[ParkedEvent]:
    """What is parked of one stream, in its order, skipped events left out."""
    return list(
        ParkedEvent.objects.filter(
            projection=cursor.projection.name, generation=cursor.generation, stream=stream
        )
        .exclude(state=ParkedState.SKIPPED)
        .order_by("revision")
    )


def failed_again(event: ParkedEvent, error: BaseException) -> None:
    """Keep it parked, with the new error."""
    ParkedEvent.objects.filter(pk=event.pk).update(
        state=ParkedState.PARKED, error=words_of(error), attempts=F("attempts") + 1
    )
