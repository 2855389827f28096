"""Catch-up subscriptions: everything that was written, then everything that will be.

A subscription is a cursor over the log. It takes the next events from memory if they are there and
from the log if not, and waits for the bell when there are none. So there is no moment of switching
over at which an event could be lost or doubled, and a slow reader holds nothing but its cursor.
"""

import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from esdbclient.protos.Grpc import streams_pb2

from embedded_eventstore import errors
from embedded_eventstore.log_reader import MAX_PAGE_ROWS, StreamTombstonedError
from embedded_eventstore.operations import TOMBSTONE, Record
from embedded_eventstore.read_request import END, START, ReadRequest
from embedded_eventstore.reading_threads import ReadingThreads
from embedded_eventstore.recent_commits import RecentCommits
from embedded_eventstore.recorded_event import LINK_TYPE

MAX_PER_CONNECTION = 500

_CAUGHT_UP = streams_pb2.ReadResp(caught_up=streams_pb2.ReadResp.CaughtUp()).SerializeToString()


class Subscriptions:
    """All subscriptions of the server."""

    def __init__(self, threads: ReadingThreads, recent: RecentCommits) -> None:
        self._threads = threads
        self._recent = recent
        self.per_connection: Counter[str] = Counter()

    async def subscribe(self, wish: ReadRequest, connection: str) -> AsyncGenerator[bytes, None]:
        """Confirm at once, then send events for as long as the client listens.

        Raises CallRefusedError, also when the server stops.
        """
        if self.per_connection[connection] >= MAX_PER_CONNECTION:
            raise errors.too_many_subscriptions(MAX_PER_CONNECTION)
        self.per_connection[connection] += 1
        try:
            follow = self._follow_all(wish) if wish.stream is None else self._follow_stream(wish)
            async with aclosing(follow):
                async for answer in follow:
                    yield answer
        finally:
            self.per_connection[connection] -= 1
            if not self.per_connection[connection]:
                del self.per_connection[connection]

    async def _follow_all(self, wish: ReadRequest) -> AsyncGenerator[bytes, None]:
        cursor = self._first_position(wish)
        yield _confirmation()
        considered, reported = 0, cursor
        caught_up = False
        while not self._recent.closed:
            records = await self._next_of_all(cursor)
            for record in records:
                cursor = record.position
                considered += 1
                if record.shown_in_all and (wish.wanted is None or wish.wanted.matches(record)):
                    yield await self._resolved(record, wish)
                if wish.wanted and considered % wish.wanted.checkpoint_interval == 0:
                    reported = cursor
                    yield _checkpoint(cursor)
            if records:
                continue
            if not caught_up:
                caught_up = True
                if wish.wanted and cursor > reported:
                    reported = cursor
                    yield _checkpoint(cursor)
                yield _CAUGHT_UP
            await self._recent.wait_beyond(cursor)
        raise errors.shutting_down()

    def _first_position(self, wish: ReadRequest) -> int:
        """The position after which to send."""
        match wish.origin:
            case int(position):
                if position > self._recent.last_position:
                    # Waiting for it would silently swallow everything written until then.
                    raise errors.invalid("Trying to read from an invalid position.")
                return position
            case edge:
                return self._recent.last_position if edge == END else -1

    async def _next_of_all(self, cursor: int) -> list[Record]:
        recent = self._recent.after(cursor)
        if recent is not None:
            return recent
        page = await self._threads.run(
            partial(self._threads.reader.all_forwards, cursor + 1, MAX_PAGE_ROWS)
        )
        return page.records

    async def _follow_stream(self, wish: ReadRequest) -> AsyncGenerator[bytes, None]:
        stream = wish.stream
        assert stream is not None
        # Before the confirmation: what is written after it belongs to the subscription.
        revision = await self._first_revision(stream, wish.origin)
        yield _confirmation()
        position = self._recent.last_position
        caught_up = False
        in_log = True
        while not self._recent.closed:
            records = None if in_log else self._recent.after(position)
            if records is None:
                # The head before the page is read: what comes after it, the next round finds.
                head = self._recent.last_position
                records = await self._rest_of_stream(stream, revision)
                in_log = bool(records)
                position = head if not records else position
            elif records:
                position = records[-1].position
            for record in records:
                if record.stream == stream and record.revision > revision:
                    revision = record.revision
                    yield await self._resolved(record, wish)
                    if revision == TOMBSTONE:
                        raise errors.stream_deleted(stream)
            if records or in_log:
                continue
            if not caught_up:
                caught_up = True
                yield _CAUGHT_UP
            await self._recent.wait_beyond(position)
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

    async def _rest_of_stream(self, stream: str, revision: int) -> list[Record]:
        try:
            page = await self._threads.run(
                partial(self._threads.reader.stream_forwards, stream, revision + 1, MAX_PAGE_ROWS)
            )
        except StreamTombstonedError:
            raise errors.stream_deleted(stream) from None
        return page.records if page else []

    async def _resolved(self, record: Record, wish: ReadRequest) -> bytes:
        if wish.resolve_links and record.type == LINK_TYPE:
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
