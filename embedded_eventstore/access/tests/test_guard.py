"""The guard: remembers access lists for as long as they are true."""

import asyncio
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from embedded_eventstore.access import guard as guard_module
from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.storage import described_streams
from embedded_eventstore.storage.described_streams import DescribedStreams
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append, ProposedEvent, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits

Result = TypeVar("Result")

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
def recent(log: Log) -> RecentCommits:
    return RecentCommits(log.last_position)


@pytest.fixture
def threads(log: Log, recent: RecentCommits, tmp_path: Path) -> Iterator["CountingThreads"]:
    made = CountingThreads(LogReader(tmp_path), recent)
    yield made
    made.close()


class CountingThreads(ReadingThreads):
    """Counts what is looked up in the log."""

    look_ups = 0

    async def run(self, read: Callable[[], Result]) -> Result:
        self.look_ups += 1
        return await super().run(read)


@dataclass(frozen=True)
class Guarded:
    """A guard that hears of what is committed, as in a server."""

    log: Log
    recent: RecentCommits
    described: DescribedStreams
    guard: Guard

    def write(self, stream: str, data: bytes) -> None:
        self.publish(write(self.log, stream, data))

    def publish(self, records: list[Record]) -> None:
        self.described.take_in(records)
        self.guard.forget_changed(records)
        self.recent.publish(records)


@pytest.fixture
def guarded(log: Log, recent: RecentCommits, threads: CountingThreads) -> Guarded:
    described = DescribedStreams(threads.reader.metastreams())
    return Guarded(log, recent, described, Guard(threads, described))


def write(log: Log, stream: str, data: bytes) -> list[Record]:
    event = ProposedEvent(uuid.uuid4().bytes, "$metadata", True, b"", data)
    log.begin()
    log.execute(Append(stream, ANY, (event,)))
    return log.commit()


async def test_a_list_is_looked_up_once_and_again_when_it_changed(guarded: Guarded) -> None:
    guard = guarded.guard
    assert await guard.allows(ADA, Right.READ, STREAM)
    changed = write(guarded.log, f"$${STREAM}", CLOSED)
    assert await guard.allows(ADA, Right.READ, STREAM)
    guarded.publish(changed)
    assert not await guard.allows(ADA, Right.READ, STREAM)
    guarded.write("order-2", b"{}")
    guarded.write(f"$${STREAM}", OPEN)
    assert await guard.allows(ADA, Right.READ, STREAM)


async def test_streams_without_metadata_are_not_looked_up_one_by_one(
    guarded: Guarded, threads: CountingThreads
) -> None:
    guarded.write(f"$${STREAM}", CLOSED)
    for number in range(100):
        assert await guarded.guard.allows(ADA, Right.WRITE, f"customer-{number}")
        assert not await guarded.guard.allows(ADA, Right.READ, f"$system-{number}")

    assert threads.look_ups == 2
    assert not await guarded.guard.allows(ADA, Right.READ, STREAM)
    assert threads.look_ups == 3


async def test_the_defaults_hold_for_streams_without_metadata_as_soon_as_they_change(
    guarded: Guarded,
) -> None:
    assert await guarded.guard.allows(ADA, Right.READ, "order-2")
    guarded.write("$settings", b'{"$userStreamAcl": {"$r": "$admins"}}')

    assert not await guarded.guard.allows(ADA, Right.READ, "order-2")


async def test_a_list_known_from_before_the_start_holds(
    log: Log, recent: RecentCommits, threads: CountingThreads
) -> None:
    recent.publish(write(log, f"$${STREAM}", CLOSED))
    described = DescribedStreams(threads.reader.metastreams())

    assert STREAM in described
    assert not await Guard(threads, described).allows(ADA, Right.READ, STREAM)


async def test_a_list_that_is_just_being_committed_holds_for_no_other_stream(
    guarded: Guarded,
) -> None:
    write(guarded.log, f"$${STREAM}", CLOSED)
    # The server stops: what was read is no longer held back until it is published.
    guarded.recent.close()
    await guarded.guard.allows(ADA, Right.READ, STREAM)

    assert await guarded.guard.allows(ADA, Right.READ, "order-2")


async def test_what_was_read_before_a_change_is_not_remembered_after_it(guarded: Guarded) -> None:
    asked = asyncio.ensure_future(guarded.guard.allows(ADA, Right.READ, STREAM))
    await asyncio.sleep(0)
    # The reading has begun in its thread; the change comes in before the response does.
    guarded.write(f"$${STREAM}", CLOSED)
    await asked

    assert not await guarded.guard.allows(ADA, Right.READ, STREAM)


async def test_memory_is_bounded(guarded: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_module, "MAX_REMEMBERED", 3)
    for name in (*(f"order-{number}" for number in range(10)), "x" * 10_000):
        guarded.write(f"$${name}", b"{}")
    for number in range(10):
        assert await guarded.guard.allows(ADA, Right.WRITE, f"order-{number}")
    assert await guarded.guard.allows(ADA, Right.WRITE, "x" * 10_000)

    assert 0 < len(guarded.guard._remembered) <= 3
    assert all(len(name) < 1000 for name in guarded.guard._remembered)


async def test_beyond_their_bound_names_are_forgotten_and_every_stream_is_looked_up(
    guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(described_streams, "MAX_BYTES", 1000)
    for number in range(20):
        guarded.write(f"$$order-{number}", CLOSED)

    assert "anything" in guarded.described
    assert not await guarded.guard.allows(ADA, Right.READ, "order-19")
    assert await guarded.guard.allows(ADA, Right.READ, "order-20")


async def test_administrators_are_not_looked_up(guarded: Guarded, threads: CountingThreads) -> None:
    admin = Account("admin", frozenset({"$admins"}))
    assert await guarded.guard.allows(admin, Right.DELETE, "$settings")
    assert threads.look_ups == 0
