"""Streams.Read: counted reads of a stream or of ``$all``; subscriptions are passed on.

A few events of a stream that was written lately come from memory, all others from the disk.
``$all`` is read forwards from a position inclusive, backwards from it exclusive. A missing stream
is a response, not a status. Knows the log reader; knows nothing of writing.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import ALL_STREAM, Right
from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_MANY, STREAMS, Method
from embedded_eventstore.protocol.slow_readers import send
from embedded_eventstore.storage.described_streams import DescribedStreams
from embedded_eventstore.storage.log_reader import MAX_PAGE_BYTES, MAX_PAGE_ROWS, Edges, Page
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import LINK_TYPE, with_structured_ids
from embedded_eventstore.storage.stream_metadata import is_metastream
from embedded_eventstore.streams.read_request import END, START, ReadRequest, parse_read
from embedded_eventstore.streams.subscriptions import Subscriptions

_FIRST_PAGE_ROWS = 32
_GROWTH = 4
_ORIGINAL_PAGE_ROWS = 32

_ReadPage = Callable[[int, int], Page | None]


class ReadService:
    """Implements Streams.Read."""

    def __init__(
        self,
        threads: ReadingThreads,
        recent: RecentCommits,
        described: DescribedStreams,
        subscriptions: Subscriptions,
        guard: Guard,
    ) -> None:
        self._threads = threads
        self._recent = recent
        self._described = described
        self._guard = guard
        self._subscriptions = subscriptions

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/Read": Method(
                ONE_TO_MANY,
                self.read,
                streams_pb2.ReadReq.FromString,
                features=("position", "events"),
                required_role=RequiredRole.ACCOUNTS,
            ),
        }

    async def read(self, request: streams_pb2.ReadReq, context: errors.Context) -> None:
        parsed = parse_read(request.options)
        await self._guard.require(Right.READ, parsed.stream or ALL_STREAM)
        if parsed.count is None:
            responses = self._subscriptions.subscribe(parsed, context.peer())
        elif (page := self._page_in_memory(parsed, parsed.count)) is not None:
            responses = _at_once(page)
        else:
            responses = self._read(parsed, parsed.count)
        await send(_structured(responses) if parsed.structured_ids else responses, context)

    def _page_in_memory(self, request: ReadRequest, count: int) -> list[Record] | None:
        """All that was asked for, if it is certain from memory and fits into one page."""
        stream = request.stream
        if stream is None or request.with_edges:
            return None
        if is_metastream(stream) or stream in self._described:
            # Some of it may be hidden.
            return None
        rows = min(count, MAX_PAGE_ROWS + 1)
        start, backwards = _first(request), request.backwards
        page = self._recent.page_of_stream(stream, start, rows, backwards=backwards)
        if page is None or len(page) > MAX_PAGE_ROWS:
            return None
        if sum(len(record.response) for record in page) > MAX_PAGE_BYTES:
            return None
        if request.resolve_links and any(record.type == LINK_TYPE for record in page):
            return None
        return page

    async def _read(self, request: ReadRequest, count: int) -> AsyncGenerator[list[bytes], None]:
        edges = (
            await self._edges(request)
            if request.with_edges and request.stream is not None
            else None
        )
        if edges is not None and (first := _first_after_nothing(request, count, edges)) is not None:
            yield [streams_pb2.ReadResp(first_stream_position=first).SerializeToString()]
        async with aclosing(self._matching_events(request, count)) as found:
            async for responses in found:
                yield responses
        if edges is not None:
            yield [streams_pb2.ReadResp(last_stream_position=edges.last).SerializeToString()]

    async def _matching_events(
        self, request: ReadRequest, count: int
    ) -> AsyncGenerator[list[bytes], None]:
        found = False
        left = count
        async with aclosing(self._pages(request, count)) as pages:
            async for page in pages:
                found = True
                matching = await self._matching(request, page)
                yield [record.response for record in matching[:left]]
                left -= len(matching)
                if left <= 0:
                    return
        if not found and request.stream is not None:
            yield [_stream_not_found(request.stream)]

    @staticmethod
    async def _matching(request: ReadRequest, page: list[Record]) -> list[Record]:
        if request.event_filter is None:
            return page
        matching = []
        for record in page:
            if request.event_filter.matches(record):
                matching.append(record)
            elif not request.event_filter.is_cheap:
                await asyncio.sleep(0)
        return matching

    async def _pages(self, request: ReadRequest, count: int) -> AsyncGenerator[list[Record], None]:
        """Pages from the log: small at first, for most readers want one event or a few."""
        read_page, cursor = self._plan(request)
        rows = _FIRST_PAGE_ROWS if request.event_filter else max(1, min(count, _FIRST_PAGE_ROWS))
        left = sys.maxsize if request.event_filter else count
        page = await self._threads.run(partial(read_page, cursor, rows))
        while page is not None:
            left -= len(page.records)
            if page.next is None or left <= 0:
                yield page.records
                return
            # Read ahead while this page is being sent.
            rows = min(rows * _GROWTH, MAX_PAGE_ROWS)
            upcoming = self._begin(partial(read_page, page.next, rows))
            try:
                yield page.records
                page = await upcoming
            finally:
                upcoming.cancel()

    async def _edges(self, request: ReadRequest) -> Edges | None:
        assert request.stream is not None
        return await self._threads.run(partial(self._threads.reader.edges, request.stream))

    def _begin(self, read: Callable[[], Page | None]) -> asyncio.Future[Page | None]:
        return asyncio.ensure_future(self._threads.run(read))

    def _plan(self, request: ReadRequest) -> tuple[_ReadPage, int]:
        """How to read a page, and where the first one begins."""
        reader = self._threads.reader
        read_page: _ReadPage
        if request.stream is None:
            read_page = reader.all_backwards if request.backwards else reader.all_forwards
        elif request.backwards:
            read_page = partial(reader.stream_backwards, request.stream)
        else:
            read_page = partial(reader.stream_forwards, request.stream)
        return partial(read_page, resolve_links=request.resolve_links), _first(request)


def _first(request: ReadRequest) -> int:
    """The revision or position to begin with."""
    match request.origin:
        case int(number):
            return number
        case edge:
            return TOMBSTONE if edge == END else 0


async def _at_once(page: list[Record]) -> AsyncGenerator[list[bytes], None]:
    yield [record.response for record in page]


def _first_after_nothing(request: ReadRequest, count: int, edges: Edges) -> int | None:
    """Where the stream really goes on, when its first page in the original would be empty."""
    start = 0 if request.origin == START else request.origin
    if request.backwards or not isinstance(start, int):
        return None
    if start + min(count, _ORIGINAL_PAGE_ROWS) <= edges.first:
        return edges.first
    return edges.last + 1 if start > edges.last + 1 else None


async def _structured(
    responses: AsyncGenerator[list[bytes], None],
) -> AsyncGenerator[list[bytes], None]:
    async with aclosing(responses):
        async for portion in responses:
            yield [with_structured_ids(response) for response in portion]


def _stream_not_found(stream: str) -> bytes:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    not_found = streams_pb2.ReadResp.StreamNotFound(stream_identifier=identifier)
    return streams_pb2.ReadResp(stream_not_found=not_found).SerializeToString()
