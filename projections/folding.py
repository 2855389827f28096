"""Taking a batch of events into the rows of one generation, quickly or carefully.

Quickly: all in memory, each row written once. Carefully, after something went wrong: event by
event behind a savepoint, so that only the stream of the event at fault is parked.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from django.db import InterfaceError, OperationalError, transaction

from orders import event_codec
from orders.domain.event import type_named
from orders.domain.fact import Fact
from orders.domain.streams import ORDER, category_of, id_of
from orders.event_codec import KeyRing, Undecodable
from orders.event_store import StoredEvent
from projections.checkpoints import Follower
from projections.models import CheckpointState
from projections.parking import park
from projections.projection import Projection
from projections.rows import Changes, Rows
from projections.writing import read_models_alias

TRANSIENT = (OperationalError, InterfaceError)
"""The database is away, locked or overtaken: nobody's event is at fault. Try again."""

logger = logging.getLogger(__name__)


class NeedsCare(Exception):
    """This batch cannot be taken in as a whole."""


class RebuildFailed(Exception):
    """A new generation met an event it cannot take in: it is not to become active."""

    code = "rebuild_failed"

    def __init__(self, projection: str, stored: StoredEvent, error: BaseException) -> None:
        super().__init__(
            f"Rebuilding {projection} stopped at {stored.type_name} "
            f"({stored.stream}, event {stored.revision}): {type(error).__name__}: {error}"
        )


@dataclass(frozen=True)
class Taken:
    """One event of a batch and what was in its bytes: a fact, an error, or neither (unknown)."""

    stored: StoredEvent
    fact: Fact | None
    error: Undecodable | None = None


def decoded(batch: Sequence[StoredEvent], keys: KeyRing | None) -> list[Taken]:
    """Each event with its fact; once for all projections."""
    if keys is not None:
        keys.fetch(filter(None, map(_customer_in, batch)))
    taken = []
    for stored in batch:
        try:
            taken.append(Taken(stored, event_codec.decode(stored, keys)))
        except Undecodable as error:
            taken.append(Taken(stored, None, error))
    return taken


class _OfCustomer(msgspec.Struct):
    customer: str = ""


_of_customer = msgspec.json.Decoder(_OfCustomer)


def _customer_in(stored: StoredEvent) -> str:
    """Whose key this event may need, without decoding it; what cannot be read is seen later."""
    known = type_named(stored.type_name)
    if known is None or not known.personal_fields:
        return ""
    try:
        return _of_customer.decode(stored.data).customer
    except msgspec.MsgspecError:
        return ""


def concerns(projection: Projection, one: Taken) -> bool:
    """Whether the projection would do something with this event, or cannot know."""
    if one.fact is not None:
        return type(one.fact.event) in projection.handlers
    if one.error is None:
        return False
    known = type_named(one.stored.type_name)
    return known is None or known.event_class in projection.handlers


def fold_quickly(follower: Follower, taken: Sequence[Taken], parked: set[str]) -> Rows:
    """The rows after these events, not yet written. Raises `NeedsCare`."""
    concerning = [one for one in taken if concerns(follower.projection, one)]
    if parked or any(one.error for one in concerning):
        raise NeedsCare
    rows = Rows(follower.generation, held=follower.held)
    _read_ahead(rows, follower.projection, concerning)
    for one in concerning:
        try:
            follower.projection.handle(one.fact, rows)  # type: ignore[arg-type]
        except TRANSIENT:
            raise
        except Exception as error:
            raise NeedsCare from error
    return rows


def fold_carefully(
    follower: Follower, taken: Sequence[Taken], parked: set[str], skipped: set[int]
) -> Changes:
    """Take these events in one by one; park what fails, and what comes behind it.

    Raises `RebuildFailed` for a generation that is not active yet.
    """
    changes: Changes = {}
    for one in taken:
        if not concerns(follower.projection, one) or one.stored.position in skipped:
            continue
        if one.stored.stream in parked:
            park(follower, one.stored, None)
            continue
        error = take_in(follower, one, changes)
        if error is None:
            continue
        if follower.state == CheckpointState.BOOTING:
            raise RebuildFailed(follower.projection.name, one.stored, error)
        park(follower, one.stored, error)
        parked.add(one.stored.stream)
        logger.error(
            "parked %s: %s event %d in projection %s",
            one.stored.stream,
            one.stored.type_name,
            one.stored.revision,
            follower.projection.name,
            exc_info=error,
        )
    return changes


def take_in(follower: Follower, one: Taken, changes: Changes) -> Exception | None:
    """Take one event in behind a savepoint; the error if it cannot be."""
    if one.error is not None:
        return one.error
    rows = Rows(follower.generation)
    try:
        with transaction.atomic(using=read_models_alias()):
            if one.fact is not None:
                follower.projection.handle(one.fact, rows)
            rows.write()
    except TRANSIENT:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, only this stream is held up
        return error
    for model, changed in rows.changes().items():
        changes.setdefault(model, {}).update(changed)
    return None


def _read_ahead(rows: Rows, projection: Projection, taken: Sequence[Taken]) -> None:
    """One query a table for all orders of the batch, none for those that begin in it."""
    beginning: set[str] = set()
    going_on: set[str] = set()
    for one in taken:
        stream = one.stored.stream
        if category_of(stream) == ORDER:
            (beginning if one.stored.revision == 0 else going_on).add(id_of(stream))
    for model in projection.tables:
        if model.KEY == ("order",):
            rows.expect_none(model, beginning)
            rows.fetch(model, going_on - beginning)
