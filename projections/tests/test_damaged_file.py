"""What the start of a process reads of the file of read models, and what it waits for."""

import fcntl
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, connections

from projections.engine import damaged_file, transactions
from projections.engine.damaged_file import damage_of, mend
from projections.views.own_writes import _positions

pytestmark = pytest.mark.django_db(databases=["default", "read_models"])

PAGE = 4096


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of read models with some hundred pages."""
    connection = connections["read_models"]
    if connection.vendor != "sqlite":
        pytest.skip("The read models are in no file.")
    file = tmp_path / "read_models.sqlite3"
    made = sqlite3.connect(connection.settings_dict["NAME"])
    with closing(made), closing(sqlite3.connect(file)) as copy:
        made.backup(copy)
        rows = ((f"order:{number:0>50}", 1, 1) for number in range(5_000))
        with copy:
            into = "INSERT INTO projections_viewsequence (name, generation, seq) VALUES (?, ?, ?)"
            copy.executemany(into, rows)
    monkeypatch.setattr(damaged_file, "file_of_read_models", lambda: file)
    return file


def damage(file: Path) -> None:
    """Some pages in the second half are noise."""
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // PAGE // 2 * PAGE)
        opened.write(os.urandom(20 * PAGE))


def test_the_start_of_a_shop_does_not_read_the_whole_file(file: Path) -> None:
    damage(file)
    assert damage_of(file, thoroughly=False) is None
    assert damage_of(file, thoroughly=True)


def test_a_file_that_is_to_be_migrated_is_read_whole(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "DELETE FROM django_migrations WHERE id = "
            "(SELECT max(id) FROM django_migrations WHERE app = 'projections')"
        )
    assert damage_of(file, thoroughly=False) is None
    damage(file)
    assert damage_of(file, thoroughly=False)


def test_who_reads_the_whole_file_neither_waits_for_a_writer_nor_keeps_one_waiting(
    file: Path,
) -> None:
    done: list[str] = []
    descriptor = os.open(f"{file}.writer", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        mending = threading.Thread(target=lambda: done.append(mend(thoroughly=True)), daemon=True)
        mending.start()
        mending.join(10)
    finally:
        os.close(descriptor)
    assert done == [""]


def test_a_damaged_file_is_set_aside(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damaged_file, "call_command", lambda *_words, **_options: None)
    damage(file)
    damaged = file.read_bytes()
    assert "set aside" in mend(thoroughly=True)
    (aside,) = file.parent.glob("read_models.sqlite3.damaged-*")
    assert aside.read_bytes() == damaged
    assert not file.exists()


def test_a_writer_with_every_page_in_memory_notices_damage_when_it_empties_its_log(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_tests = connections["read_models"]
    writer = type(of_tests)({**of_tests.settings_dict, "NAME": str(file)}, "read_models")
    monkeypatch.setattr(transactions, "connections", {"read_models": writer})

    def count() -> int:
        with writer.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM projections_viewsequence")
            return int(cursor.fetchone()[0])

    assert count() == 5_000
    file.write_bytes(os.urandom(file.stat().st_size))
    assert count() == 5_000, "It reads nothing again that it knows."
    assert transactions.empty_write_ahead_log()
    with pytest.raises(DatabaseError):
        count()
    writer.close()


def test_who_waits_for_their_own_writes_waits_for_those_in_the_new_file(file: Path) -> None:
    """The thread that looks keeps its connection for good; another process made the file anew."""
    of_tests = connections["read_models"]
    found: list[dict[str, int]] = []

    def look_before_and_after() -> None:
        connections["read_models"] = type(of_tests)(
            {**of_tests.settings_dict, "NAME": str(file)}, "read_models"
        )
        with closing(connections["read_models"]):
            found.append(_positions())
            shutil.copy(file, file.with_suffix(".new"))
            file.rename(file.with_suffix(".damaged"))
            with closing(sqlite3.connect(file.with_suffix(".new"))) as new, new:
                new.execute(
                    "INSERT INTO projections_checkpoint"
                    " (projection, generation, version, position, state, handled)"
                    " VALUES ('board', 1, 1, 700, 'active', 7)"
                )
            file.with_suffix(".new").rename(file)
            found.append(_positions())

    thread = threading.Thread(target=look_before_and_after)
    thread.start()
    thread.join(30)

    assert found == [{}, {"board": 700}]
