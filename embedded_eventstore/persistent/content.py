"""Stored events as messages of a group, and messages as what a consumer is sent.

The recorded events of Streams and of PersistentSubscriptions are the same bytes on the wire, so
the stored Read response is read as the other service's. Knows protobuf; knows no group.
"""

import json
import uuid

from embedded_eventstore.client_library import persistent_pb2
from embedded_eventstore.persistent.group import Message
from embedded_eventstore.persistent.settings import PINNED, PINNED_BY_CORRELATION
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.storage.recorded_event import LINK_TYPE, structured_uuid

_OVERHEAD = 2500
"""Bytes that a message takes in memory besides its event, roughly."""

_Event = persistent_pb2.ReadResp.ReadEvent.RecordedEvent


def message_from(
    record: Record, position: int, strategy: str, *, replayed: bool = False
) -> Message:
    """A message for an event, whose link has been followed already if it was to be."""
    content = persistent_pb2.ReadResp.FromString(record.response)
    read_event = content.event
    original = read_event.link if read_event.HasField("link") else read_event.event
    # The positions show consumers where in the followed stream they are.
    if read_event.HasField("event"):
        read_event.event.commit_position = original.commit_position
        read_event.event.prepare_position = original.prepare_position
    return Message(
        ack_id=uuid.UUID(original.id.string).bytes,
        position=position,
        content=content,
        pin=_pin(read_event, strategy),
        size=len(record.response) + _OVERHEAD,
        replayed=replayed,
    )


def is_resolved(message: Message) -> bool:
    """Whether there is an event to deliver: the target of a link may be gone."""
    return bool(_read_event(message).event.id.string)


def to_send(message: Message, *, structured_ids: bool) -> bytes:
    """The Read response that delivers a message."""
    response = persistent_pb2.ReadResp()
    response.event.CopyFrom(_read_event(message))
    response.event.retry_count = message.retry_count
    if structured_ids:
        for event in (response.event.event, response.event.link):
            if event.id.string:
                event.id.CopyFrom(structured_uuid(uuid.UUID(event.id.string)))
    return response.SerializeToString()


def target_of(message: Message) -> bytes:
    """What a link to the message's event says: never where a link is, but where it leads."""
    read_event = _read_event(message)
    if not is_resolved(message):
        return read_event.link.data
    event = read_event.event
    return b"%d@%s" % (event.stream_revision, event.stream_identifier.stream_name)


def original_revision(message: Message) -> int:
    read_event = _read_event(message)
    return (read_event.link if read_event.HasField("link") else read_event.event).stream_revision


def _read_event(message: Message) -> persistent_pb2.ReadResp.ReadEvent:
    assert isinstance(message.content, persistent_pb2.ReadResp)
    return message.content.event


def _pin(read_event: persistent_pb2.ReadResp.ReadEvent, strategy: str) -> str:
    event = read_event.event if read_event.event.id.string else read_event.link
    if strategy == PINNED_BY_CORRELATION:
        correlation = _correlation(event)
        if correlation is not None:
            return correlation
    elif strategy != PINNED:
        return ""
    if event.metadata["type"] == LINK_TYPE:
        return event.data.decode(errors="replace").partition("@")[2]
    return event.stream_identifier.stream_name.decode()


def _correlation(event: _Event) -> str | None:
    try:
        metadata = json.loads(event.custom_metadata)
    except ValueError:
        return None
    found = metadata.get("$correlationId") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else None
