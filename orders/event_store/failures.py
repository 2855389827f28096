"""What a failure of the log's client means: certainly nothing written, perhaps written, try again.

Knows the client's errors and nothing of what is written or read.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from orders.event_store.circuit_breaker import Failure
from orders.event_store.client_library import (
    AccessDeniedError,
    BadRequestError,
    CancelledByClient,
    DeadlineExceeded,
    DiscoveryFailed,
    EventStoreDBClientException,
    InvalidTransactionError,
    MaximumAppendSizeExceededError,
    NodeIsNotLeader,
    ServiceUnavailable,
    StreamIsDeleted,
)
from orders.event_store.stored_event import (
    EventStoreError,
    OutcomeUnknown,
    StorageFull,
    StoreUnavailable,
)

CLIENT_FAILURES = (EventStoreDBClientException, grpc.RpcError, ValueError)
"""All that the client raises while the log is away; ValueError is gRPC's "closed channel"."""

NOTHING_WRITTEN = (
    AccessDeniedError,
    BadRequestError,
    InvalidTransactionError,
    MaximumAppendSizeExceededError,
    NodeIsNotLeader,
    StreamIsDeleted,
)

BROKEN = (CancelledByClient, NodeIsNotLeader, ServiceUnavailable, ValueError)
"""A connection that broke, was closed by another thread, or leads to a node that follows."""

NOTHING_WRITTEN_MESSAGES = (
    "failed to connect",
    "connection refused",
    "closed channel",
    "server is not ready",
    "nothing was written",  # the embedded log: see FULL_MESSAGE
    "unauthenticated",
    "statuscode.permission_denied",
)

FULL_MESSAGE = "the disk of the event store is full"
"""How the embedded log refuses an append for which it has no room."""


@contextmanager
def reaching_the_log() -> Iterator[None]:
    """Turn whatever the client raises inside into `StoreUnavailable`."""
    try:
        yield
    except CLIENT_FAILURES as error:
        if isinstance(error, ValueError) and "channel" not in str(error).lower():
            raise
        raise StoreUnavailable from error


def worth_another_connection(cause: BaseException | None) -> bool:
    """Whether a reading failed for its connection.

    Not when its deadline passed: the caller has waited long enough.
    """
    return cause is None or isinstance(cause, BROKEN)


def of_the_whole_log(cause: BaseException | None) -> Failure | None:
    """What this failure of one call says about all others; None for nothing, like a refusal."""
    match cause:
        case DeadlineExceeded():
            return Failure.TIMED_OUT
        case ServiceUnavailable() | DiscoveryFailed():
            return Failure.UNREACHABLE
        case _:
            return None


def nothing_was_written(error: BaseException) -> bool:
    """Whether nothing was written: no try behind this error can have reached the log's disk."""
    tries: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in tries:  # the client raises some errors from themselves
        refused = isinstance(step, NOTHING_WRITTEN)
        if not refused and not any(text in str(step).lower() for text in NOTHING_WRITTEN_MESSAGES):
            return False
        tries.append(step)
        step = step.__cause__ or step.__context__
    return True


def failed_append(error: BaseException) -> EventStoreError:
    """What a failed append means."""
    if not nothing_was_written(error):
        return OutcomeUnknown()
    return StorageFull() if FULL_MESSAGE in str(error).lower() else StoreUnavailable()
