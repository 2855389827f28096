"""The events of one append as they arrive: each checked, and all of them weighed together.

Knows the protobuf message both kinds of append carry; knows neither calls nor the writer.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage import recorded_event
from embedded_eventstore.storage.operations import ProposedEvent


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of data, metadata and type; the defaults are Eventstore's."""

    append: int = 1024 * 1024
    """Of all events of one append."""
    event: int = 2**31 - 1
    """Of one event: by default, only the append as a whole is limited."""


DEFAULT_LIMITS = Limits()


class EventsOfAppend:
    """What has arrived of one append so far."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._size = 0
        self.events: list[ProposedEvent] = []

    def add(
        self,
        message: streams_pb2.AppendReq.ProposedMessage | streams_pb2.BatchAppendReq.ProposedMessage,
    ) -> None:
        """Check one more event. Raises CallRefusedError."""
        event = _parse(message)
        size = size_of(event)
        if size > self._limits.event:
            event_id = str(uuid.UUID(bytes=event.event_id))
            raise errors.EventTooLargeError(event_id, size, self._limits.event)
        self._size += size
        if self._size > self._limits.append:
            raise errors.AppendTooLargeError(self._limits.append)
        self.events.append(event)


def size_of(event: ProposedEvent) -> int:
    """What an event counts towards the limits; Eventstore counts a type in UTF-16."""
    return len(event.data) + len(event.metadata) + len(event.type.encode("utf-16-le"))


def _parse(
    message: streams_pb2.AppendReq.ProposedMessage | streams_pb2.BatchAppendReq.ProposedMessage,
) -> ProposedEvent:
    metadata: Mapping[str, str] = message.metadata
    for required in ("type", "content-type"):
        if required not in metadata:
            raise errors.metadata_property_missing(required)
    try:
        event_id = recorded_event.uuid_bytes(message.id)
    except ValueError as error:
        raise errors.thrown_by_handler("An event id is not a UUID.") from error
    if not any(event_id):
        raise errors.thrown_by_handler("An event id is empty.")
    if not metadata["type"]:
        raise errors.thrown_by_handler("An event type is empty.")
    return ProposedEvent(
        event_id=event_id,
        type=metadata["type"],
        is_json=metadata["content-type"] == recorded_event.JSON,
        metadata=message.custom_metadata,
        data=message.data,
    )
