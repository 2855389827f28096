"""A recorded event as protobuf: the Read response that is stored once and sent many times.

Each row of the log holds its complete ``ReadResp`` message, so reading is copying bytes. Knows
protobuf; knows neither SQLite nor gRPC calls.
"""

import uuid

from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.storage.operations import ProposedEvent

LINK_TYPE = "$>"
JSON = "application/json"
BINARY = "application/octet-stream"

_RecordedEvent = streams_pb2.ReadResp.ReadEvent.RecordedEvent
_MASK_64 = 2**64 - 1


def encode(position: int, stream: str, revision: int, event: ProposedEvent, created: int) -> bytes:
    """The Read response for ``event``; ``created`` is in ticks of 100 ns since 1970."""
    recorded = _RecordedEvent(
        id=shared_pb2.UUID(string=str(uuid.UUID(bytes=event.event_id))),
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        stream_revision=revision,
        prepare_position=position,
        commit_position=position,
        metadata={
            "type": event.type,
            "created": str(created),
            "content-type": JSON if event.is_json else BINARY,
        },
        custom_metadata=event.metadata,
        data=event.data,
    )
    read_event = streams_pb2.ReadResp.ReadEvent(event=recorded, commit_position=position)
    return streams_pb2.ReadResp(event=read_event).SerializeToString()


def payload_of(response: bytes) -> tuple[bool, bytes]:
    """Whether the stored event claims to be JSON, and its data."""
    event = streams_pb2.ReadResp.FromString(response).event.event
    return event.metadata["content-type"] == JSON, event.data


def link_target(response: bytes) -> tuple[int, str] | None:
    """Where a link event points: revision and stream; None if it does not say so properly."""
    _, data = payload_of(response)
    revision, separator, stream = data.decode(errors="replace").partition("@")
    if not separator or not revision.isascii() or not revision.isdigit():
        return None
    return int(revision), stream


def resolved(link_response: bytes, target_response: bytes | None) -> bytes:
    """The Read response for a followed link: the target's event at the link's position."""
    link = streams_pb2.ReadResp.FromString(link_response).event
    event = streams_pb2.ReadResp.ReadEvent(link=link.event, commit_position=link.commit_position)
    if target_response is not None:
        event.event.CopyFrom(streams_pb2.ReadResp.FromString(target_response).event.event)
    return streams_pb2.ReadResp(event=event).SerializeToString()


def with_structured_ids(response: bytes) -> bytes:
    """The same response for a client that wants UUIDs as two 64-bit numbers."""
    parsed = streams_pb2.ReadResp.FromString(response)
    for event in (parsed.event.event, parsed.event.link):
        if event.id.string:
            event.id.CopyFrom(structured_uuid(uuid.UUID(event.id.string)))
    return parsed.SerializeToString()


def structured_uuid(value: uuid.UUID) -> shared_pb2.UUID:
    return shared_pb2.UUID(
        structured=shared_pb2.UUID.Structured(
            most_significant_bits=_signed(value.int >> 64),
            least_significant_bits=_signed(value.int & _MASK_64),
        )
    )


def uuid_bytes(value: shared_pb2.UUID) -> bytes:
    """The 16 bytes of a UUID in either form. Raises ValueError if it is none."""
    match value.WhichOneof("value"):
        case "string":
            return uuid.UUID(value.string).bytes
        case "structured":
            high = value.structured.most_significant_bits & _MASK_64
            low = value.structured.least_significant_bits & _MASK_64
            return (high << 64 | low).to_bytes(16, "big")
        case _:
            raise ValueError("a UUID is missing")


def _signed(bits: int) -> int:
    return bits - 2**64 if bits >= 2**63 else bits
