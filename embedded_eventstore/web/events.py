"""Events as people and JSON see them, and pages of them out of the log.

Knows the log reader and protobuf; knows neither HTTP nor HTML.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from embedded_eventstore.access.stream_rights import ALL_STREAM
from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.storage.log_reader import LogReader, Page
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.recorded_event import JSON
from embedded_eventstore.storage.stream_metadata import TICKS_PER_SECOND

MAX_PAGE_EVENTS = 100
MAX_PAGE_BYTES = 1024 * 1024
"""Links may lead to large events: a page ends with the event that reaches this."""

_RecordedEvent = streams_pb2.ReadResp.ReadEvent.RecordedEvent


@dataclass(frozen=True, slots=True)
class Event:
    """An event; for a link, what it leads to, and ``link`` says where the link itself stands."""

    stream: str
    number: int
    type: str
    event_id: str
    position: int
    created: datetime
    is_json: bool
    data: bytes
    metadata: bytes
    link: tuple[str, int] | None = None

    @property
    def name(self) -> str:
        return f"{self.number}@{self.stream}"

    @property
    def place(self) -> tuple[str, int]:
        """Stream and number by which the page it was found on goes on."""
        return self.link or (self.stream, self.number)


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events of a stream, or of ``$all``, newest first.

    ``older`` and ``newer`` are where to go on, backwards and forwards; None at that end.
    """

    stream: str
    events: list[Event]
    older: int | None
    newer: int | None


def read_page(
    reader: LogReader, stream: str, start: int | None, count: int, *, backwards: bool = True
) -> EventPage | None:
    """A page from number ``start`` (of ``$all``: position); None is the newest end.

    ``backwards`` from ``$all`` is exclusive, as everywhere. None when there is no such stream.
    Raises StreamTombstonedError.
    """
    count = max(1, min(count, MAX_PAGE_EVENTS))
    start = TOMBSTONE if start is None else start
    read = _plan(reader, stream, backwards=backwards)
    page = read(start, count)
    if page is None:
        return None
    is_all = stream == ALL_STREAM
    # Everything is what was written: there a link is a link.
    records, cut = (page.records, None) if is_all else _bounded(reader, page.records)
    if not records:
        return EventPage(stream, [], None, None)
    following = page.next
    if cut is not None:
        following = cut.revision
    at_start = start == TOMBSTONE
    events = [_event(record) for record in records]
    if backwards:
        newest = records[0].position if is_all else records[0].revision
        return EventPage(stream, events, following, None if at_start else newest + 1)
    first = records[0].position if is_all else records[0].revision - 1
    older = first if first >= 0 else None
    return EventPage(stream, events[::-1], older, following)


def read_event(reader: LogReader, stream: str, number: int | None) -> Event | None:
    """One event (of ``$all``: by position); None is the newest. Raises StreamTombstonedError."""
    if number is None:
        page = read_page(reader, stream, None, 1)
    else:
        page = read_page(reader, stream, number, 1, backwards=False)
    if page is None or not page.events:
        return None
    (event,) = page.events
    found = event.position if stream == ALL_STREAM else event.place[1]
    return event if number in (None, found) else None


def pretty(raw: bytes, *, is_json: bool) -> str:
    """Data or metadata for people: indented JSON, text, or a note that it is neither."""
    if is_json:
        try:
            return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"{len(raw)} bytes, in base64:\n{base64.b64encode(raw).decode()}"


def for_json(raw: bytes, *, is_json: bool) -> object:
    """The parsed value of JSON, None for nothing, base64 text for anything else."""
    if not raw:
        return None
    if is_json:
        try:
            return json.loads(raw, parse_constant=_refuse)
        except (ValueError, RecursionError):
            pass
    return base64.b64encode(raw).decode()


def _plan(reader: LogReader, stream: str, *, backwards: bool) -> Callable[[int, int], Page | None]:
    if stream == ALL_STREAM:
        return reader.all_backwards if backwards else reader.all_forwards
    read = reader.stream_backwards if backwards else reader.stream_forwards
    return lambda start, count: read(stream, start, count)


def _bounded(reader: LogReader, records: list[Record]) -> tuple[list[Record], Record | None]:
    """The records with their links followed, and the first for which there is no room."""
    resolved: list[Record] = []
    size = 0
    for record in records:
        if size > MAX_PAGE_BYTES:
            return resolved, record
        resolved.append(reader.resolve(record))
        size += len(resolved[-1].response)
    return resolved, None


def _event(record: Record) -> Event:
    read_event = streams_pb2.ReadResp.FromString(record.response).event
    if not read_event.HasField("event"):
        # A link that leads nowhere is shown as itself.
        return _recorded(read_event.link, record.position, None)
    link = read_event.link if read_event.HasField("link") else None
    place = (record.stream, record.revision) if link else None
    return _recorded(read_event.event, record.position, place)


def _recorded(event: _RecordedEvent, position: int, link: tuple[str, int] | None) -> Event:
    return Event(
        stream=event.stream_identifier.stream_name.decode(),
        number=event.stream_revision,
        type=event.metadata["type"],
        event_id=event.id.string,
        position=position,
        created=datetime.fromtimestamp(int(event.metadata["created"]) / TICKS_PER_SECOND, UTC),
        is_json=event.metadata["content-type"] == JSON,
        data=event.data,
        metadata=event.custom_metadata,
        link=link,
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
