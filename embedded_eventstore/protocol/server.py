"""The gRPC server: puts the parts' methods onto the wire, and keeps the connections.

Methods that no part implements are UNIMPLEMENTED.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import grpc

from embedded_eventstore.access.authentication import Authenticator, RequiredRole
from embedded_eventstore.protocol.auth_interceptor import AuthInterceptor
from embedded_eventstore.protocol.calls import Calls
from embedded_eventstore.protocol.method import MANY_TO_MANY, MANY_TO_ONE, Part

_MAX_MESSAGE = 17 * 1024 * 1024
"""Bytes. gRPC's own limit of 4 MiB would refuse requests that the original accepts."""

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    ("grpc.max_send_message_length", _MAX_MESSAGE),
    ("grpc.max_concurrent_streams", 1000),
    # Two servers on one port would share its connections at random.
    ("grpc.so_reuseport", 0),
    # Let clients ping an idle connection as often as once a second, and ping them ourselves, so
    # that either side notices when the other is gone.
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
)


class PortTakenError(Exception):
    """The address cannot be listened on; the argument says which and why."""


def build_server(
    parts: Iterable[Part], calls: Calls, accounts: Authenticator | None
) -> grpc.aio.Server:
    """A server that listens nowhere yet; without ``accounts`` it authenticates nobody.

    Must be called in the event loop it will run in.
    """
    for_anybody = set()
    services: defaultdict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = defaultdict(dict)
    for part in parts:
        for name, method in part.methods().items():
            service, _, called = name.partition("/")
            if method.required_role is RequiredRole.ANYBODY:
                for_anybody.add(f"/{name}")
            # gRPC itself would print a traceback for each malformed request.
            in_pieces = method.shape in (MANY_TO_ONE, MANY_TO_MANY)
            whole, pieces = (None, method.read) if in_pieces else (method.read, None)
            handler = calls.handling(method.handler, method.required_role, whole)
            services[service][called] = method.shape(handler, pieces, method.write)
    interceptors = [AuthInterceptor(accounts, for_anybody)] if accounts else []
    server = grpc.aio.server(options=_OPTIONS, interceptors=interceptors)
    server.add_generic_rpc_handlers(
        [
            grpc.method_handlers_generic_handler(service, handlers)
            for service, handlers in services.items()
        ]
    )
    return server


def listen(
    server: grpc.aio.Server,
    address: str,
    port: int,
    credentials: grpc.ServerCredentials | None = None,
) -> int:
    """Bind; the port, also when it was 0 and one was picked. Raises PortTakenError."""
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    try:
        if credentials is None:
            return server.add_insecure_port(target)
        return server.add_secure_port(target, credentials)
    except RuntimeError as error:
        raise PortTakenError(
            f"Cannot listen on {target}. Does another server? --port 0 picks a free port."
        ) from error
