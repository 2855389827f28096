"""A file of read models that is damaged or foreign: set aside, never deleted, and made anew.

Read models are a fold of the log, so nothing is lost with them. SQLite only: PostgreSQL says
itself that it is damaged, and an administrator mends it. Knows no projection.
"""

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connections
from django.db.migrations.loader import MigrationLoader

from orders.event_store import ConsumerUnavailable, GiveUp
from projections.engine.models import Checkpoint
from projections.engine.transactions import read_models_alias

SET_ASIDE = ".damaged-"
"""Between the name of the file and the moment at which it was set aside."""

BESIDE = ("", "-wal", "-shm")
"""The files of one SQLite database."""

DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
}
"""Primary codes (the low byte) of what another try may find mended. No missing table."""

logger = logging.getLogger(__name__)


class ReadModelsDamaged(GiveUp):
    """The file was damaged while it was open: only a start from the beginning mends that."""

    code = "read_models_damaged"

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"The read models are damaged ({error}): the projector starts anew.")


class ReadModelsUnavailable(ConsumerUnavailable):
    """The read models are locked by another program, or their database is away or full."""


def file_of_read_models() -> Path | None:
    """The file of the read models; None where they are in another database than SQLite."""
    settings = connections[read_models_alias()].settings_dict
    name = Path(str(settings["NAME"]))
    is_file = settings["ENGINE"] == "django.db.backends.sqlite3" and name.is_absolute()
    return name if is_file else None


def mend(*, thoroughly: bool) -> str:
    """Set the file aside if it is damaged or not ours, and make the tables anew; what was done.

    `thoroughly` reads every page (measured: 0.06 s for 110 MB), else the head and the tables only.
    Returns an empty text where there was nothing to do. For the start of a process, before it has
    opened the read models; several may start at once.
    """
    file = file_of_read_models()
    if file is None:
        return ""
    connections[read_models_alias()].close()
    with _alone(file):
        why = damage_of(file, thoroughly=thoroughly)
        if why is None:
            return ""
        aside = _set_aside(file)
    sentence = (
        f"{file.name} could not be used ({why}). It was set aside as {aside.name}, "
        "and the read models are built anew from the log."
    )
    logger.error("%s", sentence)
    call_command("migrate", database=read_models_alias(), interactive=False, verbosity=0)
    return sentence


def damage_of(file: Path, *, thoroughly: bool) -> str | None:
    """Why this file cannot be used as read models; None if it can, or if there is none."""
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
            # A file that somebody else writes just now is checkpointed by them.
            connection.execute("PRAGMA wal_autocheckpoint=0")
            if thoroughly:
                (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                if found != "ok":
                    return str(found)
            return _foreign(connection)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return None  # somebody works with it
        return str(error)
    except sqlite3.DatabaseError as error:
        return str(error)


def set_aside_files() -> list[str]:
    """The names of the damaged files that were set aside, the latest first."""
    file = file_of_read_models()
    if file is None:
        return []
    found = (path.name for path in file.parent.glob(f"{file.name}{SET_ASIDE}*"))
    return sorted((name for name in found if not name.endswith(BESIDE[1:])), reverse=True)


@contextmanager
def naming_failures() -> Iterator[None]:
    """Turns what the database says into `ReadModelsDamaged` or `ReadModelsUnavailable`."""
    try:
        yield
    except DatabaseError as error:
        code = getattr(error.__cause__, "sqlite_errorcode", None)
        if code in DAMAGE:
            raise ReadModelsDamaged(error) from error
        if isinstance(error, OperationalError) and (code is None or code & 0xFF in AWAY):
            raise ReadModelsUnavailable from error
        raise


def leave_replaced_file(**_: Any) -> None:
    """Close this thread's connection if its file was set aside; the next query opens the new one.

    For processes that go on while another one mends the file.
    """
    connection = connections[read_models_alias()]
    opened = getattr(connection, "file_opened", None)
    if connection.connection is None or opened is None or connection.in_atomic_block:
        return
    if _inode(Path(connection.settings_dict["NAME"])) != opened:
        connection.close()


def note_file(connection: Any, **_: Any) -> None:
    """Remember which file a new connection has opened. A receiver of `connection_created`."""
    if connection.alias == read_models_alias() and file_of_read_models() is not None:
        connection.file_opened = _inode(Path(connection.settings_dict["NAME"]))


def _inode(file: Path) -> int | None:
    try:
        return file.stat().st_ino
    except OSError:
        return None


def _foreign(connection: sqlite3.Connection) -> str | None:
    """Why the tables in there are not those that this code made or could migrate."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not names:
        return None
    if "django_migrations" not in names:
        return "it holds somebody else's tables"
    label = Checkpoint._meta.app_label
    applied = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    ours = {name for app, name in applied if app == label}
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == label}
    if applied and not ours:
        return "it holds somebody else's tables"
    if ours - known:
        return "it was written by another version of the shop"
    if ours == known:
        for model in apps.get_app_config(label).get_models():
            table = model._meta.db_table
            columns = {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}
            if columns != {field.column for field in model._meta.local_concrete_fields}:
                return f"its table {table} has other columns"
    return None


def _set_aside(file: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = file.with_name(f"{file.name}{SET_ASIDE}{moment}")
    for ending in BESIDE:
        part = Path(f"{file}{ending}")
        if part.exists():
            part.rename(f"{aside}{ending}")
    return aside


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Nobody else writes or sets aside meanwhile."""
    descriptor = os.open(f"{file}.writer", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
