"""Streams.BatchAppend: one long call that carries many appends.

An append may come in several pieces (the last is marked final), is known by its correlation id, and
is answered as soon as it is durable, in any order. Every refusal is an answer, never a status:
the other appends of the call go on. Only a full disk ends the call.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from esdbclient.protos.Grpc import status_pb2, streams_pb2

from embedded_eventstore import batch_append_answers as answers
from embedded_eventstore import errors
from embedded_eventstore.append_service import (
    MAX_APPEND_EVENTS,
    MAX_APPEND_SIZE,
    parse_event,
    parse_stream,
    size_of,
    write,
)
from embedded_eventstore.method import MANY_TO_MANY, STREAMS, Method
from embedded_eventstore.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    ProposedEvent,
)
from embedded_eventstore.writer import WriteExpiredError, Writer

MAX_UNFINISHED = 64
"""Appends of one call that have begun but not ended, each up to MAX_APPEND_SIZE."""
MAX_IN_FLIGHT = 256
"""Appends of one call that wait for the disk; beyond that the call is not read any further."""

_Request = streams_pb2.BatchAppendReq
_Response = streams_pb2.BatchAppendResp


@dataclass(slots=True)
class _Collected:
    """An append that is still arriving."""

    options: streams_pb2.BatchAppendReq.Options
    seconds: float
    events: list[ProposedEvent] = field(default_factory=list)
    size: int = 0


class BatchAppendService:
    """Answers Streams.BatchAppend."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/BatchAppend": Method(
                MANY_TO_MANY,
                self.batch_append,
                streams_pb2.BatchAppendReq.FromString,
                features=("deadline_duration",),
            ),
        }

    async def batch_append(
        self, requests: AsyncIterator[streams_pb2.BatchAppendReq], context: errors.Context
    ) -> None:
        call = _Call(self._writer, context)
        try:
            async with asyncio.TaskGroup() as tasks:
                async for request in requests:
                    await call.take(request, tasks)
        except* Exception as group:
            raise group.exceptions[0] from group


class _Call:
    """One BatchAppend call while it lasts."""

    def __init__(self, writer: Writer, context: errors.Context) -> None:
        self._writer = writer
        self._context = context
        self._collected: dict[bytes, _Collected] = {}
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        # gRPC allows one unfinished write at a time.
        self._answering = asyncio.Lock()

    async def take(self, request: streams_pb2.BatchAppendReq, tasks: asyncio.TaskGroup) -> None:
        """Take in one piece of an append; once complete, write and answer it in a task."""
        response = _Response(
            correlation_id=request.correlation_id,
            stream_identifier=request.options.stream_identifier,
        )
        key = request.correlation_id.SerializeToString()
        try:
            append = self._collect(key, request)
        except errors.CallRefusedError as refused:
            self._collected.pop(key, None)
            await self._answer(response, answers.refusal(refused))
            return
        if append is None:
            return
        operation, seconds = append
        response.stream_identifier.stream_name = operation.stream.encode()
        answers.echo_expected(operation.expected, response)
        await self._in_flight.acquire()
        tasks.create_task(self._write(operation, seconds, response))

    def _collect(
        self, key: bytes, request: streams_pb2.BatchAppendReq
    ) -> tuple[Append, float] | None:
        """Add a piece to its append; the append once it is complete. Raises CallRefusedError."""
        if request.HasField("options"):
            if len(self._collected) >= MAX_UNFINISHED:
                raise errors.invalid(f"At most {MAX_UNFINISHED} appends may be unfinished.")
            seconds = _seconds_left(request.options)
            if seconds <= 0:
                raise errors.too_late()
            self._collected[key] = _Collected(request.options, seconds)
        collected = self._collected.get(key)
        if collected is None:
            # The rest of an append that has been refused already.
            return None
        for message in request.proposed_messages:
            event = parse_event(message)
            collected.size += size_of(event)
            if collected.size > MAX_APPEND_SIZE:
                raise errors.append_too_large(MAX_APPEND_SIZE)
            collected.events.append(event)
        if len(collected.events) > MAX_APPEND_EVENTS:
            raise errors.invalid(f"An append holds at most {MAX_APPEND_EVENTS} events.")
        if not request.is_final:
            return None
        del self._collected[key]
        return _complete(collected), collected.seconds

    async def _write(self, append: Append, seconds: float, response: _Response) -> None:
        try:
            answer = answers.answer_for(await write(self._writer, append, seconds))
        except (TimeoutError, WriteExpiredError):
            answer = answers.timed_out()
        finally:
            self._in_flight.release()
        await self._answer(response, answer)

    async def _answer(self, response: _Response, answer: answers.Answer) -> None:
        if isinstance(answer, status_pb2.Status):
            response.error.CopyFrom(answer)
        else:
            response.success.CopyFrom(answer)
        async with self._answering:
            await self._context.write(response.SerializeToString())


def _complete(collected: _Collected) -> Append:
    options = collected.options
    try:
        stream = parse_stream(options.stream_identifier)
    except ValueError as error:
        raise errors.invalid(str(error)) from error
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
    return Append(stream, expected, tuple(collected.events))


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
