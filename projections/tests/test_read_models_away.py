"""Read models that another program has locked are waited for; a mistake stays a mistake."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError

from projections.engine import rebuild
from projections.engine.damaged_file import ReadModelsUnavailable, naming_failures
from projections.management.commands import project
from projections.screens import PROJECTIONS


def locked(file: Path) -> None:
    with (
        closing(sqlite3.connect(file)) as first,
        closing(sqlite3.connect(file, timeout=0)) as next_,
    ):
        first.execute("BEGIN IMMEDIATE")
        next_.execute("BEGIN IMMEDIATE")


def without_its_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("SELECT * FROM tickets")


def as_django_says(fails: Callable[[Path], None], file: Path) -> None:
    try:
        fails(file)
    except sqlite3.OperationalError as error:
        raise OperationalError(str(error)) from error


def test_a_locked_file_is_waited_for(tmp_path: Path) -> None:
    with pytest.raises(ReadModelsUnavailable) as raised, naming_failures():
        as_django_says(locked, tmp_path / "read_models")

    assert str(raised.value.__cause__) == "database is locked"


def test_a_missing_table_is_no_such_thing(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="no such table"), naming_failures():
        as_django_says(without_its_table, tmp_path / "read_models")


def test_a_database_that_says_no_code_is_waited_for() -> None:
    with pytest.raises(ReadModelsUnavailable), naming_failures():
        raise OperationalError("server closed the connection unexpectedly")


def test_building_anew_waits_for_read_models_that_are_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried: list[bool] = []

    def build(*_arguments: object) -> None:
        tried.append(True)
        if len(tried) == 1:
            raise OperationalError("the database system is starting up")

    monkeypatch.setattr(rebuild, "remove_retired", build)
    monkeypatch.setattr(rebuild, "outdated", lambda _projections: [])
    monkeypatch.setattr(project, "AGAIN_SECONDS", 0.01)
    nobody: Any = None

    project.Command()._rebuild_outdated(threading.Event(), nobody)

    assert len(tried) == 1 + len(PROJECTIONS)


def test_other_errors_pass() -> None:
    with pytest.raises(DatabaseError, match="integer"), naming_failures():
        raise DatabaseError("integer out of range")
