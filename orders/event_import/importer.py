"""Events of before, from a file into one order's stream: checked, brought up to date, appended.

All or nothing: a file that is not right is refused with a sentence that names the entry. Doing it
again changes nothing, because ids follow from the file.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.utils.timezone import get_default_timezone

from orders.command_handler import Log
from orders.domain.command import Command
from orders.domain.event import Event, type_named
from orders.domain.events import CoffeeOrdered
from orders.domain.streams import ORDER, order_stream
from orders.domain.upcasters import upcast
from orders.event_codec import encode
from orders.event_import.printed_notation import Unreadable, read_printed
from orders.event_store import NewStoredEvent
from orders.links import ORDER_NAMESPACE

IMPORT = "import"


class ImportRefused(Exception):
    """The file cannot be imported; the message is a sentence. Nothing was appended."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did."""

    stream: str
    appended: int
    already_there: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One checked entry of the file. `wording` is how the file names its type."""

    number: int
    wording: str
    schema: int
    at: datetime
    written_at: str
    contents: str  # as the file has it, in one notation
    event: Event


def import_events(text: str, store: Log, stream: str = "") -> Imported:
    """Append what the stream does not have yet. Without `stream` its name follows from the file.

    Raises `ImportRefused`, `WrongRevision`, `StoreUnavailable` or `OutcomeUnknown`.
    """
    entries = read_entries(text)
    stream = _checked(stream) if stream else _stream_of(entries)
    new = [_encoded(entry, stream) for entry in entries]
    stored = store.read_stream(stream)
    there = {event.event_id for event in stored}
    missing = [event for event in new if event.event_id not in there]
    if stored and len(missing) == len(new):
        raise ImportRefused(f"{stream} holds other events already.")
    if missing != new[len(new) - len(missing) :]:
        raise ImportRefused(f"{stream} has later events of this file but not the earlier ones.")
    if missing:
        store.append(stream, stored[-1].revision if stored else None, missing)
    return Imported(stream=stream, appended=len(missing), already_there=len(new) - len(missing))


def read_entries(text: str) -> list[Entry]:
    """The entries of a file, in today's shape. Raises `ImportRefused`, naming the first bad one."""
    try:
        raw = read_printed(text)
    except Unreadable as error:
        raise ImportRefused(f"The file cannot be read: {error}") from error
    if not isinstance(raw, list) or not raw:
        raise ImportRefused("The file must hold a list of events, oldest first.")
    entries = [_entry(number, value) for number, value in enumerate(raw)]
    for number, entry in enumerate(entries):
        if isinstance(entry.event, CoffeeOrdered) is not (number == 0):
            raise ImportRefused(f"{_named(entry)}: a file begins with the order and has only one.")
        if number and entry.at < entries[number - 1].at:
            raise ImportRefused(f"{_named(entry)}: it happened before the entry above it.")
    return entries


def _entry(number: int, value: Any) -> Entry:
    where = f"Entry {number + 1}"
    if not isinstance(value, dict):
        raise ImportRefused(f"{where} is not an event.")
    wording = value.get("type")
    if not isinstance(wording, str):
        raise ImportRefused(f"{where} has no type.")
    where = f"{where} ({wording})"
    if value.get("event_number", number) != number:
        raise ImportRefused(f"{where}: its event_number should be {number}.")
    written_at, payload = value.get("timestamp"), value.get("payload")
    if not isinstance(written_at, str) or not isinstance(payload, dict):
        raise ImportRefused(f"{where}: it needs a timestamp and a payload.")
    at = _time(written_at, where)
    schema = value.get("schema", 0)
    try:
        type_name, today = upcast(wording, schema, payload, occurred_at=at)
        event_type = type_named(type_name)
        if event_type is None:
            raise ImportRefused(f"{where}: the shop does not know this type of event.")
        event = msgspec.convert(today, event_type.event_class)
    except (msgspec.ValidationError, ValueError) as error:
        raise ImportRefused(f"{where}: {error}") from error
    return Entry(
        number=number,
        wording=wording,
        schema=schema,
        at=at,
        written_at=written_at,
        contents=json.dumps(value, sort_keys=True),
        event=event,
    )


def _time(written: str, where: str) -> datetime:
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise ImportRefused(
            f"{where}: {written} is not a time like 2019-06-23T10:56:14."
        ) from error
    # A time without a zone is what the clock on the shop's wall said.
    return at.replace(tzinfo=get_default_timezone()) if at.tzinfo is None else at


def _stream_of(entries: Sequence[Entry]) -> str:
    first = entries[0]
    if not isinstance(first.event, CoffeeOrdered):
        raise ImportRefused(f"{_named(first)}: a file begins with the order.")
    return order_stream(uuid5(ORDER_NAMESPACE, f"{first.event.number}:{first.written_at}"))


def _checked(stream: str) -> str:
    category, _, order = stream.partition("-")
    try:
        if category == ORDER and UUID(hex=order).hex == order:
            return stream
    except ValueError:
        pass
    raise ImportRefused(f"{stream} is not the stream of an order (order-<32 hexadecimal digits>).")


def _encoded(entry: Entry, stream: str) -> NewStoredEvent:
    command = Command(
        command_id=uuid5(ORDER_NAMESPACE, f"{stream}:{entry.number}:{entry.contents}"),
        at=entry.at,
        actor=IMPORT,
    )
    return encode(
        entry.event,
        command=command,
        index=0,
        origin={"type": entry.wording, "schema": entry.schema, "event_number": entry.number},
    )


def _named(entry: Entry) -> str:
    return f"Entry {entry.number + 1} ({entry.wording})"
