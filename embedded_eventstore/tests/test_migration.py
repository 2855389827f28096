"""A log that version 1 of the file format wrote (version_1.db is such a file) is brought along."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from embedded_eventstore.storage import migration, schema
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.operations import TOMBSTONE, StreamIsGone, Tombstone, Written
from embedded_eventstore.upkeep.tests import given
from embedded_eventstore.upkeep.verification import verify

VERSION_1 = Path(__file__).with_name("version_1.db")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A directory with an old log."""
    shutil.copy(VERSION_1, tmp_path / schema.FILE_NAME)
    return tmp_path


def rows(file: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT * FROM events ORDER BY position").fetchall()


def test_an_old_log_keeps_its_events_and_gets_checksums(old: Path) -> None:
    before = rows(VERSION_1)
    Log(old).close()

    assert rows(old / schema.FILE_NAME) == before
    report = verify(old / schema.FILE_NAME)
    assert (report.events, report.problems) == (11, ())


def test_an_old_log_is_written_to_as_before(old: Path) -> None:
    log = Log(old)
    appended, refused = given.write(log, given.append("order-2", b"{}"), Tombstone("order-3", 1))
    log.close()

    assert appended == Written(1, 11)
    assert refused == StreamIsGone("order-3")
    everything = given.everything(old)
    assert given.positions(everything) == list(range(13))
    assert [r.revision for r in everything if r.stream == "order-3"] == [0, 1, TOMBSTONE]
    assert verify(old / schema.FILE_NAME).problems == ()


def test_an_old_log_is_brought_up_to_date_once(old: Path) -> None:
    Log(old).close()
    first = verify(old / schema.FILE_NAME).head
    Log(old).close()
    assert verify(old / schema.FILE_NAME).head == first


def test_a_crash_in_the_middle_leaves_the_old_log(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = (*migration._CHANGES, "SELECT no_such_function()")
    with monkeypatch.context() as patched:
        patched.setattr(migration, "_CHANGES", changes)
        with pytest.raises(schema.UnusableStoreError):
            Log(old)
    with pytest.raises(schema.UnusableStoreError, match="earlier format"):
        verify(old / schema.FILE_NAME)

    Log(old).close()
    assert verify(old / schema.FILE_NAME).problems == ()
