"""ServerFeatures: what clients of other languages ask first, namely which methods there are.

The service is not among the shipped message classes, so its response is encoded here by hand:
SupportedMethods is {repeated SupportedMethod methods = 1; string event_store_server_version = 2},
SupportedMethod {string method_name = 1; string service_name = 2; repeated string features = 3}.
"""

from collections.abc import Sequence

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.client_library import shared_pb2
from embedded_eventstore.protocol import errors, wire
from embedded_eventstore.protocol.method import ONE_TO_ONE, Method, Part

SPOKEN_VERSION = "24.10.0"
"""The version of Eventstore whose protocol this server follows."""


class ServerFeatures:
    """Implements GetSupportedMethods from what the other parts say of themselves."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts

    def methods(self) -> dict[str, Method]:
        return {
            "event_store.client.server_features.ServerFeatures/GetSupportedMethods": Method(
                ONE_TO_ONE,
                self.supported_methods,
                shared_pb2.Empty.FromString,
                required_role=RequiredRole.ANYBODY,
            )
        }

    async def supported_methods(self, request: shared_pb2.Empty, context: errors.Context) -> bytes:
        listed = b""
        for part in (*self._parts, self):
            for name, method in part.methods().items():
                if not method.is_listed:
                    continue
                service, _, called = name.lower().partition("/")
                features = b"".join(wire.text(3, feature) for feature in method.features)
                listed += wire.text(1, wire.text(1, called) + wire.text(2, service) + features)
        return listed + wire.text(2, SPOKEN_VERSION)
