"""What is read from the disk is held back until the event loop knows of all that it shows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader, StreamTombstonedError
from embedded_eventstore.storage.operations import ANY, Append, Operation, Record, Tombstone
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.tests import given


class Store(NamedTuple):
    log: Log
    recent: RecentCommits
    threads: ReadingThreads

    def commit(self, operation: Operation) -> list[Record]:
        self.log.begin()
        self.log.execute(operation)
        return self.log.commit()

    def append(self, stream: str = "s-1") -> list[Record]:
        return self.commit(Append(stream, ANY, (given.proposed(),)))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    log = Log(tmp_path)
    recent = RecentCommits(log.last_position)
    threads = ReadingThreads(LogReader(tmp_path), recent)
    yield Store(log, recent, threads)
    threads.close()
    log.close()


async def reading(store: Store, read: Callable[[], object]) -> asyncio.Task[object]:
    """A read that has been in its thread, and was answered if it was to be answered at once."""
    task = asyncio.create_task(store.threads.run(read))
    for _ in range(3):
        await asyncio.to_thread(store.threads.reader.last_position)
        await asyncio.sleep(0.01)
    return task


async def test_an_event_is_not_shown_before_it_is_published(store: Store) -> None:
    committed = store.append()
    read = await reading(store, partial(store.threads.reader.stream_forwards, "s-1", 0, 10))
    assert not read.done()

    store.recent.publish(committed)
    page = await asyncio.wait_for(read, 10)
    assert page == store.threads.reader.stream_forwards("s-1", 0, 10)


async def test_neither_is_the_end_of_a_stream(store: Store) -> None:
    store.recent.publish(store.append())
    committed = store.commit(Tombstone("s-1", ANY))
    read = await reading(store, partial(store.threads.reader.stream_forwards, "s-1", 0, 10))
    assert not read.done()

    store.recent.publish(committed)
    with pytest.raises(StreamTombstonedError):
        await asyncio.wait_for(read, 10)


async def test_a_server_that_stops_waits_for_no_publication(store: Store) -> None:
    store.append()
    read = await reading(store, partial(store.threads.reader.stream_forwards, "s-1", 0, 10))
    assert not read.done()

    store.recent.close()
    await asyncio.wait_for(read, 10)


async def test_what_is_published_is_shown_at_once(store: Store) -> None:
    store.recent.publish(store.append())
    read = await asyncio.wait_for(store.threads.run(store.threads.reader.last_position), 10)

    assert read == store.recent.last_position
