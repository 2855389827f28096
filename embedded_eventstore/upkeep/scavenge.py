"""Removes for good what is deleted: the bytes of every event that no stream read shows any more.

Positions and revisions of the others stay; `$all` skips the removed ones. Of a removed event remain
its digest in the chain and, in its stream, how far the numbering had got. Unlike the original it
spares no stream's last event, for what is deleted shall be gone. Works in small transactions, so
appends go on in between. Knows the tables; knows neither the writer thread nor gRPC.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from embedded_eventstore.storage import chain
from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.storage.schema import FIND_STREAM, STREAM_COLUMNS
from embedded_eventstore.storage.stream_metadata import (
    ONLY_THE_LAST,
    Truncation,
    is_metastream,
    stream_described_by,
)

STREAMS_IN_A_STEP = 500
EVENTS_IN_A_STEP = 500
BYTES_IN_A_STEP = 2 * 1024 * 1024
"""A step is one short transaction: other writers wait no longer than for a batch append."""

_STREAMS = STREAM_COLUMNS + " WHERE id > ? ORDER BY id LIMIT ?"
_HIDDEN = "SELECT position, revision, response FROM events WHERE stream = ? AND revision < ?"
_EXPIRED = (
    "SELECT position, revision, response FROM events"
    " WHERE stream = ? AND revision >= ? AND created < ?"
)

_Doomed = tuple[int, int, bytes]
"""Position, revision and bytes of an event to be removed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction removed. ``cursor`` is where to go on, None at the end of the log."""

    cursor: int | None
    removed: int


def scavenge_step(connection: sqlite3.Connection, cursor: int = 0) -> Step:
    """Remove some events, in a transaction of its own; the first step begins at cursor 0."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        step = _step(connection, cursor)
        connection.execute("COMMIT")
    except BaseException:
        # After some errors SQLite has already rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return step


def compact(connection: sqlite3.Connection) -> None:
    """Write the whole file anew, in one long transaction.

    Gives free space back. What was removed is overwritten before that already, but for an old copy
    that SQLite may have left behind in a page where it once moved events about: gone only now.
    """
    connection.execute("VACUUM")


def _step(connection: sqlite3.Connection, cursor: int) -> Step:
    removed, size = 0, 0
    streams = connection.execute(_STREAMS, (cursor, STREAMS_IN_A_STEP)).fetchall()
    for stream, name, last, *hiding in streams:
        doomed = []
        for event in _doomed_in(connection, stream, name, last, Truncation(*hiding)):
            doomed.append(event)
            size += len(event[2])
            if removed + len(doomed) >= EVENTS_IN_A_STEP or size >= BYTES_IN_A_STEP:
                _remove(connection, stream, doomed)
                return Step(stream - 1, removed + len(doomed))
        _remove(connection, stream, doomed)
        removed += len(doomed)
    return Step(streams[-1][0] if len(streams) == STREAMS_IN_A_STEP else None, removed)


def _doomed_in(
    connection: sqlite3.Connection, stream: int, name: str, last: int, truncation: Truncation
) -> Iterator[_Doomed]:
    if last == TOMBSTONE:
        yield from connection.execute(_HIDDEN, (stream, TOMBSTONE))
        return
    if is_metastream(name):
        truncation = ONLY_THE_LAST
        if _is_tombstoned(connection, stream_described_by(name)):
            truncation = Truncation(TOMBSTONE)
    first = truncation.first_kept(last)
    yield from connection.execute(_HIDDEN, (stream, first))
    if truncation.max_age is not None:
        oldest = truncation.oldest_kept(time.time_ns() // 100)
        yield from connection.execute(_EXPIRED, (stream, first, oldest))


def _is_tombstoned(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute(FIND_STREAM, (name,)).fetchone()
    return row is not None and row[2] == TOMBSTONE


def _remove(connection: sqlite3.Connection, stream: int, doomed: Iterable[_Doomed]) -> None:
    for position, revision, response in doomed:
        connection.execute(
            "UPDATE chain SET digest = ? WHERE position = ?", (chain.digest(response), position)
        )
        connection.execute("DELETE FROM events WHERE position = ?", (position,))
        connection.execute(
            "UPDATE streams SET removed_to = max(removed_to, ?) WHERE id = ?", (revision, stream)
        )
