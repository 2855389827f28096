"""Looking things up in the log's tables, on the connection that writes.

Sees what the open transaction has written already, unlike the readers. Writes nothing but the name
of a new stream.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

from embedded_eventstore.storage import stream_metadata
from embedded_eventstore.storage.expected_version import StreamFacts
from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.storage.schema import FIND_STREAM


@dataclass(frozen=True, slots=True)
class IdsOfStream:
    """Where the event ids of one stream are recorded."""

    connection: sqlite3.Connection
    stream: int

    def id_at(self, revision: int) -> bytes | None:
        query = "SELECT event_id FROM events WHERE stream = ? AND revision = ?"
        found: bytes | None = self._one(query, revision)
        return found

    def revision_of(self, event_id: bytes) -> int | None:
        # The plus keeps SQLite from walking down the revisions of the whole stream.
        query = "SELECT max(+revision) FROM events WHERE stream = ? AND event_id = ?"
        found: int | None = self._one(query, event_id)
        return found

    def _one(self, query: str, key: object) -> Any:
        row = self.connection.execute(query, (self.stream, key)).fetchone()
        return row[0] if row else None


class LogTables:
    """The tables of the log."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def look_up(self, name: str) -> tuple[int, StreamFacts]:
        """The row id of a stream (-1: it has none yet) and what it looks like."""
        row = self._connection.execute(FIND_STREAM, (name,)).fetchone()
        if row is None:
            return -1, StreamFacts(-1)
        stream, _, last, truncate_before, *_ = row
        if last >= 0:
            soft_deleted = truncate_before == TOMBSTONE and last != TOMBSTONE
            return stream, StreamFacts(last, soft_deleted)
        has_metadata = self.last_revision(stream_metadata.metastream_of(name)) >= 0
        return stream, StreamFacts(-1, truncate_before == TOMBSTONE, has_metadata)

    def last_revision(self, name: str) -> int:
        row = self._connection.execute(FIND_STREAM, (name,)).fetchone()
        return -1 if row is None else int(row[2])

    def position_of(self, stream: int, revision: int) -> int:
        query = "SELECT position FROM events WHERE stream = ? AND revision = ?"
        return int(self._connection.execute(query, (stream, revision)).fetchone()[0])

    def stream_id(self, name: str) -> int:
        row = self._connection.execute("SELECT id FROM streams WHERE name = ?", (name,)).fetchone()
        if row:
            return int(row[0])
        inserted = self._connection.execute("INSERT INTO streams (name) VALUES (?)", (name,))
        assert inserted.lastrowid is not None
        return inserted.lastrowid

    def ids_of(self, stream: int) -> IdsOfStream:
        return IdsOfStream(self._connection, stream)

    def last_response(self, name: str) -> bytes:
        """The last event of a stream that has one."""
        row = self._connection.execute(
            "SELECT response FROM events JOIN streams ON streams.id = stream"
            " WHERE name = ? ORDER BY revision DESC LIMIT 1",
            (name,),
        ).fetchone()
        return bytes(row[0])
