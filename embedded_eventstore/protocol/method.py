"""A method of a gRPC service, as the part of the server that implements it describes it.

A part lists its methods; `server.py` puts them all onto the wire. Knows no single method.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import grpc

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.protocol.calls import Handler

STREAMS = "event_store.client.streams.Streams"
"""The service that several parts implement together."""

ONE_TO_ONE = grpc.unary_unary_rpc_method_handler
ONE_TO_MANY = grpc.unary_stream_rpc_method_handler
MANY_TO_ONE = grpc.stream_unary_rpc_method_handler
MANY_TO_MANY = grpc.stream_stream_rpc_method_handler


@dataclass(frozen=True, slots=True)
class Method:
    """``write`` is None where responses are bytes already: they are stored ready to send."""

    shape: "Callable[..., grpc.RpcMethodHandler[Any, Any]]"
    handler: Handler
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes] | None = None
    features: tuple[str, ...] = ()
    """What clients of other languages ask ServerFeatures for."""
    is_listed: bool = True
    """Whether ServerFeatures names it; not if it exists only to refuse with a sentence."""
    required_role: RequiredRole = RequiredRole.ADMINISTRATORS


class Part(Protocol):
    """Implements methods. The name before the slash is the service's, behind it the method's."""

    def methods(self) -> Mapping[str, Method]: ...
