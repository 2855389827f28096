"""Brings a log of an earlier format up to date, when it is opened for writing.

Version 1 had no checksums and knew no scavenge. Everything happens in one transaction: a crash
leaves the log as it was. Takes some eight seconds for a million events.
"""

import sqlite3

from embedded_eventstore.storage.chain import Chain

_CHANGES = (
    "CREATE TABLE chain (position INTEGER PRIMARY KEY, link BLOB NOT NULL, digest BLOB)",
    "ALTER TABLE streams ADD COLUMN removed_to INTEGER NOT NULL DEFAULT -1",
)


def to_version_2(connection: sqlite3.Connection) -> None:
    """Add what version 2 has, and chain every event that is there."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for change in _CHANGES:
            connection.execute(change)
        instance_id = connection.execute("SELECT instance_id FROM identity").fetchone()[0]
        Chain(connection, instance_id).grow(
            connection.execute("SELECT position, response FROM events ORDER BY position")
        )
        connection.execute("PRAGMA user_version = 2")
        connection.execute("COMMIT")
    except BaseException:
        # After some errors SQLite has already rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
