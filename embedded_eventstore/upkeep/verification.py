"""Checks that everything in the log is as it was recorded; says what is wrong in sentences.

Reads one snapshot of the file, so a server may go on writing meanwhile. Changes nothing.
"""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.storage import chain, schema
from embedded_eventstore.storage.operations import TOMBSTONE

MOST_PROBLEMS = 20
"""Enough to see what happened; a badly damaged log would fill the screen."""

_CHAINED_EVENTS = """
SELECT chain.position, link, digest, CAST(response AS BLOB), revision, event_id, created, type, name
FROM chain LEFT JOIN events ON events.position = chain.position
LEFT JOIN streams ON streams.id = events.stream
ORDER BY chain.position"""
_UNCHAINED = "SELECT position FROM events WHERE position NOT IN (SELECT position FROM chain)"
_BROKEN_STREAMS = """
SELECT name, min(revision), max(revision), count(*), removed_to
FROM events JOIN streams ON streams.id = stream
WHERE revision > removed_to AND revision <> ?
GROUP BY stream
HAVING min(revision) <> removed_to + 1 OR max(revision) - min(revision) + 1 <> count(*)"""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. ``head`` is the last link of the chain: it stands for the whole log."""

    instance_id: str
    events: int
    removed: int
    head: bytes
    problems: tuple[str, ...]

    def __str__(self) -> str:
        if self.problems:
            return "\n".join(("The log is damaged.", *self.problems))
        return (
            f"The log is sound: {self.events} events, {self.removed} removed by scavenging,"
            f" checksum {self.head.hex()[:16]}."
        )


def verify(file: Path) -> Report:
    """Examine the log in ``file``.

    Raises schema.UnusableStoreError when it is no log of the present format.
    """
    try:
        with closing(schema.open_file_for_reading(file)) as connection:
            # One snapshot, however long it takes and whatever is written meanwhile.
            connection.execute("BEGIN")
            if schema.check_format(connection, file) != schema.SCHEMA_VERSION:
                raise schema.UnusableStoreError(
                    f"{file} has an earlier format, without checksums. Start the server with it"
                    " once: that brings it up to date."
                )
            walk = _Walk(connection)
            problems = tuple(islice(walk.problems(), MOST_PROBLEMS))
    except sqlite3.DatabaseError as error:
        raise schema.UnusableStoreError(
            f"{file} cannot be read: {error}. It is missing or damaged; restore a backup."
        ) from error
    return Report(walk.instance_id, walk.events, walk.removed, walk.head, problems)


class _Walk:
    """Goes through the log from its first event to its last."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        (self.instance_id,) = connection.execute("SELECT instance_id FROM identity").fetchone()
        self.head = chain.origin(self.instance_id)
        self.events = self.removed = 0

    def problems(self) -> Iterator[str]:
        for (complaint,) in self._connection.execute("PRAGMA integrity_check(20)"):
            if complaint != "ok":
                yield f"SQLite finds its file damaged: {complaint}."
        yield from self._broken_links()
        for (position,) in self._connection.execute(_UNCHAINED):
            yield f"The event at position {position} was added past the checksums."
        for name, first, last, count, removed_to in self._connection.execute(
            _BROKEN_STREAMS, (TOMBSTONE,)
        ):
            yield (
                f"Stream {name} has {count} events numbered from {first} to {last}, where they"
                f" should follow one another from {removed_to + 1} on."
            )

    def _broken_links(self) -> Iterator[str]:
        expected = 0
        for position, link, digest, response, *columns in self._connection.execute(_CHAINED_EVENTS):
            if position != expected:
                yield f"Positions {expected} to {position - 1} are missing."
                self.head = b""
            expected = position + 1
            self.events += response is not None
            self.removed += digest is not None
            event_digest = digest or chain.digest(response or b"")
            if response is None and digest is None:
                yield f"The event at position {position} is missing."
            elif not self.head:
                pass  # Behind missing positions there is nothing to compare a link with.
            elif link != chain.link(self.head, event_digest):
                yield f"The event at position {position} is not what was recorded there."
            elif response is not None and _columns_of(response) != (position, *columns):
                yield f"The event at position {position} is listed as something else than it is."
            self.head = link


def _columns_of(response: bytes) -> tuple[object, ...]:
    event = streams_pb2.ReadResp.FromString(response).event.event
    return (
        event.commit_position,
        event.stream_revision,
        uuid.UUID(event.id.string).bytes,
        int(event.metadata["created"]),
        event.metadata["type"],
        event.stream_identifier.stream_name.decode(),
    )
