"""The gRPC server: which methods there are, and how connections are kept.

Methods and services that are not listed answer UNIMPLEMENTED. Credentials are the one thing to
pass here once the server speaks TLS; nothing else would change.
"""

from dataclasses import dataclass
from typing import Any

import grpc
from esdbclient.protos.Grpc import (
    gossip_pb2,
    persistent_pb2,
    shared_pb2,
    streams_pb2,
)

from embedded_eventstore.append_service import AppendService
from embedded_eventstore.batch_append_service import BatchAppendService
from embedded_eventstore.calls import Calls
from embedded_eventstore.delete_service import DeleteService
from embedded_eventstore.gossip_service import GossipService
from embedded_eventstore.introspection import list_no_subscriptions, supported_methods
from embedded_eventstore.read_service import ReadService

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


@dataclass(frozen=True, slots=True)
class Services:
    """The parts that answer calls."""

    append: AppendService
    batch_append: BatchAppendService
    delete: DeleteService
    read: ReadService
    gossip: GossipService


def build_server(services: Services, calls: Calls) -> grpc.aio.Server:
    """A server that listens nowhere yet. Must be called in the event loop it will run in."""
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers(
        [
            grpc.method_handlers_generic_handler(service, methods)
            for service, methods in _methods(services, calls).items()
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


def _methods(services: Services, calls: Calls) -> dict[str, dict[str, Any]]:
    """Answers without a serializer are bytes already: they are stored ready to send."""
    answering = calls.answering
    return {
        "event_store.client.streams.Streams": {
            "Read": grpc.unary_stream_rpc_method_handler(
                answering(services.read.read), streams_pb2.ReadReq.FromString
            ),
            "Append": grpc.stream_unary_rpc_method_handler(
                answering(services.append.append),
                streams_pb2.AppendReq.FromString,
                streams_pb2.AppendResp.SerializeToString,
            ),
            "BatchAppend": grpc.stream_stream_rpc_method_handler(
                answering(services.batch_append.batch_append), streams_pb2.BatchAppendReq.FromString
            ),
            "Delete": grpc.unary_unary_rpc_method_handler(
                answering(services.delete.delete),
                streams_pb2.DeleteReq.FromString,
                streams_pb2.DeleteResp.SerializeToString,
            ),
            "Tombstone": grpc.unary_unary_rpc_method_handler(
                answering(services.delete.tombstone),
                streams_pb2.TombstoneReq.FromString,
                streams_pb2.TombstoneResp.SerializeToString,
            ),
        },
        "event_store.client.gossip.Gossip": {
            "Read": grpc.unary_unary_rpc_method_handler(
                answering(services.gossip.read),
                shared_pb2.Empty.FromString,
                gossip_pb2.ClusterInfo.SerializeToString,
            ),
        },
        "event_store.client.persistent_subscriptions.PersistentSubscriptions": {
            "List": grpc.unary_unary_rpc_method_handler(
                answering(list_no_subscriptions),
                persistent_pb2.ListReq.FromString,
                persistent_pb2.ListResp.SerializeToString,
            ),
        },
        "event_store.client.server_features.ServerFeatures": {
            "GetSupportedMethods": grpc.unary_unary_rpc_method_handler(
                answering(supported_methods), shared_pb2.Empty.FromString
            ),
        },
    }
