"""Group commit: what waits together is written together, and acknowledged once it is durable."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append, Operation, Outcome, Record, Written
from embedded_eventstore.storage.writer import DiskFullError, WriteExpiredError, Writer
from embedded_eventstore.tests import given

LATER = time.monotonic() + 3600


class SlowLog(Log):
    """Commits take a moment, so that the next appends wait for one another."""

    def __init__(self, directory: Path) -> None:
        self.commits: list[int] = []
        self.announced: list[Record] = []
        self.acknowledged_early = False
        super().__init__(directory)

    def commit(self) -> list[Record]:
        time.sleep(0.02)
        committed = sum(self.commits[1:])
        self.acknowledged_early |= len(self.announced) > committed
        records = super().commit()
        self.commits.append(len(records))
        return records


class TrippingLog(Log):
    """Trips over streams called "trip"."""

    def execute(self, operation: Operation) -> Outcome:
        outcome = super().execute(operation)
        if operation.stream == "trip":
            raise RuntimeError("tripped")
        return outcome


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[tuple[SlowLog, Writer]]:
    log = SlowLog(tmp_path)
    writer = Writer(log, log.announced.extend)
    yield log, writer
    await writer.stop()
    log.close()


def an_append(stream: str) -> Append:
    return Append(stream, ANY, (given.proposed(),))


async def test_appends_that_wait_share_a_commit(slow: tuple[SlowLog, Writer]) -> None:
    log, writer = slow
    outcomes = await asyncio.gather(*(writer.submit(an_append(f"s-{n}"), LATER) for n in range(50)))

    assert all(isinstance(outcome, Written) for outcome in outcomes)
    assert len({outcome.position for outcome in outcomes if isinstance(outcome, Written)}) == 50
    assert sum(log.commits[1:]) == 50
    assert len(log.commits) < 10


async def test_nothing_is_announced_before_its_commit(slow: tuple[SlowLog, Writer]) -> None:
    log, writer = slow
    first = writer.submit(an_append("s-1"), LATER)
    second = writer.submit(an_append("s-2"), LATER)
    await asyncio.gather(first, second)
    # An response given too early would come while its commit is still under way.
    await writer.stop()

    assert not log.acknowledged_early
    assert [record.stream for record in log.announced] == ["s-1", "s-2"]


async def test_a_repeat_that_waits_beside_its_first_try_is_written_once(
    slow: tuple[SlowLog, Writer],
) -> None:
    log, writer = slow
    append = an_append("s-1")
    first, repeat = await asyncio.gather(writer.submit(append, LATER), writer.submit(append, LATER))

    assert first == repeat
    assert len(log.announced) == 1


async def test_an_append_that_waited_beyond_its_deadline_is_not_written(
    slow: tuple[SlowLog, Writer],
) -> None:
    log, writer = slow
    with pytest.raises(WriteExpiredError):
        await writer.submit(an_append("s-1"), time.monotonic() - 1)
    assert log.announced == []


async def test_one_append_that_trips_leaves_the_others_alone(tmp_path: Path) -> None:
    log = TrippingLog(tmp_path)
    writer = Writer(log, lambda _: None)
    outcomes = await asyncio.gather(
        *(writer.submit(an_append(name), LATER) for name in ("s-1", "trip", "s-2")),
        return_exceptions=True,
    )
    await writer.stop()
    reader = LogReader(tmp_path)
    last = {name: reader.last_revision(name) for name in ("s-1", "trip", "s-2")}
    reader.close()
    log.close()

    assert [type(outcome) for outcome in outcomes] == [Written, RuntimeError, Written]
    assert last == {"s-1": 0, "trip": -1, "s-2": 0}


async def test_a_full_disk_refuses_cleanly_and_takes_appends_again_with_space(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path)
    pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
    log._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    writer = Writer(log, lambda _: None)
    big = Append("s-1", ANY, (given.proposed(data=b"x" * 500_000),))

    with pytest.raises(DiskFullError):
        await writer.submit(big, LATER)
    reader = LogReader(tmp_path)
    assert reader.stream_forwards("s-1", 0, 10) is None
    assert isinstance(await writer.submit(an_append("s-2"), LATER), Written)

    log._connection.execute("PRAGMA max_page_count = 1000000")
    assert isinstance(await writer.submit(big, LATER), Written)
    await writer.stop()
    reader.close()
    log.close()


def test_the_log_is_synced_at_each_commit(tmp_path: Path) -> None:
    log = Log(tmp_path)
    granted = [
        log._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint")
    ]
    log.close()
    assert granted == ["wal", 2, 0]


def test_readers_can_neither_write_nor_checkpoint(tmp_path: Path) -> None:
    log, reader = Log(tmp_path), LogReader(tmp_path)
    connection = reader._connection()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM events")
    autocheckpoint = connection.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
    reader.close()
    log.close()
    assert autocheckpoint == 0
