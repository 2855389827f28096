"""Catch-up subscriptions: everything that was written, then everything that will be.

A subscription is a cursor over the log. It takes the next events from memory if they are there and
from the log if not, and waits when there are none. So there is no moment of switching
over at which an event could be lost or doubled, and a slow reader holds nothing but its cursor.
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage.cursors import AllCursor, StreamCursor
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import LINK_TYPE
from embedded_eventstore.streams.read_request import END, START, ReadRequest

MAX_PER_CONNECTION = 500

_CAUGHT_UP = streams_pb2.ReadResp(caught_up=streams_pb2.ReadResp.CaughtUp()).SerializeToString()


class Subscriptions:
    """All subscriptions of the server."""

    def __init__(self, threads: ReadingThreads, recent: RecentCommits) -> None:
        self._threads = threads
        self._recent = recent
        self.per_connection: Counter[str] = Counter()

    async def subscribe(
        self, request: ReadRequest, connection: str
    ) -> AsyncGenerator[list[bytes], None]:
        """Confirm at once, then send events for as long as the client listens.

        Raises CallRefusedError, also when the server stops.
        """
        if self.per_connection[connection] >= MAX_PER_CONNECTION:
            raise errors.too_many_subscriptions(MAX_PER_CONNECTION)
        self.per_connection[connection] += 1
        try:
            follow = (
                self._follow_all(request)
                if request.stream is None
                else self._follow_stream(request)
            )
            async with aclosing(follow):
                async for response in follow:
                    yield [response]
        finally:
            self.per_connection[connection] -= 1
            if not self.per_connection[connection]:
                del self.per_connection[connection]

    async def _follow_all(self, request: ReadRequest) -> AsyncGenerator[bytes, None]:
        cursor = AllCursor(self._threads, self._recent, self._first_position(request))
        yield _confirmation()
        considered, reported = 0, cursor.position
        caught_up = False
        while not self._recent.closed:
            records = await cursor.next()
            for record in records:
                considered += 1
                if request.event_filter is None or request.event_filter.matches(record):
                    yield await self._resolved(record, request)
                elif not request.event_filter.is_cheap:
                    await asyncio.sleep(0)
                if (
                    request.event_filter
                    and considered % request.event_filter.checkpoint_interval == 0
                ):
                    reported = record.position
                    yield _checkpoint(reported)
            if records:
                continue
            if not caught_up:
                caught_up = True
                if request.event_filter and cursor.position > reported:
                    reported = cursor.position
                    yield _checkpoint(reported)
                yield _CAUGHT_UP
            await cursor.wait()
        raise errors.shutting_down()

    def _first_position(self, request: ReadRequest) -> int:
        """The position after which to send."""
        match request.origin:
            case int(position):
                if position > self._recent.last_position:
                    # Waiting for it would silently swallow everything written until then.
                    raise errors.invalid("Trying to read from an invalid position.")
                return position
            case edge:
                return self._recent.last_position if edge == END else -1

    async def _follow_stream(self, request: ReadRequest) -> AsyncGenerator[bytes, None]:
        stream = request.stream
        assert stream is not None
        # Before the confirmation: what is written after it belongs to the subscription.
        revision = await self._first_revision(stream, request.origin)
        cursor = StreamCursor(self._threads, self._recent, stream, revision)
        yield _confirmation()
        caught_up = False
        while not self._recent.closed:
            records = await cursor.next()
            for record in records:
                yield await self._resolved(record, request)
            if records:
                continue
            if not caught_up:
                caught_up = True
                yield _CAUGHT_UP
            await cursor.wait()
        raise errors.shutting_down()

    async def _first_revision(self, stream: str, origin: int | str) -> int:
        """The revision after which to send."""
        if isinstance(origin, int):
            return origin
        if origin == START:
            return -1
        last = await self._threads.run(partial(self._threads.reader.last_revision, stream))
        if last == TOMBSTONE:
            raise errors.stream_deleted(stream)
        return last

    async def _resolved(self, record: Record, request: ReadRequest) -> bytes:
        if request.resolve_links and record.type == LINK_TYPE:
            record = await self._threads.run(partial(self._threads.reader.resolve, record))
        return record.response


def _confirmation() -> bytes:
    confirmation = streams_pb2.ReadResp.SubscriptionConfirmation(subscription_id=str(uuid.uuid4()))
    return streams_pb2.ReadResp(confirmation=confirmation).SerializeToString()


def _checkpoint(position: int) -> bytes:
    checkpoint = streams_pb2.ReadResp.Checkpoint(
        commit_position=position, prepare_position=position
    )
    return streams_pb2.ReadResp(checkpoint=checkpoint).SerializeToString()
