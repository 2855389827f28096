"""Streams.Read: counted reads of a stream or of ``$all``, and the door to subscriptions.

``$all`` is read forwards from a position inclusive, backwards from it exclusive. A missing stream
is an answer, not a status. Knows the log reader; knows nothing of writing.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from embedded_eventstore import errors
from embedded_eventstore.log_reader import MAX_PAGE_ROWS, Page
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
        async for page in self._pages(wish, count):
            found = True
            for record in page:
                if wish.wanted is None or wish.wanted.matches(record):
                    if left == 0:
                        return
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
        while True:
            page = await self._threads.run(partial(read_page, cursor, rows))
            if page is None:
                return
            yield page.records
            if page.next is None:
                return
            cursor = page.next
            rows = min(rows * _GROWTH, MAX_PAGE_ROWS)

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
