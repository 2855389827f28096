"""The responses of BatchAppend: every refusal is a packed message, told apart by its type.

Knows protobuf and our outcomes; knows neither calls nor the writer.
"""

import grpc
from google.protobuf import any_pb2, empty_pb2
from google.protobuf.message import Message

from embedded_eventstore.access.authentication import AccessDeniedError
from embedded_eventstore.client_library import code_pb2, shared_pb2, status_pb2, streams_pb2
from embedded_eventstore.protocol import errors, wire
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Outcome,
    StreamIsGone,
    Written,
    WrongVersion,
)

Response = streams_pb2.BatchAppendResp
Result = status_pb2.Status | streams_pb2.BatchAppendResp.Success

_EMPTY = empty_pb2.Empty()


def timed_out() -> status_pb2.Status:
    """Too late to begin with, or not durable in time."""
    return _error(code_pb2.DEADLINE_EXCEEDED, "Timeout", shared_pb2.Timeout())


def result_of(outcome: Outcome) -> Result:
    match outcome:
        case Written(revision, position):
            return _success(revision, position)
        case WrongVersion() as wrong:
            details = _wrong_version(wrong)
            return _error(code_pb2.ALREADY_EXISTS, "WrongExpectedVersion", details)
        case StreamIsGone(stream):
            identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
            deleted = shared_pb2.StreamDeleted(stream_identifier=identifier)
            return _error(code_pb2.NOT_FOUND, "StreamDeleted", deleted)


def _success(revision: int, position: int | None) -> streams_pb2.BatchAppendResp.Success:
    success = streams_pb2.BatchAppendResp.Success()
    if revision < 0:
        success.no_stream.CopyFrom(_EMPTY)
    else:
        success.current_revision = revision
    if position is None:
        success.no_position.CopyFrom(_EMPTY)
    else:
        success.position.commit_position = position
        success.position.prepare_position = position
    return success


def echo_expected(expected: int, response: Response) -> None:
    if expected == ANY:
        response.any.CopyFrom(_EMPTY)
    elif expected == STREAM_EXISTS:
        response.stream_exists.CopyFrom(_EMPTY)
    elif expected == NO_STREAM:
        response.no_stream.CopyFrom(_EMPTY)
    else:
        response.stream_position = expected


def _wrong_version(wrong: WrongVersion) -> shared_pb2.WrongExpectedVersion:
    details = shared_pb2.WrongExpectedVersion()
    if wrong.last < 0:
        details.current_no_stream.CopyFrom(_EMPTY)
    else:
        details.current_stream_revision = wrong.last
    if wrong.expected == ANY:
        details.expected_any.CopyFrom(_EMPTY)
    elif wrong.expected == STREAM_EXISTS:
        details.expected_stream_exists.CopyFrom(_EMPTY)
    elif wrong.expected == NO_STREAM:
        details.expected_no_stream.CopyFrom(_EMPTY)
    else:
        details.expected_stream_position = wrong.expected
    return details


def refusal(refused: errors.CallRefusedError | AccessDeniedError) -> status_pb2.Status:
    match refused:
        case AccessDeniedError():
            return _error(code_pb2.PERMISSION_DENIED, "AccessDenied", shared_pb2.AccessDenied())
        case errors.AppendTooLargeError():
            details = shared_pb2.MaximumAppendSizeExceeded(maxAppendSize=refused.limit)
            return _error(code_pb2.INVALID_ARGUMENT, "MaximumAppendSizeExceeded", details)
        case errors.EventTooLargeError():
            return status_pb2.Status(
                code=code_pb2.INVALID_ARGUMENT,
                message="MaximumAppendEventSizeExceeded",
                details=_event_too_large(refused),
            )
        case errors.CallRefusedError(code=grpc.StatusCode.DEADLINE_EXCEEDED):
            return timed_out()
        case _:
            bad_request = shared_pb2.BadRequest(message=refused.details)
            return _error(code_pb2.INVALID_ARGUMENT, "BadRequest", bad_request)


def _event_too_large(refused: errors.EventTooLargeError) -> any_pb2.Any:
    """Encoded by hand: the message is younger than the shipped classes.

    It is {string event_id = 1; uint32 proposed_event_size = 2; uint32 max_append_event_size = 3}.
    """
    encoded = wire.text(1, refused.event_id)
    encoded += wire.number(2, refused.size) + wire.number(3, refused.limit)
    name = "type.googleapis.com/event_store.client.MaximumAppendEventSizeExceeded"
    return any_pb2.Any(type_url=name, value=encoded)


def _error(code: code_pb2.Code.ValueType, message: str, details: Message) -> status_pb2.Status:
    packed = any_pb2.Any()
    packed.Pack(details)
    return status_pb2.Status(code=code, message=message, details=packed)
