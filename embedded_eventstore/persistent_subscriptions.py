"""PersistentSubscriptions.List, always empty: clients ask for it before they begin."""

import grpc
from esdbclient.protos.Grpc import persistent_pb2

from embedded_eventstore import errors
from embedded_eventstore.method import ONE_TO_ONE, Method


class NoPersistentSubscriptions:
    """Answers List: there are none, as no others of its methods exist."""

    def methods(self) -> dict[str, Method]:
        return {
            "event_store.client.persistent_subscriptions.PersistentSubscriptions/List": Method(
                ONE_TO_ONE,
                self.list,
                persistent_pb2.ListReq.FromString,
                persistent_pb2.ListResp.SerializeToString,
            )
        }

    async def list(
        self, request: persistent_pb2.ListReq, context: errors.Context
    ) -> persistent_pb2.ListResp:
        if request.options.WhichOneof("list_option") == "list_for_stream":
            raise errors.CallRefusedError(
                grpc.StatusCode.NOT_FOUND, "The stream has no subscriptions."
            )
        return persistent_pb2.ListResp()
