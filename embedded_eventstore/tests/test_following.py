"""A subscription while the log moves under it, at the very moments that matter."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.storage import cursors, recent_commits
from embedded_eventstore.storage.cursors import AllCursor, StreamCursor
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.streams.read_request import START, ReadRequest
from embedded_eventstore.streams.subscriptions import Subscriptions
from embedded_eventstore.tests import given

Result = TypeVar("Result")
EVERYTHING = ReadRequest(None, START, False, None, None, False, False)
ONE_STREAM = ReadRequest("s-1", START, False, None, None, False, False)


class Shop:
    """A log, its tail in memory, and somebody who follows it."""

    def __init__(self, directory: Path) -> None:
        self.log = Log(directory)
        self.recent = RecentCommits(self.log.last_position)
        self.threads = InterruptedThreads(LogReader(directory), self.recent)
        self.subscriptions = Subscriptions(self.threads, self.recent)

    def write(self, stream: str, count: int = 1) -> None:
        self.log.begin()
        self.log.execute(Append(stream, ANY, tuple(given.proposed() for _ in range(count))))
        self.recent.publish(self.log.commit())

    async def follow(self, read: ReadRequest, count: int) -> list[tuple[str, int]]:
        """The first ``count`` user events a subscription delivers."""
        seen: list[tuple[str, int]] = []
        async for [raw] in self.subscriptions.subscribe(read, "test"):
            response = streams_pb2.ReadResp.FromString(raw)
            if response.HasField("event"):
                event = response.event.event
                if not event.stream_identifier.stream_name.startswith(b"$"):
                    name = event.stream_identifier.stream_name.decode()
                    seen.append((name, event.stream_revision))
            if len(seen) == count:
                break
        return seen


class InterruptedThreads(ReadingThreads):
    """Something is written after each page was read, and before the reader has it."""

    interruptions: list[Callable[[], None]] = []  # noqa: RUF012 - set by each test

    async def run(self, read: Callable[[], Result]) -> Result:
        result = await super().run(read)
        if self.interruptions:
            self.interruptions.pop(0)()
        return result


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.threads.close()
    opened.log.close()


@pytest.mark.parametrize(
    ("read", "rows", "page"),
    [(EVERYTHING, 500, 1), (ONE_STREAM, 500, 1), (ONE_STREAM, 3, 1), (ONE_STREAM, 3, 2)],
    ids=["everything", "one stream", "one full page of it", "the empty one behind it"],
)
async def test_what_is_written_while_a_page_of_the_past_is_read_is_not_missed(
    shop: Shop, read: ReadRequest, rows: int, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cursors, "MAX_PAGE_ROWS", rows)
    shop.write("s-1", 3)
    shop.threads.interruptions = [lambda: None] * (page - 1) + [lambda: shop.write("s-1", 2)]

    async with asyncio.timeout(10):
        assert await shop.follow(read, 5) == [("s-1", revision) for revision in range(5)]


@pytest.mark.parametrize("read", [EVERYTHING, ONE_STREAM], ids=["everything", "one stream"])
async def test_a_follower_that_falls_behind_the_memory_goes_back_to_the_log(
    shop: Shop, read: ReadRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "MAX_RECORDS", 5)
    shop.write("s-1", 3)
    responses = shop.subscriptions.subscribe(read, "test")
    seen: list[int] = []
    async for [raw] in responses:
        response = streams_pb2.ReadResp.FromString(raw)
        if response.HasField("caught_up"):
            for _ in range(20):
                shop.write("s-1", 4)
        elif response.HasField("event") and response.event.event.stream_identifier.stream_name == (
            b"s-1"
        ):
            seen.append(response.event.event.stream_revision)
        if len(seen) == 83:
            break

    assert seen == list(range(83))
    assert shop.recent.after(10) is None


def hidden(shop: Shop) -> None:
    """An event of the server's own book-keeping, which ``$all`` does not show."""
    shop.write("$persistentsubscription-$all::group-checkpoint")


async def test_a_log_that_ends_with_hidden_events_is_read_to_its_end_once(shop: Shop) -> None:
    shop.write("s-1")
    hidden(shop)
    # As after a restart: nothing is in memory.
    recent = RecentCommits(shop.log.last_position)
    cursor = AllCursor(shop.threads, recent, -1)

    seen = await cursor.next()

    assert seen[-1].stream == "s-1"
    assert await cursor.next() == []
    assert cursor.position == recent.last_position


async def test_whoever_follows_a_stream_sleeps_while_others_are_written(shop: Shop) -> None:
    shop.write("s-1")
    idle = StreamCursor(shop.threads, shop.recent, "s-1", 0)
    assert await idle.next() == []
    waiting = asyncio.create_task(idle.wait())
    for _ in range(20):
        shop.write("s-2", 4)
        await asyncio.sleep(0)
    assert not waiting.done()

    shop.write("s-1")
    await asyncio.wait_for(waiting, 10)
    assert [record.revision for record in await idle.next()] == [1]


async def test_whoever_slept_longer_than_memory_reaches_misses_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_commits, "MAX_RECORDS", 5)
    shop.write("s-1")
    idle = StreamCursor(shop.threads, shop.recent, "s-1", 0)
    assert await idle.next() == []
    waiting = asyncio.create_task(idle.wait())
    await asyncio.sleep(0)
    for _ in range(20):
        shop.write("s-2", 4)
    # All of this before the one who waits comes to its turn.
    shop.write("s-1", 2)
    for _ in range(20):
        shop.write("s-2", 4)
    await asyncio.wait_for(waiting, 10)

    assert [record.revision for record in await idle.next()] == [1, 2]
    assert await idle.next() == []


async def test_a_stream_that_was_read_to_its_end_is_not_read_again_when_it_grows(
    shop: Shop,
) -> None:
    shop.write("s-1", 3)
    follower = StreamCursor(shop.threads, shop.recent, "s-1", -1)
    reads = 0

    def count() -> None:
        nonlocal reads
        reads += 1

    shop.threads.interruptions = [count] * 10
    assert len(await follower.next()) == 3
    for _ in range(5):
        shop.write("s-1")
        assert len(await follower.next()) == 1

    assert reads == 1
