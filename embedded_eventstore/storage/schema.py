"""The SQLite file: its tables, and the two ways to open it.

Exactly one connection writes and checkpoints; every other one is read-only and never checkpoints.
SQLite before 3.51.3 can lose commits when two connections checkpoint the same WAL file at once.
"""

import sqlite3
import uuid
from pathlib import Path

from embedded_eventstore.storage import migration

FILE_NAME = "events.db"
SCHEMA_VERSION = 2
APPLICATION_ID = 0x45564E54  # "EVNT", so that `file` and we recognise our own file

STREAM_COLUMNS = """
SELECT id, name,
    max(removed_to, coalesce((SELECT max(revision) FROM events WHERE stream = streams.id), -1)),
    truncate_before, max_count, max_age
FROM streams"""
"""A stream's row id, name, last revision (-1: it never had an event), and what hides events."""
FIND_STREAM = STREAM_COLUMNS + " WHERE name = ?"

# streams.removed_to: the last revision that a scavenge removed. chain.digest: only where a scavenge
# removed the event itself.
_TABLES = """
CREATE TABLE identity (instance_id TEXT NOT NULL);
CREATE TABLE streams (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    truncate_before INTEGER NOT NULL DEFAULT 0,
    max_count       INTEGER,
    max_age         INTEGER,
    removed_to      INTEGER NOT NULL DEFAULT -1
);
CREATE TABLE events (
    position     INTEGER PRIMARY KEY,
    stream       INTEGER NOT NULL REFERENCES streams (id),
    revision     INTEGER NOT NULL,
    event_id     BLOB NOT NULL,
    created      INTEGER NOT NULL,
    shown_in_all INTEGER NOT NULL,
    type         TEXT NOT NULL,
    response     BLOB NOT NULL
);
CREATE TABLE chain (
    position INTEGER PRIMARY KEY,
    link     BLOB NOT NULL,
    digest   BLOB
);
CREATE UNIQUE INDEX events_by_revision ON events (stream, revision);
CREATE INDEX events_by_event_id ON events (stream, event_id);
"""


class UnusableStoreError(Exception):
    """The data cannot be used; the message says why, for the person who starts the server."""


def open_for_writing(directory: Path) -> sqlite3.Connection:
    """Open, and if need be create, the log.

    Raises UnusableStoreError when the file is not ours, was written by a newer version, or SQLite
    does not grant a write-ahead log that is synced at each commit.
    """
    connection = sqlite3.connect(
        directory / FILE_NAME, isolation_level=None, check_same_thread=False, timeout=5.0
    )
    try:
        _prepare(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise UnusableStoreError(
            f"The log in {directory} cannot be opened: {error}. It may be damaged; restore it"
            " from a backup, or start with an empty directory."
        ) from error
    except UnusableStoreError:
        connection.close()
        raise
    return connection


def open_for_reading(directory: Path) -> sqlite3.Connection:
    """Open the log read-only; it must exist."""
    return open_file_for_reading(directory / FILE_NAME)


def open_file_for_reading(file: Path) -> sqlite3.Connection:
    """Open a log, or a backup of one, read-only; it must exist."""
    location = file.resolve().as_uri() + "?mode=ro"
    connection = sqlite3.connect(location, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA query_only = 1")
    connection.execute("PRAGMA cache_size = -4000")
    return connection


def check_format(connection: sqlite3.Connection, file: Path) -> int:
    """The format of a log that may be worked on; 0 for an empty file.

    Raises UnusableStoreError when the file is not ours, or was written by a newer version.
    """
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("application_id", "user_version")
    )
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and application != APPLICATION_ID:
        raise UnusableStoreError(f"{file.name} exists but is not a log of this server.")
    if version > SCHEMA_VERSION:
        raise UnusableStoreError(
            f"{file.name} has format {version}; this version of the server only knows formats up"
            f" to {SCHEMA_VERSION}."
        )
    return int(version)


def _prepare(connection: sqlite3.Connection) -> None:
    version = check_format(connection, Path(FILE_NAME))
    journal = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous = FULL")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (journal, synchronous) != ("wal", 2):
        raise UnusableStoreError(
            "SQLite did not grant a write-ahead log synced at each commit"
            f" (journal {journal}, synchronous {synchronous}); is the disk a network drive?"
        )
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
    connection.execute("PRAGMA cache_size = -8000")
    # What a scavenge removes is overwritten with zeros.
    connection.execute("PRAGMA secure_delete = ON")
    if version == 0:
        _create(connection)
    elif version < SCHEMA_VERSION:
        migration.to_version_2(connection)


def _create(connection: sqlite3.Connection) -> None:
    """All in one transaction: a crash leaves an empty file, never half a schema."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("INSERT INTO identity VALUES (?)", (str(uuid.uuid4()),))
    connection.execute("COMMIT")
