"""Event ⇄ bytes and envelope. Personal fields are encrypted here, old shapes brought up to date.

The read side reaches the customers' keys only through this module. It knows nothing of the log.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from django.db import DatabaseError
from django.utils.timezone import localtime

from orders import tracing
from orders.domain.command import Command
from orders.domain.event import FORGOTTEN, Event, EventType, type_named, type_of
from orders.domain.fact import Fact
from orders.domain.upcasters import upcast
from orders.event_store import NewStoredEvent, StorageFull, StoredEvent
from orders.full_disk import is_full_disk
from orders.personal_data import KeyRing, key_ring, seal, unseal

__all__ = [
    "NO_JSON",
    "KeyRing",
    "Undecodable",
    "decode",
    "encode",
    "envelope_of",
    "export",
    "forget",
    "key_ring",
    "sealed_for",
]

SEALED = "sealed"
"""A personal field is stored as {"sealed": base64 of nonce, cipher text and tag}."""

NO_JSON = (msgspec.MsgspecError, ValueError, RecursionError)
"""What msgspec raises for bytes that are no JSON, not in the expected shape, no UTF-8
(UnicodeDecodeError is a ValueError) or nested too deep."""


class Undecodable(Exception):
    """An event of a known type whose bytes are not in any known shape of it."""

    code = "undecodable"

    def __init__(self, stored: StoredEvent, reason: str) -> None:
        where = f"Event {stored.revision} of {stored.stream} ({stored.type_name})"
        super().__init__(f"{where} cannot be read: {reason}")


def encode(
    event: Event,
    *,
    command: Command,
    index: int,
    append_id: UUID | None = None,
    fingerprint: str = "",
    origin: Mapping[str, Any] | None = None,
    keys: KeyRing | None = None,
) -> NewStoredEvent:
    """The bytes of event number `index` that `command` led to.

    The event id follows from the append and the index; without an `append_id` from the command,
    whose id then has to follow from its contents. `origin` notes the shape in which an imported
    event arrived. Raises `AlreadyForgotten` when a personal field belongs to a customer whose key
    was destroyed, `StorageFull` when there is no room for a new one.
    """
    event_type = type_of(event)
    event_id = uuid5(append_id or command.command_id, str(index))
    payload: dict[str, Any] = msgspec.to_builtins(event)
    for field in event_type.personal_fields:
        if payload[field]:
            key = _writing_key(payload["customer"], keys or key_ring())
            payload[field] = {SEALED: seal(payload[field], key, _context(event_id, field))}
    metadata: dict[str, Any] = {
        "$correlationId": command.correlation_id or str(command.command_id),
        "$causationId": command.causation_id or str(command.command_id),
        "command_id": str(command.command_id),
        "service": event_type.owner.value,
        "schema": event_type.version,
        "occurred_at": command.at.astimezone(UTC).isoformat(),
        "actor": command.actor,
        "fingerprint": fingerprint,
    }
    if carried := tracing.traceparent():
        metadata["traceparent"] = carried
    if origin is not None:
        metadata["origin"] = dict(origin)
    return NewStoredEvent(
        event_id=event_id,
        type_name=event_type.name,
        data=msgspec.json.encode(payload),
        metadata=msgspec.json.encode(metadata),
    )


def decode(stored: StoredEvent, keys: KeyRing | None = None) -> Fact | None:
    """The fact in these bytes, in today's shape; None for a type that nobody here knows (yet).

    Without `keys` personal fields read as `FORGOTTEN`: whoever decides needs no name. Raises
    `Undecodable`.
    """
    envelope = envelope_of(stored)
    try:
        occurred_at = (envelope.occurred_at or stored.recorded_at).astimezone(UTC)
        found = _type_and_event(stored, envelope.schema, occurred_at, keys)
    except (
        *NO_JSON,
        LookupError,
        TypeError,
        AttributeError,
        OverflowError,  # a time before the year 1, or after 9999, in UTC
    ) as error:
        raise Undecodable(stored, f"{type(error).__name__}: {error}") from error
    if found is None:
        return None
    event_type, event = found
    return Fact(
        event=event,
        event_id=stored.event_id,
        type_name=event_type.name,
        schema=envelope.schema,
        stream=stored.stream,
        revision=stored.revision,
        position=stored.position,
        occurred_at=occurred_at,
        recorded_at=stored.recorded_at,
        actor=envelope.actor,
        command_id=envelope.command_id or stored.event_id,
        correlation_id=envelope.correlation_id,
        causation_id=envelope.causation_id,
    )


def _type_and_event(
    stored: StoredEvent, schema: int, occurred_at: datetime, keys: KeyRing | None
) -> tuple[EventType, Event] | None:
    event_type = type_named(stored.type_name)
    is_todays = event_type is not None and event_type.version == schema
    if event_type is not None and is_todays and not event_type.personal_fields:
        # Straight into its class: half of what the way over a dict takes.
        return event_type, _decoder_of(event_type).decode(stored.data)
    payload = _object_in(stored.data)
    if not is_todays:
        at = localtime(occurred_at)
        type_name, payload = upcast(stored.type_name, schema, payload, occurred_at=at)
        event_type = type_named(type_name)
    if event_type is None:
        return None
    _open_personal_fields(payload, event_type, stored.event_id, keys)
    return event_type, msgspec.convert(payload, event_type.event_class)


class EventEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """What this shop reads of an event's metadata.

    An event that another program wrote may have none of it.
    """

    schema: int = 0
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    actor: str = "import"
    service: str = ""
    fingerprint: str = ""
    command_id: UUID | None = None
    correlation_id: str = msgspec.field(name="$correlationId", default="")
    causation_id: str = msgspec.field(name="$causationId", default="")


def envelope_of(stored: StoredEvent) -> EventEnvelope:
    """What stands around the event itself. Raises `Undecodable`."""
    try:
        return _envelope.decode(stored.metadata) if stored.metadata else EventEnvelope()
    except NO_JSON as error:
        raise Undecodable(stored, f"its metadata: {error}") from error


def _writing_key(customer: str, keys: KeyRing) -> bytes:
    try:
        return keys.writing_key(customer)
    except DatabaseError as error:
        if is_full_disk(error):
            raise StorageFull from error
        raise


def sealed_for(stored: StoredEvent) -> str | None:
    """The customer with whose key something in this event is encrypted; None if nothing is."""
    if SEALED.encode() not in stored.data:
        return None
    try:
        payload = _object_in(stored.data)
    except NO_JSON:
        return None
    is_sealed = any(isinstance(value, dict) and SEALED in value for value in payload.values())
    customer = payload.get("customer")
    return customer if is_sealed and isinstance(customer, str) else None


def forget(customer: str, keys: KeyRing | None = None) -> None:
    """Destroy the key of a customer: what projecting `CustomerForgotten` does. Repeatable."""
    (keys or key_ring()).destroy(customer)


def export(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    """The facts of a customer's streams in plain values.

    The caller brings the facts of exactly those streams, personal fields readable.
    """
    return [
        {
            "what": fact.type_name,
            "when": fact.occurred_at.isoformat(),
            "stream": fact.stream,
            "revision": fact.revision,
            "facts": msgspec.to_builtins(fact.event),
        }
        for fact in facts
    ]


_object = msgspec.json.Decoder(dict[str, Any])
_envelope = msgspec.json.Decoder(EventEnvelope)


_decoders: dict[str, msgspec.json.Decoder[Event]] = {}


def _decoder_of(event_type: EventType) -> msgspec.json.Decoder[Event]:
    decoder = _decoders.get(event_type.name)
    if decoder is None:
        decoder = _decoders[event_type.name] = msgspec.json.Decoder(event_type.event_class)
    return decoder


def _object_in(data: bytes) -> dict[str, Any]:
    return _object.decode(data)


def _open_personal_fields(
    payload: dict[str, Any], event_type: EventType, event_id: UUID, keys: KeyRing | None
) -> None:
    for field in event_type.personal_fields:
        stored = payload.get(field)
        if isinstance(stored, dict):
            key = keys.reading_key(payload["customer"]) if keys else None
            text = unseal(stored[SEALED], key, _context(event_id, field)) if key else None
            payload[field] = FORGOTTEN if text is None else text


def _context(event_id: UUID, field: str) -> bytes:
    return event_id.bytes + field.encode()
