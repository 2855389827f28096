"""A stream that was written lately is read from memory, and nobody can tell but by its speed."""

import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest

from embedded_eventstore.access import authentication
from embedded_eventstore.access.accounts import ADMINISTRATORS, Account
from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage import recent_commits
from embedded_eventstore.storage.described_streams import DescribedStreams
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader, StreamTombstonedError
from embedded_eventstore.storage.operations import (
    ANY,
    TOMBSTONE,
    Append,
    Delete,
    Operation,
    ProposedEvent,
    Tombstone,
)
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import LINK_TYPE
from embedded_eventstore.streams.read_service import ReadService
from embedded_eventstore.streams.subscriptions import Subscriptions
from embedded_eventstore.tests import given

Result = TypeVar("Result")
_EMPTY = shared_pb2.Empty()


class CountingThreads(ReadingThreads):
    """Counts the trips to the disk."""

    trips = 0

    async def run(self, read: Callable[[], Result]) -> Result:
        self.trips += 1
        return await super().run(read)


class Call:
    """A call that keeps what is written to it."""

    def __init__(self) -> None:
        self.responses: list[bytes] = []

    async def write(self, response: bytes) -> None:
        self.responses.append(response)


class Administrator:
    """Whoever asks is an administrator."""

    def authenticate(self, authorization: str | None) -> Account | None:
        return Account("admin", frozenset({ADMINISTRATORS}))


class Shop:
    """A log, its tail in memory, and the service that reads from both."""

    def __init__(self, directory: Path) -> None:
        self.log = Log(directory)
        self.recent = RecentCommits(self.log.last_position)
        self.reader = LogReader(directory)
        self.threads = CountingThreads(self.reader, self.recent)
        self.described = DescribedStreams(self.reader.metastreams())
        subscriptions = Subscriptions(self.threads, self.recent)
        guard = Guard(self.threads, self.described)
        self.service = ReadService(self.threads, self.recent, self.described, subscriptions, guard)

    def carry_out(self, operation: Operation) -> None:
        self.log.begin()
        self.log.execute(operation)
        records = self.log.commit()
        self.described.take_in(records)
        self.recent.publish(records)

    def write(self, stream: str, count: int = 1, data: bytes = b"{}") -> None:
        self.carry_out(Append(stream, ANY, tuple(given.proposed(data=data) for _ in range(count))))

    async def read(
        self, stream: str, count: int = 1000, start: int = 0, **options: object
    ) -> list[int | str]:
        """The revisions read, or what else the responses are."""
        authentication.authenticate_call(Administrator(), RequiredRole.ACCOUNTS, None)
        identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
        request = streams_pb2.ReadReq.Options(
            stream=streams_pb2.ReadReq.Options.StreamOptions(
                stream_identifier=identifier, revision=start
            ),
            count=count,
            no_filter=_EMPTY,
            uuid_option=streams_pb2.ReadReq.Options.UUIDOption(string=_EMPTY),
            **options,  # type: ignore[arg-type]
        )
        call = Call()
        await self.service.read(streams_pb2.ReadReq(options=request), cast("errors.Context", call))
        responses = map(streams_pb2.ReadResp.FromString, call.responses)
        return [_shown(response) for response in responses]


def _shown(response: streams_pb2.ReadResp) -> int | str:
    kind = response.WhichOneof("content")
    return response.event.event.stream_revision if kind == "event" else str(kind)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    opened = Shop(tmp_path)
    yield opened
    opened.threads.close()
    opened.log.close()


async def test_a_stream_that_was_just_written_is_read_without_a_trip_to_the_disk(
    shop: Shop,
) -> None:
    shop.write("s-1", 10)
    shop.write("s-2")

    assert await shop.read("s-1") == list(range(10))
    assert await shop.read("s-1", count=1, start=4) == [4]
    assert await shop.read("s-1", start=10) == []
    backwards = streams_pb2.ReadReq.Options.Backwards
    assert await shop.read("s-1", 2, TOMBSTONE, read_direction=backwards) == [9, 8]
    assert await shop.read("s-1", 99, 3, read_direction=backwards) == [3, 2, 1, 0]
    assert shop.threads.trips == 0


async def test_any_other_short_stream_takes_one_trip(shop: Shop) -> None:
    shop.write("s-1", 10)
    shop.recent.forget()

    assert await shop.read("s-1") == list(range(10))
    assert shop.threads.trips == 1
    assert await shop.read("unknown") == ["stream_not_found"]
    assert shop.threads.trips == 2


async def test_what_began_before_memory_does_is_read_from_the_disk(shop: Shop) -> None:
    shop.write("s-1", 3)
    shop.recent.forget()
    shop.write("s-1", 3)

    assert await shop.read("s-1") == list(range(6))
    assert shop.threads.trips == 1
    assert await shop.read("s-1", start=3) == [3, 4, 5]
    assert shop.threads.trips == 1


async def test_what_metadata_hides_is_hidden(shop: Shop) -> None:
    shop.write("s-1", 5)
    hiding = ProposedEvent(given.proposed().event_id, "$metadata", True, b"", b'{"$maxCount":2}')
    shop.carry_out(Append("$$s-1", ANY, (hiding,)))

    assert await shop.read("s-1") == [3, 4]
    shop.carry_out(Delete("s-1", ANY))
    assert await shop.read("s-1") == ["stream_not_found"]
    shop.write("s-1")
    assert await shop.read("s-1") == [5]
    assert await shop.read("$$s-1") == [2]


async def test_newer_clients_learn_the_edges_of_a_stream_in_memory_too(shop: Shop) -> None:
    shop.write("s-1", 3)
    newer = streams_pb2.ReadReq.Options.ControlOption(compatibility=1)

    assert await shop.read("s-1", 2, control_option=newer) == [0, 1, "last_stream_position"]


async def test_a_tombstone_ends_a_stream_in_memory_too(shop: Shop) -> None:
    shop.write("s-1", 5)
    shop.carry_out(Tombstone("s-1", ANY))

    with pytest.raises(StreamTombstonedError):
        await shop.read("s-1")


async def test_links_are_followed(shop: Shop) -> None:
    shop.write("s-1")
    link = ProposedEvent(given.proposed().event_id, LINK_TYPE, False, b"", b"0@s-1")
    shop.carry_out(Append("links", ANY, (link,)))
    reads = {resolve: await shop.read("links", resolve_links=resolve) for resolve in (False, True)}

    assert reads == {False: [0], True: [0]}
    assert shop.threads.trips == 1


async def test_more_than_a_page_is_read_page_by_page(shop: Shop) -> None:
    shop.write("many", 501)
    for _ in range(3):
        shop.write("large", 1, b"x" * 400_000)

    assert len(await shop.read("many")) == 501
    assert shop.threads.trips > 1
    before = shop.threads.trips
    assert await shop.read("large") == [0, 1, 2]
    assert shop.threads.trips > before


async def test_memory_and_disk_say_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_commits, "MAX_RECORDS", 10)
    answered = 0
    for number in range(60):
        shop.write(f"s-{number % 4}", number % 3 + 1)
        names, starts, rows = ("s-0", "s-1", "s-2"), (0, 1, 20, 24, 25, 30, TOMBSTONE), (1, 3, 600)
        for name, start, count, backwards in itertools.product(names, starts, rows, (False, True)):
            found = shop.recent.page_of_stream(name, start, count, backwards=backwards)
            if found is None:
                continue
            answered += 1
            read = shop.reader.stream_backwards if backwards else shop.reader.stream_forwards
            page = read(name, start, count)
            assert page is not None
            assert found == page.records

    assert answered > 1000
