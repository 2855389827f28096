"""Transactions on the read models: one writer at a time, and readers that see one moment.

SQLite before 3.51.3 can lose commits when two connections write the same WAL file at once, so a
writing transaction there is taken under a file lock that all processes of the shop share.
PostgreSQL needs none of this. Knows no table.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from projections.engine.models import Checkpoint

READER_MILLISECONDS = 100
"""How long emptying the write-ahead log waits for those who read: all writers wait meanwhile."""


def read_models_alias() -> str:
    """The name of the database that holds the read models."""
    return router.db_for_write(Checkpoint)


@contextmanager
def writing() -> Iterator[None]:
    """One transaction that writes read models. Waits for the writer before it."""
    alias = read_models_alias()
    with _the_only_writer(connections[alias]), transaction.atomic(using=alias):
        yield


@contextmanager
def one_moment() -> Iterator[None]:
    """Reads inside see the tables as they are at one moment. Takes no lock.

    Not `atomic`: on SQLite that would take the write lock.
    """
    connection = connections[read_models_alias()]
    if connection.in_atomic_block:
        yield
        return
    begin = (
        "BEGIN DEFERRED"
        if connection.vendor == "sqlite"
        else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    )
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def empty_write_ahead_log() -> bool:
    """Move what SQLite's write-ahead log holds into the database, and cut it to nothing.

    Until then it keeps rows as they were before they were overwritten, which for a forgotten
    customer must not last. False if a reader was in the way: try again.
    """
    connection = connections[read_models_alias()]
    if connection.vendor != "sqlite":
        return True
    if connection.in_atomic_block:
        return False
    with _the_only_writer(connection), connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (patience,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout={READER_MILLISECONDS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _pages, _moved = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
    if not busy:
        # The next query reads the file anew: a writer that has every page in its memory would
        # never notice that the file is damaged.
        connection.close()
    return not busy


@contextmanager
def _the_only_writer(connection: BaseDatabaseWrapper) -> Iterator[None]:
    file = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or not os.path.isabs(file):  # noqa: PTH117 - also "file:…"
        yield
        return
    descriptor = os.open(f"{file}.writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
