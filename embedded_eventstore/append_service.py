"""Streams.Append: one call, one append. Also what both kinds of append have in common.

A wrong expected version is an answer here, not a status. Knows the writer; knows no storage.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping

from esdbclient.protos.Grpc import shared_pb2, streams_pb2

from embedded_eventstore import errors, recorded_event
from embedded_eventstore.method import MANY_TO_ONE, STREAMS, Method
from embedded_eventstore.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Operation,
    Outcome,
    ProposedEvent,
    StreamIsGone,
    Written,
    WrongVersion,
)
from embedded_eventstore.writer import Writer

MAX_APPEND_SIZE = 1024 * 1024
"""Bytes of data, metadata and type of all events of one append: Eventstore's default."""
MAX_APPEND_EVENTS = 10_000
"""Ours: keeps one append from holding up everybody's."""
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
    """Answers Streams.Append."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/Append": Method(
                MANY_TO_ONE,
                self.append,
                streams_pb2.AppendReq.FromString,
                streams_pb2.AppendResp.SerializeToString,
            ),
        }

    async def append(
        self, requests: AsyncIterator[streams_pb2.AppendReq], context: errors.Context
    ) -> streams_pb2.AppendResp:
        append = await _read_append(requests)
        match await write(self._writer, append, context.time_remaining()):
            case Written(revision, position):
                return _success(revision, position)
            case WrongVersion() as wrong:
                return _wrong_version(wrong)
            case StreamIsGone(stream):
                raise errors.stream_deleted(stream)


async def _read_append(requests: AsyncIterator[streams_pb2.AppendReq]) -> Append:
    options: streams_pb2.AppendReq.Options | None = None
    events: list[ProposedEvent] = []
    size = 0
    async for request in requests:
        match request.WhichOneof("content"):
            case "options":
                options = request.options
            case "proposed_message":
                event = parse_event(request.proposed_message)
                size += size_of(event)
                if size > MAX_APPEND_SIZE:
                    raise errors.append_too_large(MAX_APPEND_SIZE)
                events.append(event)
                if len(events) > MAX_APPEND_EVENTS:
                    raise errors.invalid(f"An append holds at most {MAX_APPEND_EVENTS} events.")
    if options is None:
        raise errors.invalid("An append begins with its options: stream and expected version.")
    try:
        return Append(
            parse_stream(options.stream_identifier), parse_expected(options), tuple(events)
        )
    except ValueError as error:
        raise errors.thrown_by_handler(str(error)) from error


def parse_event(
    message: streams_pb2.AppendReq.ProposedMessage | streams_pb2.BatchAppendReq.ProposedMessage,
) -> ProposedEvent:
    """Check one proposed event. Raises CallRefusedError."""
    metadata: Mapping[str, str] = message.metadata
    for required in ("type", "content-type"):
        if required not in metadata:
            raise errors.metadata_property_missing(required)
    try:
        event_id = recorded_event.uuid_bytes(message.id)
    except ValueError as error:
        raise errors.thrown_by_handler("An event id is not a UUID.") from error
    if not any(event_id):
        raise errors.thrown_by_handler("An event id is empty.")
    if not metadata["type"]:
        raise errors.thrown_by_handler("An event type is empty.")
    return ProposedEvent(
        event_id=event_id,
        type=metadata["type"],
        is_json=metadata["content-type"] == recorded_event.JSON,
        metadata=message.custom_metadata,
        data=message.data,
    )


def size_of(event: ProposedEvent) -> int:
    """What an event counts towards MAX_APPEND_SIZE; Eventstore counts a type in UTF-16."""
    return len(event.data) + len(event.metadata) + 2 * len(event.type)


def parse_stream(identifier: shared_pb2.StreamIdentifier) -> str:
    """Raises ValueError for a name that no stream may have."""
    name = identifier.stream_name.decode()
    if name in ("", "$$"):
        raise ValueError(f"{name!r} is not a stream name.")
    return name


def parse_expected(
    options: streams_pb2.AppendReq.Options
    | streams_pb2.DeleteReq.Options
    | streams_pb2.TombstoneReq.Options,
) -> int:
    """Raises ValueError when the expected version is missing."""
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
            raise ValueError("The expected version is missing.")


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
    answer = _Response.WrongExpectedVersion()
    if wrong.last < 0:
        answer.current_no_stream.CopyFrom(_EMPTY)
        answer.no_stream_20_6_0.CopyFrom(_EMPTY)
    else:
        answer.current_revision = answer.current_revision_20_6_0 = wrong.last
    match wrong.expected:
        case expected if expected == ANY:
            answer.expected_any.CopyFrom(_EMPTY)
            answer.any_20_6_0.CopyFrom(_EMPTY)
        case expected if expected == STREAM_EXISTS:
            answer.expected_stream_exists.CopyFrom(_EMPTY)
            answer.stream_exists_20_6_0.CopyFrom(_EMPTY)
        case expected if expected == NO_STREAM:
            answer.expected_no_stream.CopyFrom(_EMPTY)
            answer.expected_revision_20_6_0 = _LARGEST_UINT64
        case expected:
            answer.expected_revision = answer.expected_revision_20_6_0 = expected
    return _Response(wrong_expected_version=answer)
