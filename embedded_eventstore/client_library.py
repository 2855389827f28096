"""The client library under one set of names, whichever of its two generations is installed.

`esdbclient` brings Eventstore's messages as classes: the server takes them from there, and the
tests and benchmarks take the client too. `kurrentdbclient` is its successor, with other names for
the same things; the two cannot be installed side by side. No other module may import either of
them (docs/decisions/0030-one-room-knows-the-client-library.md).
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING or find_spec("esdbclient"):
    from esdbclient import (
        AsyncEventStoreDBClient,
        CaughtUp,
        Checkpoint,
        EventStoreDBClient,
        NewEvent,
        RecordedEvent,
        StreamState,
    )
    from esdbclient.common import construct_filter_exclude_regex, construct_filter_include_regex
    from esdbclient.exceptions import (
        AccessDeniedError,
        AlreadyExists,
        ConsumerTooSlow,
        EventStoreDBClientException,
        ExceptionThrownByHandler,
        FailedPrecondition,
        FollowerNotFound,
        GrpcDeadlineExceeded,
        GrpcError,
        InternalError,
        MaximumAppendSizeExceededError,
        MaximumSubscriptionsReached,
        NotFound,
        ReadOnlyReplicaNotFound,
        ServiceUnavailable,
        StreamIsDeleted,
        WrongCurrentVersion,
    )
    from esdbclient.persistent import PersistentSubscription, SubscriptionInfo
    from esdbclient.protos.Grpc import (
        code_pb2,
        gossip_pb2,
        persistent_pb2,
        projections_pb2,
        shared_pb2,
        status_pb2,
        streams_pb2,
        streams_pb2_grpc,
    )
else:
    from kurrentdbclient import AsyncKurrentDBClient as AsyncEventStoreDBClient
    from kurrentdbclient import CaughtUp, Checkpoint, NewEvent, RecordedEvent, StreamState
    from kurrentdbclient import KurrentDBClient as EventStoreDBClient
    from kurrentdbclient.common import (
        construct_filter_exclude_regex,
        construct_filter_include_regex,
    )
    from kurrentdbclient.exceptions import (
        AccessDeniedError,
        GrpcError,
        InternalError,
        MaximumAppendSizeExceededError,
    )
    from kurrentdbclient.exceptions import AlreadyExistsError as AlreadyExists
    from kurrentdbclient.exceptions import ConsumerTooSlowError as ConsumerTooSlow
    from kurrentdbclient.exceptions import ExceptionThrownByHandlerError as ExceptionThrownByHandler
    from kurrentdbclient.exceptions import FailedPreconditionError as FailedPrecondition
    from kurrentdbclient.exceptions import FollowerNotFoundError as FollowerNotFound
    from kurrentdbclient.exceptions import GrpcDeadlineExceededError as GrpcDeadlineExceeded
    from kurrentdbclient.exceptions import KurrentDBClientError as EventStoreDBClientException
    from kurrentdbclient.exceptions import (
        MaximumSubscriptionsReachedError as MaximumSubscriptionsReached,
    )
    from kurrentdbclient.exceptions import NotFoundError as NotFound
    from kurrentdbclient.exceptions import ReadOnlyReplicaNotFoundError as ReadOnlyReplicaNotFound
    from kurrentdbclient.exceptions import ServiceUnavailableError as ServiceUnavailable
    from kurrentdbclient.exceptions import StreamIsDeletedError as StreamIsDeleted
    from kurrentdbclient.exceptions import WrongCurrentVersionError as WrongCurrentVersion
    from kurrentdbclient.persistent import PersistentSubscription, SubscriptionInfo
    from kurrentdbclient.protos.google.rpc import code_pb2
    from kurrentdbclient.protos.v1 import (
        gossip_pb2,
        persistent_pb2,
        projections_pb2,
        shared_pb2,
        status_pb2,
        streams_pb2,
        streams_pb2_grpc,
    )

__all__ = [
    "AccessDeniedError",
    "AlreadyExists",
    "AsyncEventStoreDBClient",
    "CaughtUp",
    "Checkpoint",
    "ConsumerTooSlow",
    "EventStoreDBClient",
    "EventStoreDBClientException",
    "ExceptionThrownByHandler",
    "FailedPrecondition",
    "FollowerNotFound",
    "GrpcDeadlineExceeded",
    "GrpcError",
    "InternalError",
    "MaximumAppendSizeExceededError",
    "MaximumSubscriptionsReached",
    "NewEvent",
    "NotFound",
    "PersistentSubscription",
    "ReadOnlyReplicaNotFound",
    "RecordedEvent",
    "ServiceUnavailable",
    "StreamIsDeleted",
    "StreamState",
    "SubscriptionInfo",
    "WrongCurrentVersion",
    "code_pb2",
    "construct_filter_exclude_regex",
    "construct_filter_include_regex",
    "gossip_pb2",
    "persistent_pb2",
    "projections_pb2",
    "shared_pb2",
    "status_pb2",
    "streams_pb2",
    "streams_pb2_grpc",
]
