"""Which events of the log are the shop's own, and the `StoredEvent` of the client's record."""

import re
from datetime import UTC, datetime

from orders.domain.streams import PREFIXES
from orders.event_store.client_library import RecordedEvent
from orders.event_store.stored_event import StoredEvent

OWN_STREAMS = (f"(?:{'|'.join(map(re.escape, PREFIXES))}).*",)
"""A filter on stream names, as the client takes it."""


def stored(event: RecordedEvent) -> StoredEvent:
    """The stored event that the client has read."""
    return StoredEvent(
        event_id=event.id,
        type_name=event.type,
        data=event.data,
        metadata=event.metadata,
        stream=event.stream_name,
        revision=event.stream_position,
        position=event.commit_position or 0,
        recorded_at=event.recorded_at or datetime.fromtimestamp(0, UTC),
    )
