"""Which events of the log are the shop's own, and what the client's record of one says to us."""

import re
from datetime import UTC, datetime

from esdbclient import RecordedEvent

from orders.domain.streams import PREFIXES
from orders.stored_event import StoredEvent

OWN_STREAMS = (f"(?:{'|'.join(map(re.escape, PREFIXES))}).*",)
"""A filter on stream names, as the client takes it."""


def stored(event: RecordedEvent) -> StoredEvent:
    """What the client read, in the shop's words."""
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
