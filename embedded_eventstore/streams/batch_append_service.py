"""Streams.BatchAppend: a long call that carries many appends.

An append may come in several pieces (the last is marked final), is known by its correlation id, and
gets its response as soon as it is durable, in any order. Every refusal is a response, never a
status: the other appends of the call go on. Only a full disk ends the call.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from embedded_eventstore.access.authentication import AccessDeniedError, RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.client_library import shared_pb2, status_pb2, streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import MANY_TO_MANY, STREAMS, Method
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Outcome,
)
from embedded_eventstore.storage.writer import WriteExpiredError, Writer
from embedded_eventstore.streams import batch_append_responses as responses
from embedded_eventstore.streams.append_service import (
    WRITE_TIMEOUT,
    parse_stream,
)
from embedded_eventstore.streams.proposed_events import EventsOfAppend, Limits

MAX_UNFINISHED = 64
"""Appends of one call that have begun but not ended, each up to the limit of one append."""
MAX_IN_FLIGHT = 256
"""Appends of one call without a response yet; beyond that the call is not read any further."""

_Response = streams_pb2.BatchAppendResp


@dataclass(slots=True)
class _Collected:
    """An append that is still arriving."""

    options: streams_pb2.BatchAppendReq.Options
    seconds: float
    arrived: EventsOfAppend
    expiry: asyncio.TimerHandle | None


class BatchAppendService:
    """Implements Streams.BatchAppend."""

    def __init__(self, writer: Writer, guard: Guard, limits: Limits) -> None:
        self._writer = writer
        self._guard = guard
        self._limits = limits
        self._reading: set[asyncio.Task[None]] = set()
        self._stopped = False

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/BatchAppend": Method(
                MANY_TO_MANY,
                self.batch_append,
                streams_pb2.BatchAppendReq.FromString,
                features=("deadline_duration",),
                required_role=RequiredRole.ACCOUNTS,
            ),
        }

    async def batch_append(
        self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: errors.Context
    ) -> None:
        if self._stopped:
            raise errors.shutting_down()
        call = _Call(self._writer, self._guard, self._limits)
        reading = asyncio.get_running_loop().create_task(call.read(requests))
        reading.add_done_callback(call.has_been_read)
        self._reading.add(reading)
        try:
            while (response := await call.next_response()) is not None:
                await context.write(response.SerializeToString())
                call.has_responded()
        finally:
            self._reading.discard(reading)
            reading.cancel()
            call.forget_unfinished()
        if self._stopped:
            raise errors.shutting_down()

    def stop(self) -> None:
        """Take in nothing more; a call ends when what it brought so far is written."""
        self._stopped = True
        for reading in self._reading:
            reading.cancel()


class _Call:
    """One BatchAppend call while it lasts: what came in, what is being written, what goes out."""

    def __init__(self, writer: Writer, guard: Guard, limits: Limits) -> None:
        self._writer = writer
        self._guard = guard
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._collected: dict[bytes, _Collected] = {}
        self._outbox: asyncio.Queue[_Response | BaseException | None] = asyncio.Queue()
        self._in_flight = 0
        self._room = asyncio.Event()
        self._is_read = False

    async def read(self, requests: AsyncIterator[streams_pb2.BatchAppendReq]) -> None:
        """Take in the whole call, as far as its client takes the responses."""
        async for request in requests:
            await self._take(request)
            while self._in_flight >= MAX_IN_FLIGHT:
                self._room.clear()
                await self._room.wait()

    def has_been_read(self, reading: asyncio.Task[None]) -> None:
        """Nothing more comes in."""
        self._is_read = True
        if not reading.cancelled() and (error := reading.exception()):
            self._outbox.put_nowait(error)
        self._end_if_all_is_done()

    async def next_response(self) -> _Response | None:
        """None once everything has its response. Raises what ends the call."""
        item = await self._outbox.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def has_responded(self) -> None:
        """A response was taken by the client."""
        self._in_flight -= 1
        self._room.set()
        self._end_if_all_is_done()

    def forget_unfinished(self) -> None:
        """The call has ended: what began and did not end never will."""
        for key in list(self._collected):
            self._forget(key)

    async def _take(self, request: streams_pb2.BatchAppendReq) -> None:
        """Take in one piece of an append; once complete, begin to write it."""
        key = request.correlation_id.SerializeToString()
        known = self._collected.get(key)
        try:
            append = self._collect(key, request)
            if append is not None:
                await self._guard.require(Right.WRITE, append[0].stream)
        except (errors.CallRefusedError, AccessDeniedError) as refused:
            self._forget(key)
            response = _response_to(request, known.options if known else request.options)
            self._in_flight += 1
            self._respond(response, responses.refusal(refused))
            return
        if append is not None:
            self._write(request.correlation_id, *append)

    def _collect(
        self, key: bytes, request: streams_pb2.BatchAppendReq
    ) -> tuple[Append, float] | None:
        """Add a piece to its append; the append once it is complete. Raises CallRefusedError."""
        if request.HasField("options"):
            if len(self._collected) >= MAX_UNFINISHED:
                raise errors.invalid(f"At most {MAX_UNFINISHED} appends may be unfinished.")
            self._begin(key, request)
        collected = self._collected.get(key)
        if collected is None:
            # The rest of an append that has been refused already.
            return None
        for message in request.proposed_messages:
            collected.arrived.add(message)
        if not request.is_final:
            return None
        self._forget(key)
        return _complete(collected), collected.seconds

    def _begin(self, key: bytes, request: streams_pb2.BatchAppendReq) -> None:
        seconds = min(_seconds_left(request.options), WRITE_TIMEOUT)
        if seconds <= 0:
            raise errors.too_late()
        if key in self._collected:
            return
        # What is complete at once cannot expire while it arrives.
        expiry = (
            None if request.is_final else self._loop.call_later(seconds, self._expire, key, request)
        )
        arrived = EventsOfAppend(self._limits)
        self._collected[key] = _Collected(request.options, seconds, arrived, expiry)

    def _expire(self, key: bytes, request: streams_pb2.BatchAppendReq) -> None:
        """The rest of an append did not arrive in time."""
        del self._collected[key]
        self._in_flight += 1
        self._respond(_response_to(request, request.options), responses.timed_out())

    def _forget(self, key: bytes) -> None:
        collected = self._collected.pop(key, None)
        if collected is not None and collected.expiry is not None:
            collected.expiry.cancel()

    def _write(self, correlation_id: shared_pb2.UUID, append: Append, seconds: float) -> None:
        """Hand it to the writer. Neither a task nor a lock for each: there are many."""
        self._in_flight += 1
        written = self._writer.submit(append, time.monotonic() + seconds)
        # When the writer itself does not come back, a disk perhaps that hangs.
        overdue = self._loop.call_later(seconds, written.cancel)

        def respond(written: asyncio.Future[Outcome]) -> None:
            overdue.cancel()
            response = _Response(correlation_id=correlation_id)
            response.stream_identifier.stream_name = append.stream.encode()
            responses.echo_expected(append.expected, response)
            error = TimeoutError() if written.cancelled() else written.exception()
            match error:
                case None:
                    self._respond(response, responses.result_of(written.result()))
                case TimeoutError() | WriteExpiredError():
                    self._respond(response, responses.timed_out())
                case _:
                    self._outbox.put_nowait(error)

        written.add_done_callback(respond)

    def _respond(self, response: _Response, result: responses.Result) -> None:
        if isinstance(result, status_pb2.Status):
            response.error.CopyFrom(result)
        else:
            response.success.CopyFrom(result)
        self._outbox.put_nowait(response)

    def _end_if_all_is_done(self) -> None:
        if self._is_read and not self._in_flight:
            self._outbox.put_nowait(None)


def _response_to(
    request: streams_pb2.BatchAppendReq, options: streams_pb2.BatchAppendReq.Options
) -> _Response:
    return _Response(
        correlation_id=request.correlation_id, stream_identifier=options.stream_identifier
    )


def _complete(collected: _Collected) -> Append:
    options = collected.options
    stream = parse_stream(options.stream_identifier)
    match options.WhichOneof("expected_stream_position"):
        case "stream_position":
            expected = options.stream_position
        case "no_stream":
            expected = NO_STREAM
        case "any":
            expected = ANY
        case "stream_exists":
            expected = STREAM_EXISTS
        case _:
            raise errors.invalid("The expected version is missing.")
    return Append(stream, expected, tuple(collected.arrived.events))


def _seconds_left(options: streams_pb2.BatchAppendReq.Options) -> float:
    """Newer clients send how long, older ones until when."""
    match options.WhichOneof("deadline_option"):
        case "deadline":
            return options.deadline.seconds + options.deadline.nanos / 1e9
        case "deadline_21_10_0":
            until = options.deadline_21_10_0
            return until.seconds + until.nanos / 1e9 - time.time()
        case _:
            return float("inf")
