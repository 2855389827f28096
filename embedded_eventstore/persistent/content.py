"""Stored events as messages of a group, and messages as what a consumer is sent.

The recorded events of Streams and of PersistentSubscriptions are the same bytes on the wire, so
the stored Read answer is read as the other service's. Knows protobuf; knows no group.
"""

import json
import uuid

from esdbclient.protos.Grpc import persistent_pb2

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
    answer = content.event
    original = answer.link if answer.HasField("link") else answer.event
    # Consumers tell by the positions where in the followed stream they are.
    if answer.HasField("event"):
        answer.event.commit_position = original.commit_position
        answer.event.prepare_position = original.prepare_position
    return Message(
        ack_id=uuid.UUID(original.id.string).bytes,
        position=position,
        content=content,
        pin=_pin(answer, strategy),
        size=len(record.response) + _OVERHEAD,
        replayed=replayed,
    )


def is_resolved(message: Message) -> bool:
    """Whether there is an event to deliver: the target of a link may be gone."""
    return bool(_answer(message).event.id.string)


def to_send(message: Message, *, structured_ids: bool) -> bytes:
    """The Read answer that delivers a message."""
    answer = persistent_pb2.ReadResp()
    answer.event.CopyFrom(_answer(message))
    answer.event.retry_count = message.retry_count
    if structured_ids:
        for event in (answer.event.event, answer.event.link):
            if event.id.string:
                event.id.CopyFrom(structured_uuid(uuid.UUID(event.id.string)))
    return answer.SerializeToString()


def target_of(message: Message) -> bytes:
    """What a link to the message's event says: never where a link is, but where it leads."""
    answer = _answer(message)
    if not is_resolved(message):
        return answer.link.data
    event = answer.event
    return b"%d@%s" % (event.stream_revision, event.stream_identifier.stream_name)


def original_revision(message: Message) -> int:
    answer = _answer(message)
    return (answer.link if answer.HasField("link") else answer.event).stream_revision


def _answer(message: Message) -> persistent_pb2.ReadResp.ReadEvent:
    assert isinstance(message.content, persistent_pb2.ReadResp)
    return message.content.event


def _pin(answer: persistent_pb2.ReadResp.ReadEvent, strategy: str) -> str:
    event = answer.event if answer.event.id.string else answer.link
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
