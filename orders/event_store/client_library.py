"""The client library under one set of names, whichever of its two generations is installed.

`esdbclient` is what the shop runs on; `kurrentdbclient` is its successor, with other names for the
same things, and the two cannot be installed side by side. No other module may import either of
them (docs/decisions/0030-one-room-knows-the-client-library.md). Knows only what they are called.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING or find_spec("esdbclient"):
    from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState
    from esdbclient.common import handle_rpc_error
    from esdbclient.connection import ESDBConnection
    from esdbclient.exceptions import (
        AccessDeniedError,
        BadRequestError,
        CancelledByClient,
        DeadlineExceeded,
        DiscoveryFailed,
        EventStoreDBClientException,
        GrpcDeadlineExceeded,
        GrpcError,
        InvalidTransactionError,
        MaximumAppendSizeExceededError,
        NodeIsNotLeader,
        NotFound,
        ServiceUnavailable,
        StreamIsDeleted,
        WrongCurrentVersion,
    )
else:
    from kurrentdbclient import KurrentDBClient as EventStoreDBClient
    from kurrentdbclient import NewEvent, RecordedEvent, StreamState
    from kurrentdbclient.common import handle_rpc_error
    from kurrentdbclient.connection import KurrentDBConnection as ESDBConnection
    from kurrentdbclient.exceptions import (
        AccessDeniedError,
        BadRequestError,
        GrpcError,
        InvalidTransactionError,
        MaximumAppendSizeExceededError,
    )
    from kurrentdbclient.exceptions import CancelledByClientError as CancelledByClient
    from kurrentdbclient.exceptions import DeadlineExceededError as DeadlineExceeded
    from kurrentdbclient.exceptions import DiscoveryFailedError as DiscoveryFailed
    from kurrentdbclient.exceptions import GrpcDeadlineExceededError as GrpcDeadlineExceeded
    from kurrentdbclient.exceptions import KurrentDBClientError as EventStoreDBClientException
    from kurrentdbclient.exceptions import NodeIsNotLeaderError as NodeIsNotLeader
    from kurrentdbclient.exceptions import NotFoundError as NotFound
    from kurrentdbclient.exceptions import ServiceUnavailableError as ServiceUnavailable
    from kurrentdbclient.exceptions import StreamIsDeletedError as StreamIsDeleted
    from kurrentdbclient.exceptions import WrongCurrentVersionError as WrongCurrentVersion

__all__ = [
    "AccessDeniedError",
    "BadRequestError",
    "CancelledByClient",
    "DeadlineExceeded",
    "DiscoveryFailed",
    "ESDBConnection",
    "EventStoreDBClient",
    "EventStoreDBClientException",
    "GrpcDeadlineExceeded",
    "GrpcError",
    "InvalidTransactionError",
    "MaximumAppendSizeExceededError",
    "NewEvent",
    "NodeIsNotLeader",
    "NotFound",
    "RecordedEvent",
    "ServiceUnavailable",
    "StreamIsDeleted",
    "StreamState",
    "WrongCurrentVersion",
    "handle_rpc_error",
]
