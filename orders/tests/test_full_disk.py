"""A disk without room: known by what the databases say, and answered as what it is."""

import errno
import sqlite3

import pytest
from django.db import DatabaseError, OperationalError

from orders.command_handler import handle
from orders.event_store import StorageFull
from orders.full_disk import is_full_disk
from orders.personal_data import KeyRing
from orders.responses import FULL_RETRY_AFTER, problem_of
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import latte_order


def full() -> OperationalError:
    """What Django raises when SQLite has no room for another page."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE words (word TEXT)")
    database.execute("PRAGMA max_page_count = 3")
    error = OperationalError("database or disk is full")
    with pytest.raises(sqlite3.OperationalError) as raised:
        database.execute("INSERT INTO words VALUES (?)", ["x" * 100_000])
    error.__cause__ = raised.value
    database.close()
    return error


def other() -> OperationalError:
    """What Django raises when a table is missing."""
    database = sqlite3.connect(":memory:")
    error = OperationalError("no such table: words")
    with pytest.raises(sqlite3.OperationalError) as raised:
        database.execute("SELECT * FROM words")
    error.__cause__ = raised.value
    database.close()
    return error


class Postgres(Exception):
    """As psycopg says it."""

    sqlstate = "53100"


def test_it_is_known_by_what_the_databases_and_the_system_say() -> None:
    in_postgresql = OperationalError("could not extend file")
    in_postgresql.__cause__ = Postgres()
    assert is_full_disk(full())
    assert is_full_disk(in_postgresql)
    assert is_full_disk(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_full_disk(other())
    assert not is_full_disk(OSError(errno.EPIPE, "Broken pipe"))


@pytest.mark.parametrize("error", [full(), StorageFull()])
def test_it_is_answered_as_what_it_is(error: Exception) -> None:
    problem = problem_of(error)
    assert problem is not None
    assert (problem.status, problem.code) == (503, "storage_full")
    assert problem.retry_after == FULL_RETRY_AFTER


def test_another_failure_of_a_database_stays_a_defect() -> None:
    assert problem_of(other()) is None


@pytest.mark.parametrize(("failure", "raised"), [(full(), StorageFull), (other(), DatabaseError)])
def test_a_customer_s_key_that_cannot_be_kept_is_no_order(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, raised: type[Exception]
) -> None:
    def fail(_keys: KeyRing, _customer: str) -> bytes:
        raise failure

    monkeypatch.setattr(KeyRing, "writing_key", fail)
    log = LogInMemory()

    with pytest.raises(raised):
        handle("order-" + "0a" * 16, latte_order(name="Carla"), store=log)

    assert not log.events
