"""Read models that another program has locked are waited for; a mistake stays a mistake."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError

from projections.engine.damaged_file import ReadModelsUnavailable, naming_failures


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


def test_other_errors_pass() -> None:
    with pytest.raises(DatabaseError, match="integer"), naming_failures():
        raise DatabaseError("integer out of range")
