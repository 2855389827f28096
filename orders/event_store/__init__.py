"""The log: append at an expected revision, read, subscribe. Alone in knowing `esdbclient`.

Bytes in, bytes out: what the bytes mean is the codec's business. Every call has a deadline, and
every failure is one of three: refused (`WrongRevision`), certainly nothing written
(`StoreUnavailable`), or not known (`OutcomeUnknown`: send the same command id again).
"""

from orders.event_store.log import EventStore, event_store
from orders.event_store.subscription import Subscription
from orders.stored_event import (
    CaughtUp,
    EventStoreError,
    NewStoredEvent,
    OutcomeUnknown,
    StoredEvent,
    StoreUnavailable,
    WrongRevision,
)

__all__ = [
    "CaughtUp",
    "EventStore",
    "EventStoreError",
    "NewStoredEvent",
    "OutcomeUnknown",
    "StoreUnavailable",
    "StoredEvent",
    "Subscription",
    "WrongRevision",
    "event_store",
]
