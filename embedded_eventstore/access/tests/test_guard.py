"""The guard: remembers access lists for as long as they are true."""

import asyncio
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded_eventstore.access import guard as guard_module
from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append, ProposedEvent, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads

ADA = Account("ada")
STREAM = "order-1"
CLOSED = b'{"$acl": {"$r": "$admins"}}'
OPEN = b'{"$acl": {"$r": "$all"}}'


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path)
    yield made
    made.close()


@pytest.fixture
def threads(log: Log, tmp_path: Path) -> Iterator[ReadingThreads]:
    made = ReadingThreads(LogReader(tmp_path))
    yield made
    made.close()


def write(log: Log, stream: str, data: bytes) -> list[Record]:
    event = ProposedEvent(uuid.uuid4().bytes, "$metadata", True, b"", data)
    log.begin()
    log.execute(Append(stream, ANY, (event,)))
    return log.commit()


async def test_a_list_is_looked_up_once_and_again_when_it_changed(
    log: Log, threads: ReadingThreads
) -> None:
    guard = Guard(threads)
    assert await guard.allows(ADA, Right.READ, STREAM)
    changed = write(log, f"$${STREAM}", CLOSED)
    assert await guard.allows(ADA, Right.READ, STREAM)
    guard.forget_changed(changed)
    assert not await guard.allows(ADA, Right.READ, STREAM)
    guard.forget_changed(write(log, "order-2", b"{}"))
    guard.forget_changed(write(log, f"$${STREAM}", OPEN))
    assert await guard.allows(ADA, Right.READ, STREAM)


async def test_what_was_read_before_a_change_is_not_remembered_after_it(
    log: Log, threads: ReadingThreads
) -> None:
    guard = Guard(threads)
    asked = asyncio.ensure_future(guard.allows(ADA, Right.READ, STREAM))
    await asyncio.sleep(0)
    # The reading has begun in its thread; the change comes in before the response does.
    guard.forget_changed(write(log, f"$${STREAM}", CLOSED))
    await asked

    assert not await guard.allows(ADA, Right.READ, STREAM)


async def test_memory_is_bounded(
    log: Log, threads: ReadingThreads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_module, "MAX_REMEMBERED", 3)
    guard = Guard(threads)
    for number in range(10):
        assert await guard.allows(ADA, Right.WRITE, f"order-{number}")
    assert await guard.allows(ADA, Right.WRITE, "x" * 10_000)

    assert len(guard._remembered) <= 3
    assert all(len(name) < 1000 for name in guard._remembered)


async def test_administrators_are_not_looked_up(log: Log, threads: ReadingThreads) -> None:
    guard = Guard(threads)
    assert await guard.allows(Account("admin", frozenset({"$admins"})), Right.DELETE, "$settings")
    assert not guard._remembered
