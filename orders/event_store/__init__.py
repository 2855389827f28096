"""The log: append at an expected revision, read, follow. Import from here, not from the modules.

Alone in using the client library; knows nothing of what the bytes mean. Every call has a deadline,
and every failure is one of three: refused (`WrongRevision`), certainly nothing written
(`StoreUnavailable`), or not known (`OutcomeUnknown`: send the same command id again).
"""

from orders.event_store.deadline import answering_until
from orders.event_store.log import EventStore, event_store
from orders.event_store.log_follower import (
    ConsumerUnavailable,
    FollowedLog,
    GiveUp,
    LogConsumer,
    LogFollower,
    StandBy,
)
from orders.event_store.reading_process import ReadInAnotherProcess
from orders.event_store.stored_event import (
    EventStoreError,
    NewStoredEvent,
    OutcomeUnknown,
    Place,
    StorageFull,
    StoredEvent,
    StoreUnavailable,
    WrongRevision,
)
from orders.event_store.watchdog import watchdog

__all__ = [
    "ConsumerUnavailable",
    "EventStore",
    "EventStoreError",
    "FollowedLog",
    "GiveUp",
    "LogConsumer",
    "LogFollower",
    "NewStoredEvent",
    "OutcomeUnknown",
    "Place",
    "ReadInAnotherProcess",
    "StandBy",
    "StorageFull",
    "StoreUnavailable",
    "StoredEvent",
    "WrongRevision",
    "answering_until",
    "event_store",
    "watchdog",
]
