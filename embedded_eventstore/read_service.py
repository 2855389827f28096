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

from embedded_eventstore import errors
from embedded_eventstore.log_reader import MAX_PAGE_ROWS, Page
from embedded_eventstore.method import ONE_TO_MANY, STREAMS, Method
from embedded_eventstore.operations import TOMBSTONE, Record
from embedded_eventstore.read_request import END, START, ReadRequest, parse_read
from embedded_eventstore.reading_threads import ReadingThreads
from embedded_eventstore.recorded_event import with_structured_ids
from embedded_eventstore.subscriptions import Subscriptions

_FIRST_PAGE_ROWS = 32
_GROWTH = 4

_ReadPage = Callable[[int, int], Page | None]


class ReadService:
    """Answers Streams.Read."""

    def __init__(self, threads: ReadingThreads, subscriptions: Subscriptions) -> None:
        self._threads = threads
        self._subscriptions = subscriptions

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/Read": Method(
                ONE_TO_MANY,
                self.read,
                streams_pb2.ReadReq.FromString,
                features=("position", "events"),
            ),
        }

    async def read(self, request: streams_pb2.ReadReq, context: errors.Context) -> None:
        wish = parse_read(request.options)
        if wish.count is None:
            answers = self._subscriptions.subscribe(wish, context.peer())
        else:
            answers = self._read(wish, wish.count)
        # Closed at once when the client hangs up, so that nothing of the call remains.
        async with aclosing(answers):
            async for answer in answers:
                await context.write(with_structured_ids(answer) if wish.structured_ids else answer)

    async def _read(self, wish: ReadRequest, count: int) -> AsyncGenerator[bytes, None]:
        found = False
        left = count
        async with aclosing(self._pages(wish, count)) as pages:
            async for page in pages:
                found = True
                for record in page:
                    if left == 0:
                        return
                    if wish.wanted is None or wish.wanted.matches(record):
                        left -= 1
                        yield record.response
                if left == 0:
                    return
        if not found and wish.stream is not None:
            yield _stream_not_found(wish.stream)

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


def _stream_not_found(stream: str) -> bytes:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    not_found = streams_pb2.ReadResp.StreamNotFound(stream_identifier=identifier)
    return streams_pb2.ReadResp(stream_not_found=not_found).SerializeToString()
