"""Refusals as clients expect them: gRPC status, text and trailers.

Clients tell refusals apart by these very texts and trailers (reference: eventstore-protocol 1), so
changing a word here changes what a client raises.
"""

import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn, cast
from urllib.parse import quote

import grpc

from embedded_eventstore.log_reader import StreamTombstonedError
from embedded_eventstore.operations import WrongVersion
from embedded_eventstore.writer import DiskFullError, WriteExpiredError

Context = grpc.aio.ServicerContext[Any, Any]
Trailers = tuple[tuple[str, str], ...]

logger = logging.getLogger(__name__)


class CallRefusedError(Exception):
    """A call that ends with a status instead of an answer."""

    def __init__(self, code: grpc.StatusCode, details: str, trailers: Trailers = ()) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.trailers = trailers


def invalid(details: str) -> CallRefusedError:
    return CallRefusedError(grpc.StatusCode.INVALID_ARGUMENT, details)


def thrown_by_handler(reason: str) -> CallRefusedError:
    """What the original answers when its handler trips over a request."""
    return CallRefusedError(
        grpc.StatusCode.UNKNOWN, f"Exception was thrown by handler. {reason}".strip()
    )


def stream_deleted(stream: str) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Event stream '{stream}' is deleted.",
        (("exception", "stream-deleted"), ("stream-name", _ascii(stream))),
    )


def wrong_version_of_deletion(stream: str, wrong: WrongVersion) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Delete failed due to WrongExpectedVersion. Stream: {stream},"
        f" Expected version: {wrong.expected}, Actual version: {wrong.last}",
        (
            ("exception", "wrong-expected-version"),
            ("stream-name", _ascii(stream)),
            ("expected-version", str(wrong.expected)),
            ("actual-version", str(wrong.last)),
        ),
    )


def append_too_large(limit: int) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"Maximum Append Size of {limit} Exceeded.",
        (("exception", "maximum-append-size-exceeded"), ("maximum-append-size", str(limit))),
    )


def metadata_property_missing(name: str) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"Required Metadata Property '{name}' is missing",
        (
            ("exception", "missing-required-metadata-property"),
            ("required-metadata-properties", "type,content-type"),
        ),
    )


def too_late() -> CallRefusedError:
    return CallRefusedError(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")


def write_timed_out() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.ABORTED, "Operation timed out: the log did not answer in time."
    )


def shutting_down() -> CallRefusedError:
    return CallRefusedError(grpc.StatusCode.UNAVAILABLE, "Server Is Not Ready: it is stopping.")


def disk_full() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "The disk of the event store is full: nothing was written. Free some space and try again.",
    )


def too_many_subscriptions(limit: int) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"One connection may hold {limit} subscriptions; stop one before starting another.",
    )


def refuse_expired(context: Context) -> None:
    """Refuse a call that arrives with no time left.

    A client's timeout of 0 arrives as about a millisecond, which a fast handler would beat.
    """
    # None when the client named no deadline, whatever the type stubs say.
    remaining = cast("float | None", context.time_remaining())
    if remaining is not None and remaining <= 0.0015:
        raise too_late()


def answers_refusals(
    handler: Callable[..., Awaitable[Any]],
) -> Callable[..., Awaitable[Any]]:
    """Let a handler refuse its call by raising."""

    @functools.wraps(handler)
    async def answer(service: Any, request: Any, context: Context) -> Any:
        try:
            refuse_expired(context)
            return await handler(service, request, context)
        except grpc.aio.InternalError:
            # The client hung up while an answer was on its way to it.
            return None
        except Exception as error:  # noqa: BLE001 - the client gets an answer whatever went wrong
            await _end(context, error)

    return answer


async def _end(context: Context, error: Exception) -> NoReturn:
    refusal = _refusal_for(error)
    await context.abort(refusal.code, refusal.details, refusal.trailers)
    raise AssertionError("abort returned")


def _refusal_for(error: Exception) -> CallRefusedError:
    match error:
        case CallRefusedError():
            return error
        case StreamTombstonedError():
            return stream_deleted(str(error))
        case DiskFullError():
            return disk_full()
        case WriteExpiredError():
            return too_late()
        case TimeoutError():
            return write_timed_out()
        case _:
            logger.error("a call failed", exc_info=error)
            return thrown_by_handler("")


def _ascii(value: str) -> str:
    """Trailers are ASCII only."""
    return quote(value, safe="!#$&'()*+,/:;=?@[]~ ")
