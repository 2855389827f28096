"""Refusals of the persistent subscriptions, with the original's texts and trailers."""

import grpc

from embedded_eventstore.protocol.errors import CallRefusedError, trailer_value

_Code = grpc.StatusCode


def failed(stream: str, group: str, reason: str) -> CallRefusedError:
    return _refusal(
        _Code.INTERNAL,
        f"Subscription group {group} on stream {stream} failed: '{reason}'",
        "persistent-subscription-failed",
        stream,
        group,
        reason,
    )


def does_not_exist(stream: str, group: str) -> CallRefusedError:
    return _refusal(
        _Code.NOT_FOUND,
        f"Subscription group {group} on stream {stream} does not exist.",
        "persistent-subscription-does-not-exist",
        stream,
        group,
    )


def exists(stream: str, group: str) -> CallRefusedError:
    return _refusal(
        _Code.ALREADY_EXISTS,
        f"Subscription group {group} on stream {stream} exists.",
        "persistent-subscription-exists",
        stream,
        group,
    )


def maximum_reached(stream: str, group: str) -> CallRefusedError:
    return _refusal(
        _Code.FAILED_PRECONDITION,
        f"Maximum subscriptions reached for subscription group {group} on stream {stream}.",
        "maximum-subscribers-reached",
        stream,
        group,
    )


def dropped(stream: str, group: str) -> CallRefusedError:
    return _refusal(
        _Code.CANCELLED,
        f"Subscription group {group} on stream {stream} was dropped.",
        "persistent-subscription-dropped",
        stream,
        group,
    )


def _refusal(
    code: grpc.StatusCode, details: str, name: str, stream: str, group: str, reason: str = ""
) -> CallRefusedError:
    trailers = {"exception": name, "stream-name": stream, "group-name": group}
    if reason:
        trailers["reason"] = reason
    return CallRefusedError(
        code, details, tuple((key, trailer_value(value)) for key, value in trailers.items())
    )
