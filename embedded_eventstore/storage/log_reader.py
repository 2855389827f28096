"""The reading side of the log: pages of committed events, straight from SQLite.

Each call is one short read on a read-only connection of its thread; a page is bounded in rows and
bytes, so nobody holds a snapshot for long or much memory. Knows nothing of gRPC or of waiting.
"""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded_eventstore.storage import recorded_event, schema
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.stream_metadata import (
    ONLY_THE_LAST,
    Truncation,
    is_metastream,
    stream_described_by,
)

MAX_PAGE_ROWS = 500
MAX_PAGE_BYTES = 1024 * 1024

_SELECT = """SELECT position, name, revision, type, shown_in_all, response
    FROM events JOIN streams ON streams.id = stream """
_OF_STREAM = _SELECT + "WHERE stream = ? AND revision BETWEEN ? AND ? AND created >= ? "
_STREAM_FORWARDS = _OF_STREAM + "ORDER BY revision LIMIT ?"
_STREAM_BACKWARDS = _OF_STREAM + "ORDER BY revision DESC LIMIT ?"


class StreamTombstonedError(Exception):
    """The stream was deleted for ever; the argument is its name."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in order. ``next`` is where to go on, None at the end of what there is."""

    records: list[Record]
    next: int | None


@dataclass(frozen=True, slots=True)
class Edges:
    """The first revision of a stream that is still to be seen, and its last."""

    first: int
    last: int


class LogReader:
    """Reads the log from any thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._of_thread = threading.local()
        self._connections: list[sqlite3.Connection] = []

    def close(self) -> None:
        """Close the connections of all threads; no read may be going on."""
        for connection in self._connections:
            connection.close()

    def all_forwards(self, start: int, rows: int, *, resolve_links: bool = False) -> Page:
        """The events of ``$all`` from position ``start``, inclusive."""
        query = _SELECT + "WHERE position >= ? AND shown_in_all ORDER BY position LIMIT ?"
        page = self._page(query, (_int64(start), rows), rows, resolve_links)
        return Page(page, page[-1].position + 1 if self._is_full(page, rows) else None)

    def all_backwards(self, before: int, rows: int, *, resolve_links: bool = False) -> Page:
        """The events of ``$all`` before position ``before``, exclusive, newest first."""
        query = _SELECT + "WHERE position < ? AND shown_in_all ORDER BY position DESC LIMIT ?"
        page = self._page(query, (_int64(before), rows), rows, resolve_links)
        return Page(page, page[-1].position if self._is_full(page, rows) else None)

    def stream_forwards(
        self, name: str, start: int, rows: int, *, resolve_links: bool = False
    ) -> Page | None:
        """The events of a stream from revision ``start``; None if there is no such stream.

        Raises StreamTombstonedError.
        """
        return self._stream_page(name, start, rows, resolve_links, backwards=False)

    def stream_backwards(
        self, name: str, start: int, rows: int, *, resolve_links: bool = False
    ) -> Page | None:
        """The events of a stream from revision ``start`` down; None if there is no such stream.

        Raises StreamTombstonedError.
        """
        return self._stream_page(name, start, rows, resolve_links, backwards=True)

    def last_revision(self, name: str) -> int:
        """The revision of a stream's last event, -1 if it has none, TOMBSTONE if it is gone."""
        return self._find(self._connection(), name)[1]

    def last_position(self) -> int:
        """The position of the newest committed event, -1 if there is none."""
        row = self._connection().execute("SELECT max(position) FROM events").fetchone()
        return -1 if row[0] is None else int(row[0])

    def metastreams(self) -> Iterator[str]:
        """The names of all metadata streams, one after the other."""
        # A range, which SQLite finds by the index of names; "%" is the character after "$".
        rows = self._connection().execute(
            "SELECT name FROM streams WHERE name >= '$$' AND name < '$%'"
        )
        return (name for (name,) in rows)

    def newest_streams(self, count: int) -> list[str]:
        """The streams that were begun last, newest first, without the system's own."""
        rows = self._connection().execute(
            "SELECT name FROM streams WHERE substr(name, 1, 1) != '$'"
            " AND EXISTS (SELECT 1 FROM events WHERE stream = id) ORDER BY id DESC LIMIT ?",
            (count,),
        )
        return [name for (name,) in rows]

    def changed_streams(self, count: int, events: int) -> list[str]:
        """The streams of the newest ``events`` events, newest first, without the system's own."""
        rows = self._connection().execute(
            "SELECT name FROM (SELECT stream, position FROM events ORDER BY position DESC LIMIT ?)"
            " JOIN streams ON streams.id = stream WHERE substr(name, 1, 1) != '$'"
            " GROUP BY stream ORDER BY max(position) DESC LIMIT ?",
            (events, count),
        )
        return [name for (name,) in rows]

    def edges(self, name: str) -> Edges | None:
        """Where a stream begins and ends; None if there is none to be seen."""
        _, last, truncation = self._find(self._connection(), name)
        if last < 0 or truncation.soft_deleted:
            return None
        return Edges(truncation.first_kept(last), last)

    def resolve(self, record: Record) -> Record:
        """Follow a link; any other event stays as it is."""
        if record.type != recorded_event.LINK_TYPE:
            return record
        target = recorded_event.link_target(record.response)
        response = self._target(*target) if target else None
        return record._replace(response=recorded_event.resolved(record.response, response))

    def _stream_page(
        self, name: str, start: int, rows: int, resolve_links: bool, *, backwards: bool
    ) -> Page | None:
        connection = self._connection()
        # One snapshot for metadata and events: a page is what the stream was at one moment.
        connection.execute("BEGIN")
        try:
            stream, last, truncation = self._find(connection, name)
            if is_metastream(name):
                described = self._find(connection, stream_described_by(name))
                if described[1] == TOMBSTONE:
                    raise StreamTombstonedError(stream_described_by(name))
            if last == TOMBSTONE:
                raise StreamTombstonedError(name)
            if last < 0 or truncation.soft_deleted:
                return None
            first, oldest = truncation.first_kept(last), truncation.oldest_kept(_now())
            low, high = (first, start) if backwards else (max(first, start), TOMBSTONE)
            query = _STREAM_BACKWARDS if backwards else _STREAM_FORWARDS
            key = (stream, _int64(low), _int64(high), oldest, rows)
            page = self._page(query, key, rows, resolve_links)
        finally:
            connection.execute("COMMIT")
        if not self._is_full(page, rows) or (backwards and page[-1].revision == 0):
            return Page(page, None)
        return Page(page, page[-1].revision + (-1 if backwards else 1))

    def _page(
        self, query: str, key: tuple[int, ...], rows: int, resolve_links: bool
    ) -> list[Record]:
        page: list[Record] = []
        size = 0
        cursor: Iterable[tuple[int, str, int, str, int, bytes]]
        cursor = self._connection().execute(query, key)
        for row in cursor:
            record = Record._make(row)
            page.append(record)
            size += len(record.response)
            if size > MAX_PAGE_BYTES:
                break
        if resolve_links:
            return [self.resolve(record) for record in page]
        return page

    @staticmethod
    def _is_full(page: list[Record], rows: int) -> bool:
        """Whether the page stopped at a limit rather than at the end of the log."""
        return len(page) == rows or sum(len(r.response) for r in page) > MAX_PAGE_BYTES

    def _target(self, revision: int, name: str) -> bytes | None:
        """The event a link points to, unless it is hidden or gone."""
        connection = self._connection()
        stream, last, truncation = self._find(connection, name)
        if last == TOMBSTONE or truncation.soft_deleted or revision < truncation.first_kept(last):
            return None
        row = connection.execute(
            "SELECT response FROM events WHERE stream = ? AND revision = ? AND created >= ?",
            (stream, _int64(revision), truncation.oldest_kept(_now())),
        ).fetchone()
        return row[0] if row else None

    @staticmethod
    def _find(connection: sqlite3.Connection, name: str) -> tuple[int, int, Truncation]:
        row = connection.execute(schema.FIND_STREAM, (name,)).fetchone()
        if row is None:
            return -1, -1, Truncation()
        stream, _, last, *hiding = row
        truncation = ONLY_THE_LAST if is_metastream(name) else Truncation(*hiding)
        return stream, last, truncation

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = schema.open_for_reading(self._directory)
            self._of_thread.connection = connection
            self._connections.append(connection)
        return connection


def _now() -> int:
    return time.time_ns() // 100


def _int64(value: int) -> int:
    """Clients may name positions up to 2**64 - 1; SQLite counts to 2**63 - 1."""
    return min(value, TOMBSTONE)
