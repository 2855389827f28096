"""Refusals as clients expect them: gRPC status, text and trailers.

Clients tell refusals apart by these very texts and trailers (reference: eventstore-protocol 1), so
changing a word here changes what a client raises.
"""

from typing import Any
from urllib.parse import quote

import grpc

from embedded_eventstore.storage.operations import WrongVersion

Context = grpc.aio.ServicerContext[Any, Any]
Trailers = tuple[tuple[str, str], ...]


class CallRefusedError(Exception):
    """A call that ends with a status instead of a response."""

    def __init__(self, code: grpc.StatusCode, details: str, trailers: Trailers = ()) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.trailers = trailers


def invalid(details: str) -> CallRefusedError:
    return CallRefusedError(grpc.StatusCode.INVALID_ARGUMENT, details)


def thrown_by_handler(reason: str) -> CallRefusedError:
    """What the original says when its handler fails on a request."""
    return CallRefusedError(
        grpc.StatusCode.UNKNOWN, f"Exception was thrown by handler. {reason}".strip()
    )


def unauthenticated() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.UNAUTHENTICATED, "Unauthenticated: name and password are missing or wrong."
    )


def access_denied() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.PERMISSION_DENIED, "Access Denied", (("exception", "access-denied"),)
    )


def stream_deleted(stream: str) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Event stream '{stream}' is deleted.",
        (("exception", "stream-deleted"), ("stream-name", trailer_value(stream))),
    )


def wrong_version_of_deletion(stream: str, wrong: WrongVersion) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"Delete failed due to WrongExpectedVersion. Stream: {stream},"
        f" Expected version: {wrong.expected}, Actual version: {wrong.last}",
        (
            ("exception", "wrong-expected-version"),
            ("stream-name", trailer_value(stream)),
            ("expected-version", str(wrong.expected)),
            ("actual-version", str(wrong.last)),
        ),
    )


class AppendTooLargeError(CallRefusedError):
    """All events of an append together are larger than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"Maximum Append Size of {limit} Exceeded.",
            (("exception", "maximum-append-size-exceeded"), ("maximum-append-size", str(limit))),
        )
        self.limit = limit


class EventTooLargeError(CallRefusedError):
    """One event is larger than ``limit`` bytes."""

    def __init__(self, event_id: str, size: int, limit: int) -> None:
        super().__init__(
            grpc.StatusCode.INVALID_ARGUMENT,
            f"Event with Id: {event_id}, Size: {size}, exceeds Maximum Append Event Size of"
            f" {limit}.",
            (
                ("exception", "maximum-append-event-size-exceeded"),
                ("maximum-append-event-size", str(limit)),
                ("event-id", event_id),
                ("proposed-append-event-size", str(size)),
            ),
        )
        self.event_id = event_id
        self.size = size
        self.limit = limit


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


def consumer_too_slow() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.ABORTED,
        "Operation timed out: Consumer too slow to handle event while live. Client resubscription"
        " required.",
    )


def shutting_down() -> CallRefusedError:
    return CallRefusedError(grpc.StatusCode.UNAVAILABLE, "Server Is Not Ready: it is stopping.")


def disk_full() -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "The disk of the event store is full: nothing was written. Free some space and try again.",
    )


def no_secondary_indexes(name: str) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.UNIMPLEMENTED,
        f"There is no {name}: this server has no secondary indexes. With"
        " --start-standard-projections it links events by category ($ce-…) and by type ($et-…).",
    )


def too_many_subscriptions(limit: int) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        f"One connection may hold {limit} subscriptions; stop one before starting another.",
    )


def scavenge_not_found(scavenge_id: str) -> CallRefusedError:
    return CallRefusedError(
        grpc.StatusCode.NOT_FOUND,
        "Scavenge id was invalid.",
        (("exception", "scavenge-not-found"), ("scavenge-id", trailer_value(scavenge_id))),
    )


def trailer_value(value: str) -> str:
    """Trailers are ASCII only."""
    return quote(value, safe="!#$&'()*+,/:;=?@[]~ ")
