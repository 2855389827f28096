"""A group at work over a real log, without a network: slow consumers, and a disk that is full."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from embedded_eventstore.persistent.group_cursor import Considered, GroupCursor
from embedded_eventstore.persistent.running_group import Peer, RunningGroup
from embedded_eventstore.persistent.settings import GroupEntry, Settings
from embedded_eventstore.protocol.errors import CallRefusedError, shutting_down
from embedded_eventstore.storage import log_reader
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import ANY, Append, Tombstone
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.writer import DiskFullError, Writer
from embedded_eventstore.tests import given

SOMEBODY = Peer("ipv4:127.0.0.1:1", "till", "admin")


class Shop:
    """A log with its writer, and one group that follows ``s-1``."""

    def __init__(self, directory: Path) -> None:
        self.log = Log(directory)
        self.recent = RecentCommits(self.log.last_position)
        self.threads = ReadingThreads(LogReader(directory), self.recent)
        self.writer = Writer(self.log, self.recent.publish)
        self.groups: list[RunningGroup] = []

    async def write(self, count: int) -> None:
        append = Append("s-1", ANY, tuple(given.proposed() for _ in range(count)))
        await self.writer.submit(append, float("inf"))

    async def group(self, stream: str = "s-1", **changes: object) -> RunningGroup:
        settings = replace(Settings(max_checkpoint_count=1), **changes)  # type: ignore[arg-type]
        entry = GroupEntry(stream, "bar", 0, -1, settings)
        started = await RunningGroup.start(entry, self.threads, self.recent, self.writer)
        self.groups.append(started)
        return started

    async def close(self) -> None:
        self.recent.close()
        for group in self.groups:
            group.stop(shutting_down())
            await group.finished()
        await self.writer.stop()
        self.threads.close()
        self.log.close()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    await opened.close()


async def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")


async def test_what_was_taken_away_before_it_was_sent_is_not_sent_any_more(shop: Shop) -> None:
    group = await shop.group(message_timeout=20)
    slow = group.join(1, SOMEBODY)
    await shop.write(2)
    await eventually(lambda: slow.consumer.held == 1)
    await asyncio.sleep(0.03)
    other = group.join(5, SOMEBODY)

    group.tick()
    seen = [await other.next() for _ in range(2)]
    assert [(message.position, message.retry_count) for message in seen] == [(1, 0), (0, 1)]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(slow.next(), 0.05)


async def test_a_consumer_that_takes_nothing_is_sent_no_more_than_its_buffer(shop: Shop) -> None:
    group = await shop.group(history_buffer_size=30)
    slow = group.join(5, SOMEBODY)
    for _ in range(20):
        await shop.write(100)
    await eventually(lambda: group.group.room() <= 0)

    assert slow.consumer.held == 5
    # What waits is bounded by the buffer and the page that overflowed it; the rest is in the log.
    assert sum(group.group.waiting) <= 30 + 500


async def test_what_cannot_be_parked_for_a_full_disk_is_parked_later_and_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.write(1)
    group = await shop.group()
    consumer = group.join(5, SOMEBODY)
    message = await consumer.next()
    refusals: list[None] = []

    async def refuse(*_: object) -> int:
        refusals.append(None)
        raise DiskFullError

    with monkeypatch.context() as full:
        full.setattr(group._books, "park", refuse)
        group.group.reject(consumer.consumer, [message.ack_id], "park", "")
        group.settle()
        await eventually(lambda: bool(refusals))
        refusals.clear()
        group.tick()
        await eventually(lambda: bool(refusals))
        assert (group.parked_count, group.checkpoint) == (0, None)
    group.tick()

    await eventually(lambda: group.checkpoint == 0)
    assert group.parked_count == 1


async def test_a_tombstone_sends_the_consumers_away(shop: Shop) -> None:
    group = await shop.group()
    consumer = group.join(5, SOMEBODY)
    await shop.write(1)
    await consumer.next()
    await shop.writer.submit(Tombstone("s-1", ANY), float("inf"))
    assert (await consumer.next()).position > 0
    with pytest.raises(CallRefusedError, match="was dropped"):
        await consumer.next()
    late = group.join(5, SOMEBODY)
    with pytest.raises(CallRefusedError, match="was dropped"):
        await late.next()


async def test_a_group_that_was_stopped_writes_nothing_any_more(shop: Shop) -> None:
    await shop.write(2)
    group = await shop.group()
    consumer = group.join(5, SOMEBODY)
    first = await consumer.next()
    group.stop(shutting_down())
    await group.finished()
    end = shop.recent.last_position

    group.group.acknowledge(consumer.consumer, [first.ack_id])
    group.settle(on_tick=True)
    group.tick()
    await group.finished()
    assert shop.recent.last_position == end


async def test_a_replay_goes_on_where_a_page_was_cut_short_for_its_size(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.write(5)
    group = await shop.group()
    consumer = group.join(5, SOMEBODY)
    given_out = [(await consumer.next()).ack_id for _ in range(5)]
    group.group.reject(consumer.consumer, given_out, "park", "")
    group.settle()
    await eventually(lambda: group.parked_count == 5)
    monkeypatch.setattr(log_reader, "MAX_PAGE_BYTES", 1)

    group.replay_parked(None)
    replayed = [await asyncio.wait_for(consumer.next(), 5) for _ in range(5)]
    assert [message.position for message in replayed] == [0, 1, 2, 3, 4]


async def test_an_append_wakes_only_the_groups_of_its_stream(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: Counter[str] = Counter()
    look = GroupCursor.next

    async def counting(cursor: GroupCursor) -> list[Considered]:
        looked[names[cursor]] += 1
        return await look(cursor)

    groups = [await shop.group()]
    groups += [await shop.group(stream=f"other-{number}") for number in range(20)]
    await eventually(lambda: all(group.live for group in groups))
    names = {group._cursor: group.entry.stream for group in groups}
    monkeypatch.setattr(GroupCursor, "next", counting)
    consumer = groups[0].join(10, SOMEBODY)
    for _ in range(5):
        await shop.write(1)
        await consumer.next()
    await eventually(lambda: groups[0].live)

    assert looked == {"s-1": 10}  # the event, and that there is none behind it
