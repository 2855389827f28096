"""The tail of the log in memory: never a gap, never more than its bounds."""

import asyncio
from collections import Counter

import pytest

from embedded_eventstore.storage.operations import Record
from embedded_eventstore.storage.recent_commits import MAX_BYTES, MAX_RECORDS, RecentCommits


def records(start: int, count: int, size: int = 10) -> list[Record]:
    return [
        Record(position, "s-1", position, "T", 1, b"x" * size)
        for position in range(start, start + count)
    ]


def test_what_was_committed_before_the_start_is_not_here() -> None:
    recent = RecentCommits(last_position=9)

    assert recent.after(8) is None
    assert recent.after(9) == []


def test_the_next_events_come_a_few_at_a_time_and_in_order() -> None:
    recent = RecentCommits(last_position=-1)
    recent.publish(records(0, 200))

    seen, cursor = [], -1
    while found := recent.after(cursor):
        cursor = found[-1].position
        seen += [record.position for record in found]

    assert seen == list(range(200))


def test_memory_is_bounded_in_events() -> None:
    recent = RecentCommits(last_position=-1)
    for start in range(0, 20_000, 100):
        recent.publish(records(start, 100))

    assert len(recent._records) <= 2 * MAX_RECORDS
    assert recent.after(0) is None
    assert recent.after(19_999 - MAX_RECORDS) is not None


def test_what_is_kept_by_stream_is_what_is_kept() -> None:
    recent = RecentCommits(last_position=-1)
    for start in range(0, 20_000, 100):
        recent.publish(
            [
                record._replace(stream=f"s-{record.position % 7000}")
                for record in records(start, 100)
            ]
        )

    kept = [record for stream in recent._of_streams.values() for record in stream]
    assert sorted(kept) == recent._records
    recent.forget()
    assert recent._of_streams == {}
    assert recent.of_stream_after("s-1", 19_998) is None
    assert recent.of_stream_after("s-1", 19_999) == []


def test_memory_is_bounded_in_bytes() -> None:
    recent = RecentCommits(last_position=-1)
    for position in range(100):
        recent.publish(records(position, 1, size=1024 * 1024))

    assert sum(len(record.response) for record in recent._records) <= 2 * MAX_BYTES
    assert recent.after(98) is not None


async def test_whoever_waits_is_woken_by_news_or_by_the_end() -> None:
    recent = RecentCommits(last_position=3)
    waiting = [asyncio.create_task(recent.wait_beyond(3)) for _ in range(5)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    recent.publish(records(4, 1))
    await asyncio.gather(*waiting)

    for_the_end = asyncio.create_task(recent.wait_beyond(4))
    await asyncio.sleep(0)
    recent.close()
    await for_the_end


async def test_a_commit_wakes_those_it_concerns_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recent = RecentCommits(last_position=3)
    looked: Counter[str | None] = Counter()
    look = RecentCommits._has_news

    def counting(self: RecentCommits, position: int, stream: str | None) -> bool:
        looked[stream] += 1
        return look(self, position, stream)

    monkeypatch.setattr(RecentCommits, "_has_news", counting)
    woken: list[str | None] = []

    async def follow(stream: str | None) -> None:
        position = 3
        while not recent.closed:
            await recent.wait_beyond(position, stream)
            woken.append(stream)
            position = recent.last_position

    followed = [None, "s-1", *(f"other-{number}" for number in range(50))]
    tasks = [asyncio.create_task(follow(stream)) for stream in followed]
    await asyncio.sleep(0)
    for position in range(4, 14):
        recent.publish(records(position, 1))
        await asyncio.sleep(0)

    assert sorted(woken, key=str) == [None] * 10 + ["s-1"] * 10
    # Before it slept, and no more.
    assert all(looked[f"other-{number}"] == 1 for number in range(50))
    recent.close()
    await asyncio.gather(*tasks)


async def test_whoever_stops_waiting_for_a_stream_leaves_nothing_behind() -> None:
    recent = RecentCommits(last_position=3)
    for number in range(100):
        waiting = asyncio.create_task(recent.wait_beyond(3, f"s-{number}"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    del waiting

    assert len(recent._news) == 0
