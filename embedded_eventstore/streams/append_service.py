"""Streams.Append: one call, one append. Also what both kinds of append have in common.

A wrong expected version is a response here, not a status. Knows the writer; knows no storage.
"""

import asyncio
import time
from collections.abc import AsyncIterator

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import MANY_TO_ONE, STREAMS, Method
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Operation,
    Outcome,
    StreamIsGone,
    Written,
    WrongVersion,
)
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.streams.proposed_events import EventsOfAppend, Limits

WRITE_TIMEOUT = 2.0
"""Seconds an append may take before its outcome is called unknown: Eventstore's default."""

_EMPTY = shared_pb2.Empty()
_Response = streams_pb2.AppendResp
_LARGEST_UINT64 = 2**64 - 1


async def write(writer: Writer, operation: Operation, seconds: float | None) -> Outcome:
    """Hand an operation to the writer and wait until it is durable; at most ``seconds`` long.

    Raises DiskFullError, WriteExpiredError, or TimeoutError when the outcome is unknown.
    """
    allowed = WRITE_TIMEOUT if seconds is None else min(seconds, WRITE_TIMEOUT)
    future = writer.submit(operation, time.monotonic() + allowed)
    async with asyncio.timeout(allowed):
        return await future


class AppendService:
    """Implements Streams.Append."""

    def __init__(self, writer: Writer, guard: Guard, limits: Limits) -> None:
        self._writer = writer
        self._guard = guard
        self._limits = limits

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/Append": Method(
                MANY_TO_ONE,
                self.append,
                streams_pb2.AppendReq.FromString,
                streams_pb2.AppendResp.SerializeToString,
                required_role=RequiredRole.ACCOUNTS,
            ),
        }

    async def append(
        self, requests: AsyncIterator[streams_pb2.AppendReq], context: errors.Context
    ) -> streams_pb2.AppendResp:
        append = await _read_append(requests, self._limits)
        await self._guard.require(Right.WRITE, append.stream)
        match await write(self._writer, append, context.time_remaining()):
            case Written(revision, position):
                return _success(revision, position)
            case WrongVersion() as wrong:
                return _wrong_version(wrong)
            case StreamIsGone(stream):
                raise errors.stream_deleted(stream)


async def _read_append(requests: AsyncIterator[streams_pb2.AppendReq], limits: Limits) -> Append:
    options: streams_pb2.AppendReq.Options | None = None
    arrived = EventsOfAppend(limits)
    async for request in requests:
        match request.WhichOneof("content"):
            case "proposed_message" if options is not None:
                arrived.add(request.proposed_message)
            case "options" if options is None:
                options = request.options
            case _:
                raise errors.thrown_by_handler("An append is its options, then its events.")
    if options is None:
        raise errors.thrown_by_handler("An append begins with its options.")
    expected = parse_expected(options)
    return Append(parse_stream(options.stream_identifier), expected, tuple(arrived.events))


def parse_stream(identifier: shared_pb2.StreamIdentifier) -> str:
    """Raises CallRefusedError for a name that no stream may have."""
    try:
        name = identifier.stream_name.decode()
    except UnicodeDecodeError as error:
        raise errors.thrown_by_handler("A stream name is not UTF-8.") from error
    if name in ("", "$$"):
        raise errors.thrown_by_handler(f"{name!r} is not a stream name.")
    return name


def parse_expected(
    options: streams_pb2.AppendReq.Options
    | streams_pb2.DeleteReq.Options
    | streams_pb2.TombstoneReq.Options,
) -> int:
    """Raises CallRefusedError when the expected version is missing."""
    match options.WhichOneof("expected_stream_revision"):
        case "revision":
            return options.revision
        case "no_stream":
            return NO_STREAM
        case "any":
            return ANY
        case "stream_exists":
            return STREAM_EXISTS
        case _:
            raise errors.invalid("The expected version is missing.")


def _success(revision: int, position: int | None) -> streams_pb2.AppendResp:
    success = _Response.Success()
    if revision < 0:
        success.no_stream.CopyFrom(_EMPTY)
    else:
        success.current_revision = revision
    if position is None:
        success.no_position.CopyFrom(_EMPTY)
    else:
        success.position.commit_position = position
        success.position.prepare_position = position
    return _Response(success=success)


def _wrong_version(wrong: WrongVersion) -> streams_pb2.AppendResp:
    """Says everything twice: clients older than 20.6 read the other fields."""
    response = _Response.WrongExpectedVersion()
    if wrong.last < 0:
        response.current_no_stream.CopyFrom(_EMPTY)
        response.no_stream_20_6_0.CopyFrom(_EMPTY)
    else:
        response.current_revision = response.current_revision_20_6_0 = wrong.last
    match wrong.expected:
        case expected if expected == ANY:
            response.expected_any.CopyFrom(_EMPTY)
            response.any_20_6_0.CopyFrom(_EMPTY)
        case expected if expected == STREAM_EXISTS:
            response.expected_stream_exists.CopyFrom(_EMPTY)
            response.stream_exists_20_6_0.CopyFrom(_EMPTY)
        case expected if expected == NO_STREAM:
            response.expected_no_stream.CopyFrom(_EMPTY)
            response.expected_revision_20_6_0 = _LARGEST_UINT64
        case expected:
            response.expected_revision = response.expected_revision_20_6_0 = expected
    return _Response(wrong_expected_version=response)
