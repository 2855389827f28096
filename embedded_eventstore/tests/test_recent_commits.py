"""The tail of the log in memory: never a gap, never more than its bounds."""

import asyncio

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
