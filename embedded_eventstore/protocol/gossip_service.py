"""Gossip.Read: the members of the cluster, which are this server alone, the leader."""

import time

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.client_library import gossip_pb2, shared_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_ONE, Method


class GossipService:
    """Implements Gossip.Read. The port is known only once the server listens."""

    def __init__(self, instance_id: str, address: str) -> None:
        self.instance_id = instance_id
        self.address = address
        self.port = 0

    def methods(self) -> dict[str, Method]:
        return {
            "event_store.client.gossip.Gossip/Read": Method(
                ONE_TO_ONE,
                self.read,
                shared_pb2.Empty.FromString,
                gossip_pb2.ClusterInfo.SerializeToString,
                required_role=RequiredRole.ANYBODY,
            )
        }

    async def read(
        self, request: shared_pb2.Empty, context: errors.Context
    ) -> gossip_pb2.ClusterInfo:
        ourselves = gossip_pb2.MemberInfo(
            instance_id=shared_pb2.UUID(string=self.instance_id),
            time_stamp=time.time_ns() // 100,
            state=gossip_pb2.MemberInfo.Leader,
            is_alive=True,
            http_end_point=gossip_pb2.EndPoint(address=self.address, port=self.port),
        )
        return gossip_pb2.ClusterInfo(members=[ourselves])
