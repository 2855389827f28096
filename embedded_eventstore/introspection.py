"""What other clients ask before they begin: which methods there are, and which subscriptions.

ServerFeatures is not among the shipped message classes, so its answer is encoded here by hand:
SupportedMethods is {repeated SupportedMethod methods = 1; string event_store_server_version = 2},
SupportedMethod {string method_name = 1; string service_name = 2; repeated string features = 3}.
"""

import grpc
from esdbclient.protos.Grpc import persistent_pb2, shared_pb2

from embedded_eventstore import errors

SPOKEN_VERSION = "24.10.0"
"""The version of Eventstore whose protocol this server follows."""

_STREAMS = "event_store.client.streams.streams"
_METHODS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("append", _STREAMS, ()),
    ("batchappend", _STREAMS, ("deadline_duration",)),
    ("delete", _STREAMS, ()),
    ("read", _STREAMS, ("position", "events")),
    ("tombstone", _STREAMS, ()),
    ("read", "event_store.client.gossip.gossip", ()),
    (
        "getsupportedmethods",
        "event_store.client.server_features.serverfeatures",
        (),
    ),
)


async def supported_methods(request: shared_pb2.Empty, context: errors.Context) -> bytes:
    """Answers ServerFeatures.GetSupportedMethods."""
    methods = b"".join(
        _field(1, _field(1, method) + _field(2, service) + b"".join(_field(3, f) for f in features))
        for method, service, features in _METHODS
    )
    return methods + _field(2, SPOKEN_VERSION)


async def list_no_subscriptions(
    request: persistent_pb2.ListReq, context: errors.Context
) -> persistent_pb2.ListResp:
    """Answers PersistentSubscriptions.List: there are none, as no others of its methods exist."""
    if request.options.WhichOneof("list_option") == "list_for_stream":
        raise errors.CallRefusedError(grpc.StatusCode.NOT_FOUND, "The stream has no subscriptions.")
    return persistent_pb2.ListResp()


def _field(number: int, value: str | bytes) -> bytes:
    """A length-delimited protobuf field."""
    raw = value.encode() if isinstance(value, str) else value
    length = len(raw)
    size = bytearray()
    while length > 0x7F:
        size.append(length & 0x7F | 0x80)
        length >>= 7
    size.append(length)
    return bytes([number << 3 | 2]) + bytes(size) + raw
