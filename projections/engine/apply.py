"""Applying a batch of events to one generation of one projection, quickly or carefully.

Quickly: all in memory, each row written once, and only if it differs. Carefully, after something
went wrong: event by event behind a savepoint, so that only the stream at fault is parked.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from orders.domain.event import FORGOTTEN, type_named
from orders.domain.events import CustomerForgotten
from orders.event_store import GiveUp, StoredEvent
from projections.engine.checkpoints import ProjectionCursor
from projections.engine.decoding import DecodedEvent
from projections.engine.folded_stream import AnyStream, FoldedStreams
from projections.engine.models import CheckpointState
from projections.engine.parking import Parked, park
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow
from projections.engine.transactions import read_models_alias
from projections.engine.unit_of_work import Changes, UnitOfWork

TRANSIENT = (OperationalError, InterfaceError)
"""The database is away, locked or overtaken: nobody's event is at fault. Try again."""

logger = logging.getLogger(__name__)


class NeedsCare(Exception):
    """This batch cannot be applied as a whole."""


class MissingRow(LookupError):
    """A fact about something that no earlier fact of its stream has introduced."""

    def __init__(self, model: type[ReadRow], key: str) -> None:
        super().__init__(f"There is no {model._meta.verbose_name} {key} yet.")


class RebuildFailed(GiveUp):
    """A new generation met an event that cannot be applied: it must not become active."""

    code = "rebuild_failed"

    def __init__(self, projection: str, stored: StoredEvent, error: BaseException) -> None:
        super().__init__(
            f"Rebuilding {projection} stopped at {stored.type_name} "
            f"({stored.stream}, event {stored.revision}): {type(error).__name__}: {error}"
        )


@dataclass(slots=True)
class FoldedEvent:
    """An event, and its stream just before and after it; None for streams that are not folded."""

    event: DecodedEvent
    before: AnyStream | None
    after: AnyStream | None

    @property
    def stored(self) -> StoredEvent:
        """The event as the log has it."""
        return self.event.stored


@dataclass
class Batch:
    """Events that are applied together."""

    events: Sequence[FoldedEvent]

    @cached_property
    def streams(self) -> list[tuple[FoldedEvent, FoldedEvent]]:
        """The first and the last event of each folded stream in it."""
        first: dict[str, FoldedEvent] = {}
        last: dict[str, FoldedEvent] = {}
        for folded in self.events:
            if folded.after is not None and folded.event.fact is not None:
                first.setdefault(folded.after.stream, folded)
                last[folded.after.stream] = folded
        return [(first[stream], folded) for stream, folded in last.items()]

    @cached_property
    def forgotten(self) -> set[str]:
        """The customers who asked to be forgotten."""
        facts = (folded.event.fact.event for folded in self.events if folded.event.fact)
        return {event.customer for event in facts if isinstance(event, CustomerForgotten)}

    @cached_property
    def _unreadable(self) -> list[FoldedEvent]:
        return [folded for folded in self.events if folded.event.error is not None]

    def needing_care(self, streams: Collection[str]) -> list[FoldedEvent]:
        """The events that cannot be read, and those of these streams."""
        if not streams:
            return self._unreadable
        return [
            folded
            for folded in self.events
            if folded.event.error is not None or folded.stored.stream in streams
        ]

    def behind(self, position: int) -> "Batch":
        """Its events behind a commit position."""
        if self.events[0].stored.position > position:
            return self
        return Batch([folded for folded in self.events if folded.stored.position > position])


def fold_each(events: Sequence[DecodedEvent], streams: FoldedStreams[Any]) -> Batch:
    """Each event with its stream before and after it; once for all projections."""
    folded = []
    for event in events:
        before = after = None
        if streams.covers(event.stored.stream):
            before = streams.before(event.stored)
            after = streams.after(before, event.stored, event.fact)
        folded.append(FoldedEvent(event, before, after))
    return Batch(folded)


def concerns(projection: Projection, folded: FoldedEvent) -> bool:
    """Whether the projection would do something with this event, or cannot know."""
    event = folded.event
    if event.fact is None and event.error is None:
        return False
    if projection.row is not None and folded.after is not None:
        return True
    if event.fact is not None:
        return type(event.fact.event) in projection.handlers
    known = type_named(event.stored.type_name)
    if known is None or known.event_class in projection.handlers:
        return True
    has_names = any(model.PERSONAL for model in projection.tables)
    return has_names and known.event_class is CustomerForgotten


def apply_quickly(cursor: ProjectionCursor, batch: Batch, parked: Parked) -> UnitOfWork:
    """The rows after these events, not yet written. Raises `NeedsCare`."""
    projection = cursor.projection
    work = UnitOfWork(cursor.generation, cursor.held)
    careful_streams = parked.streams | parked.skipped.keys()
    try:
        if any(concerns(projection, folded) for folded in batch.needing_care(careful_streams)):
            raise NeedsCare
        for folded in batch.events if projection.handlers else ():
            _handle(projection, folded, work)
        if projection.row is not None:
            for first, last in batch.streams:
                _put_row(projection, first, last, work)
    except (NeedsCare, *TRANSIENT):
        raise
    except Exception as error:
        raise NeedsCare from error
    _blank_personal_columns(projection, batch.forgotten, work)
    return work


def apply_carefully(
    cursor: ProjectionCursor, batch: Batch, parked: Parked, streams: FoldedStreams[Any]
) -> Changes:
    """Apply these events one by one; park what fails, and what comes behind it.

    Raises `RebuildFailed` for a generation that is not active yet.
    """
    changes: Changes = {}
    for folded in batch.events:
        stored = folded.stored
        if not concerns(cursor.projection, folded):
            continue
        if stored.position in parked.skipped.get(stored.stream, ()):
            continue
        if stored.stream in parked.streams:
            park(cursor, stored, None)
            continue
        if stored.stream in parked.skipped:
            folded = without(folded.event, parked, streams)
        error = apply_one(cursor, folded, changes)
        if error is None:
            continue
        if cursor.state == CheckpointState.BOOTING:
            raise RebuildFailed(cursor.projection.name, stored, error)
        park(cursor, stored, error)
        parked.streams.add(stored.stream)
        logger.error(
            "parked %s: %s event %d in projection %s",
            stored.stream,
            stored.type_name,
            stored.revision,
            cursor.projection.name,
            exc_info=error,
        )
    work = UnitOfWork(cursor.generation)
    _blank_personal_columns(cursor.projection, batch.forgotten, work)
    _write(work, changes)
    return changes


def apply_one(cursor: ProjectionCursor, folded: FoldedEvent, changes: Changes) -> Exception | None:
    """Apply one event behind a savepoint; the error if it cannot be."""
    if folded.event.error is not None:
        return folded.event.error
    work = UnitOfWork(cursor.generation)
    try:
        with transaction.atomic(using=read_models_alias()):
            _handle(cursor.projection, folded, work)
            _put_row(cursor.projection, folded, folded, work)
            _blank_personal_columns(cursor.projection, Batch([folded]).forgotten, work)
            _write(work, changes)
    except TRANSIENT:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, only this stream is held up
        return error
    return None


def without(event: DecodedEvent, parked: Parked, streams: FoldedStreams[Any]) -> FoldedEvent:
    """This event with its stream as it is without the events that somebody decided to leave out."""
    stored = event.stored
    if not streams.covers(stored.stream):
        return FoldedEvent(event, None, None)
    skipped = parked.skipped.get(stored.stream, ())
    return FoldedEvent(
        event,
        streams.read(stored.stream, stored.revision - 1, skipped),
        streams.read(stored.stream, stored.revision, skipped),
    )


def _handle(projection: Projection, folded: FoldedEvent, work: UnitOfWork) -> None:
    fact = folded.event.fact
    handler = None if fact is None else projection.handlers.get(type(fact.event))
    if fact is not None and handler is not None:
        before = None if folded.before is None else folded.before.state
        after = None if folded.after is None else folded.after.state
        handler(fact, before, after, work)


def _put_row(
    projection: Projection, first: FoldedEvent, last: FoldedEvent, work: UnitOfWork
) -> None:
    """Put the row of a stream after its `last` event, if it differs from that before `first`."""
    if projection.row is None or first.before is None or first.after is None or last.after is None:
        return
    if not first.after.has_begun:
        raise MissingRow(projection.tables[0], last.after.id)
    before, row = projection.row_of(first.before), projection.row_of(last.after)
    if row is not None and (before is None or row.values() != before.values()):
        work.put(row)


def _blank_personal_columns(
    projection: Projection, customers: Collection[str], work: UnitOfWork
) -> None:
    for model in projection.tables:
        for customer in customers if model.PERSONAL else ():
            for row in work.of_customer(model, customer):
                # An empty column stays empty: it was never sealed, and reads so in a rebuild too.
                named = [column for column in model.PERSONAL if getattr(row, column)]
                if all(getattr(row, column) == FORGOTTEN for column in named):
                    continue
                for column in named:
                    setattr(row, column, FORGOTTEN)
                work.put(row)


def _write(work: UnitOfWork, changes: Changes) -> None:
    work.write()
    for model, changed in work.changes.items():
        changes.setdefault(model, {}).update(changed)
