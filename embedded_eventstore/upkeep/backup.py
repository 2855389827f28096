"""Backups: a copy of the log as it was at one moment, while a server may go on writing it.

The copy is read through a read-only connection, which never checkpoints; it is synced and examined
before it gets its name, and nothing is ever overwritten. A restored log is the same log: it keeps
its id and its checksums. A backup holds the events, not the passwords or certificates beside them.
"""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.data_directory import LOCK_NAME, DataDirectory
from embedded_eventstore.upkeep.verification import Report, verify


class BackupRefusedError(Exception):
    """Nothing was copied; the message says why."""


def back_up(directory: Path, to: Path) -> tuple[Path, Report]:
    """Copy the log in ``directory`` to a new file, or to a file named after the present moment.

    Raises BackupRefusedError and schema.UnusableStoreError.
    """
    source = directory / schema.FILE_NAME
    if not source.exists():
        raise BackupRefusedError(f"There is no log in {directory}.")
    target = to / f"eventstore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db" if to.is_dir() else to
    return target, _copy(source, target)


def restore(backup: Path, directory: Path) -> Report:
    """Make ``directory``, new or empty, the home of the log in ``backup``.

    Raises BackupRefusedError and schema.UnusableStoreError.
    """
    if not backup.is_file():
        raise BackupRefusedError(f"There is no backup {backup}.")
    _refuse_inhabited(directory)
    home = DataDirectory(directory)
    try:
        _refuse_inhabited(directory)
        return _copy(backup, directory / schema.FILE_NAME)
    finally:
        home.release()


def _refuse_inhabited(directory: Path) -> None:
    if directory.exists() and any(path.name != LOCK_NAME for path in directory.iterdir()):
        raise BackupRefusedError(
            f"{directory} is not empty. Restore into a new directory; it will not be overwritten."
        )


def _copy(source: Path, target: Path) -> Report:
    """Copy and examine a log; ``target`` appears when it is whole and synced, or not at all."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        _refuse_to_overwrite(target)
        _create(part)
    except OSError as error:
        raise BackupRefusedError(f"{target} cannot be written: {error.strerror}.") from error
    try:
        _copy_pages(source, part)
        report = verify(part)
        if report.problems:
            raise BackupRefusedError(f"{report}\nNo copy was made.")
        _sync(part)
        # Whoever came first has the name; renaming alone would take it away from them.
        _create(target)
        part.replace(target)
        _sync(target.parent)
    except (sqlite3.DatabaseError, OSError) as error:
        raise BackupRefusedError(f"{source} could not be copied: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return report


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists():
        raise BackupRefusedError(f"{target} exists, and nothing is overwritten.")


def _copy_pages(source: Path, part: Path) -> None:
    with (
        closing(schema.open_file_for_reading(source)) as log,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        # All pages in one step: one snapshot, which no commit in between can disturb.
        log.backup(copy)
        # One file, complete without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _create(path: Path) -> None:
    """A new file for its owner only."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
