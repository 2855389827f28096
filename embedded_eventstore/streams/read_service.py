"""Streams.Read: counted reads of a stream or of ``$all``, and the door to subscriptions.

``$all`` is read forwards from a position inclusive, backwards from it exclusive. A missing stream
is an answer, not a status. Knows the log reader; knows nothing of writing.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import ALL_STREAM, Right
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_MANY, STREAMS, Method
from embedded_eventstore.protocol.slow_readers import send
from embedded_eventstore.storage.log_reader import MAX_PAGE_ROWS, Edges, Page
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recorded_event import with_structured_ids
from embedded_eventstore.streams.read_request import END, START, ReadRequest, parse_read
from embedded_eventstore.streams.subscriptions import Subscriptions

_FIRST_PAGE_ROWS = 32
_GROWTH = 4
_ORIGINAL_PAGE_ROWS = 32

_ReadPage = Callable[[int, int], Page | None]


class ReadService:
    """Answers Streams.Read."""

    def __init__(self, threads: ReadingThreads, subscriptions: Subscriptions, guard: Guard) -> None:
        self._threads = threads
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
        wish = parse_read(request.options)
        await self._guard.require(Right.READ, wish.stream or ALL_STREAM)
        if wish.count is None:
            answers = self._subscriptions.subscribe(wish, context.peer())
        else:
            answers = self._read(wish, wish.count)
        await send(_structured(answers) if wish.structured_ids else answers, context)

    async def _read(self, wish: ReadRequest, count: int) -> AsyncGenerator[list[bytes], None]:
        edges = await self._edges(wish) if wish.with_edges and wish.stream is not None else None
        if edges is not None and (first := _first_after_nothing(wish, count, edges)) is not None:
            yield [streams_pb2.ReadResp(first_stream_position=first).SerializeToString()]
        async with aclosing(self._wanted(wish, count)) as found:
            async for answers in found:
                yield answers
        if edges is not None:
            yield [streams_pb2.ReadResp(last_stream_position=edges.last).SerializeToString()]

    async def _wanted(self, wish: ReadRequest, count: int) -> AsyncGenerator[list[bytes], None]:
        found = False
        left = count
        async with aclosing(self._pages(wish, count)) as pages:
            async for page in pages:
                found = True
                wanted = await self._matching(wish, page)
                yield [record.response for record in wanted[:left]]
                left -= len(wanted)
                if left <= 0:
                    return
        if not found and wish.stream is not None:
            yield [_stream_not_found(wish.stream)]

    @staticmethod
    async def _matching(wish: ReadRequest, page: list[Record]) -> list[Record]:
        if wish.wanted is None:
            return page
        matching = []
        for record in page:
            if wish.wanted.matches(record):
                matching.append(record)
            elif not wish.wanted.is_cheap:
                await asyncio.sleep(0)
        return matching

    async def _pages(self, wish: ReadRequest, count: int) -> AsyncGenerator[list[Record], None]:
        """Pages from the log: small at first, for most readers want one event or a few."""
        read_page, cursor = self._plan(wish)
        rows = _FIRST_PAGE_ROWS if wish.wanted else max(1, min(count, _FIRST_PAGE_ROWS))
        left = sys.maxsize if wish.wanted else count
        upcoming = self._begin(partial(read_page, cursor, rows))
        try:
            while (page := await upcoming) is not None:
                left -= len(page.records)
                is_last = page.next is None or left <= 0
                if page.next is not None and not is_last:
                    # Read ahead while this page is being sent.
                    rows = min(rows * _GROWTH, MAX_PAGE_ROWS)
                    upcoming = self._begin(partial(read_page, page.next, rows))
                yield page.records
                if is_last:
                    return
        finally:
            upcoming.cancel()

    async def _edges(self, wish: ReadRequest) -> Edges | None:
        assert wish.stream is not None
        return await self._threads.run(partial(self._threads.reader.edges, wish.stream))

    def _begin(self, read: Callable[[], Page | None]) -> asyncio.Future[Page | None]:
        return asyncio.ensure_future(self._threads.run(read))

    def _plan(self, wish: ReadRequest) -> tuple[_ReadPage, int]:
        """How to read a page, and where the first one begins."""
        reader = self._threads.reader
        cursor = wish.origin
        if isinstance(cursor, str):
            cursor = {START: 0, END: TOMBSTONE}[cursor]
        read_page: _ReadPage
        if wish.stream is None:
            read_page = reader.all_backwards if wish.backwards else reader.all_forwards
        elif wish.backwards:
            read_page = partial(reader.stream_backwards, wish.stream)
        else:
            read_page = partial(reader.stream_forwards, wish.stream)
        return partial(read_page, resolve_links=wish.resolve_links), cursor


def _first_after_nothing(wish: ReadRequest, count: int, edges: Edges) -> int | None:
    """Where the stream really goes on, when its first page in the original would be empty."""
    start = 0 if wish.origin == START else wish.origin
    if wish.backwards or not isinstance(start, int):
        return None
    if start + min(count, _ORIGINAL_PAGE_ROWS) <= edges.first:
        return edges.first
    return edges.last + 1 if start > edges.last + 1 else None


async def _structured(
    answers: AsyncGenerator[list[bytes], None],
) -> AsyncGenerator[list[bytes], None]:
    async with aclosing(answers):
        async for portion in answers:
            yield [with_structured_ids(answer) for answer in portion]


def _stream_not_found(stream: str) -> bytes:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    not_found = streams_pb2.ReadResp.StreamNotFound(stream_identifier=identifier)
    return streams_pb2.ReadResp(stream_not_found=not_found).SerializeToString()
