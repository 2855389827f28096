"""Links are written once, whatever happens."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from embedded_eventstore.storage import recorded_event
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import (
    ANY,
    Append,
    Outcome,
    Record,
    Together,
    Transaction,
)
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.writer import DiskFullError, Writer
from embedded_eventstore.system_projections import projector, rules
from embedded_eventstore.system_projections.projector import Projector
from embedded_eventstore.tests import given


class Store:
    """A log with its writer, and what the disk does to the projections."""

    def __init__(self, directory: Path) -> None:
        self.log = Log(directory)
        self.recent = RecentCommits(self.log.last_position)
        self.threads = ReadingThreads(LogReader(directory), self.recent)
        self.writer = ForgetfulWriter(self.log, self.recent.publish)
        self.projector = Projector(self.threads, self.recent, self.writer)

    async def append(self, stream: str, count: int = 1) -> None:
        events = tuple(given.proposed() for _ in range(count))
        await self.writer.submit(Append(stream, ANY, events), float("inf"))

    async def caught_up(self) -> None:
        async with asyncio.timeout(10):
            while self.projector.position < self.recent.last_position:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def targets(self, stream: str) -> list[str]:
        records: list[Record] = []
        following: int | None = 0
        while following is not None:
            page = self.threads.reader.stream_forwards(stream, following, 500)
            records += page.records if page else []
            following = page.next if page else None
        return [recorded_event.payload_of(record.response)[1].decode() for record in records]

    async def close(self) -> None:
        await self.projector.stop()
        await self.writer.stop()
        self.threads.close()
        self.log.close()


class ForgetfulWriter(Writer):
    """The disk is full for the first ``refusals`` groups of links; counts what was tried."""

    refusals = 0
    groups = 0

    def submit(self, operation: Transaction, expires_at: float) -> asyncio.Future[Outcome]:
        self.groups += isinstance(operation, Together)
        if isinstance(operation, Together) and self.refusals:
            self.refusals -= 1
            refused: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
            refused.set_exception(DiskFullError())
            return refused
        return super().submit(operation, expires_at)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path)
    yield opened
    await opened.close()


async def test_the_past_is_linked_and_then_the_present(store: Store) -> None:
    await store.append("order-1", 100)
    await store.projector.start(enable_all=True)
    await store.caught_up()
    await store.append("order-2", 2)
    await store.caught_up()

    expected = [*(f"{revision}@order-1" for revision in range(100)), "0@order-2", "1@order-2"]
    assert store.targets("$ce-order") == expected
    assert store.targets("$et-CoffeeOrdered") == expected
    assert {"0@order-1", "0@order-2", "0@$ce-order"} <= set(store.targets("$streams"))
    assert len(store.targets("$streams")) == len(set(store.targets("$streams")))


async def test_after_a_restart_it_goes_on_from_the_newest_link(store: Store) -> None:
    await store.append("order-1", 100)
    await store.projector.start(enable_all=True)
    await store.caught_up()
    await store.projector.stop()
    tried = store.writer.groups
    again = Projector(store.threads, store.recent, store.writer)

    assert await again._resume() > store.recent.last_position / 4
    store.projector = again
    await again.start(enable_all=True)
    await store.caught_up()
    await store.append("order-1")
    await store.caught_up()

    assert store.targets("$ce-order") == [f"{revision}@order-1" for revision in range(101)]
    assert again.processed < 300 + 10
    assert store.writer.groups > tried


async def test_links_written_again_are_recognised(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.append("order-1", 10)
    await store.projector.start(enable_all=True)
    await store.caught_up()
    await store.projector.stop()
    monkeypatch.setattr(projector, "origin_of", lambda _record, _names: None)
    store.projector = Projector(store.threads, store.recent, store.writer)
    await store.projector.start(enable_all=True)
    await store.caught_up()

    assert store.projector.processed > 30
    assert store.targets("$ce-order") == [f"{revision}@order-1" for revision in range(10)]


async def test_a_full_disk_is_waited_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projector, "RETRY_AFTER", 0.001)
    store.writer.refusals = 5
    await store.append("order-1", 200)
    await store.projector.start(enable_all=True)
    await store.caught_up()

    assert store.targets("$ce-order") == [f"{revision}@order-1" for revision in range(200)]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_switched_and_whenever_it_stops_each_has_every_link_once(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    count = 0

    async def go_on(*, enable_all: bool) -> None:
        store.projector = Projector(store.threads, store.recent, store.writer)
        await store.projector.start(enable_all=enable_all)

    await go_on(enable_all=chance.random() < 0.5)
    for _ in range(40):
        match chance.choice(("append", "append", "enable", "disable", "stop", "wait")):
            case "append":
                added = chance.randrange(1, 150)
                await store.append("order-1", added)
                count += added
            case "enable":
                await store.projector.enable(chance.choice(rules.NAMES))
            case "disable":
                await store.projector.disable(chance.choice(rules.NAMES))
            case "stop":
                # In the middle of its work, as a crash would: nothing else is written down.
                await store.projector.stop()
                await go_on(enable_all=chance.random() < 0.2)
            case "wait":
                await asyncio.sleep(chance.random() / 50)
    await store.projector.stop()
    await go_on(enable_all=True)
    await store.caught_up()

    expected = [f"{revision}@order-1" for revision in range(count)]
    assert store.targets("$ce-order") == expected
    assert store.targets("$et-CoffeeOrdered") == expected
    assert store.targets("$streams").count("0@order-1") == 1


async def test_who_goes_back_writes_only_what_is_missing(store: Store) -> None:
    await store.projector.start(enable_all=True)
    await store.projector.disable(rules.STREAMS)
    await store.append("order-1", 200)
    await store.caught_up()
    before = len(store.targets("$ce-order"))
    appended: list[Append] = []
    submit = store.writer.submit

    def noting(operation: Transaction, expires_at: float) -> asyncio.Future[Outcome]:
        if isinstance(operation, Together):
            appended.extend(each for each in operation.operations if isinstance(each, Append))
        return submit(operation, expires_at)

    store.writer.submit = noting  # type: ignore[method-assign]
    await store.projector.enable(rules.STREAMS)
    await store.caught_up()

    assert before == 200
    assert "0@order-1" in store.targets("$streams")
    assert not [append for append in appended if append.stream == "$ce-order"]


async def test_somebody_elses_link_is_no_checkpoint(store: Store) -> None:
    await store.append("order-1", 3)
    await store.projector.start(enable_all=True)
    await store.caught_up()
    await store.projector.stop()
    await store.append("order-1", 3)
    forged = given.proposed("$>", b"0@order-1")
    await store.writer.submit(Append("$et-CoffeeOrdered", ANY, (forged,)), float("inf"))
    store.projector = Projector(store.threads, store.recent, store.writer)
    await store.projector.start(enable_all=True)
    await store.caught_up()

    assert store.targets("$ce-order") == [f"{revision}@order-1" for revision in range(6)]
