"""Which links an event gets: the rules of ``$by_category``, ``$by_event_type`` and ``$streams``.

Pure; knows neither the log nor how links are written. The rules are those of Eventstore's own
standard projections.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass

from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.storage.recorded_event import LINK_TYPE
from embedded_eventstore.storage.stream_metadata import (
    is_metastream,
    parse_truncation,
    stream_described_by,
)

BY_CATEGORY = "$by_category"
BY_EVENT_TYPE = "$by_event_type"
STREAMS = "$streams"
NAMES = (BY_CATEGORY, BY_EVENT_TYPE, STREAMS)

CATEGORY_PREFIX = "$ce-"
EVENT_TYPE_PREFIX = "$et-"
_SEPARATOR = "-"
_DELETED = "$deleted"


@dataclass(frozen=True, slots=True)
class Source:
    """What the rules want to know of an event."""

    stream: str
    revision: int
    type: str
    is_json: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the link stream ``stream``; ``target`` is ``revision@stream``.

    ``deletes`` says that it tells of a stream's end.
    """

    stream: str
    target: bytes
    deletes: bool = False


def links_of(source: Source, names: Collection[str] = NAMES) -> list[Link]:
    """The links that the projections ``names`` write for an event, at most one each."""
    if source.is_json and not _is_valid_json(source.data):
        # Claims to be what it is not: the original passes over it.
        return []
    ended = _stream_ended_by(source)
    found = (rule(source, ended) for name, rule in _RULES.items() if name in names)
    return [link for link in found if link]


def projection_of(link_stream: str) -> str | None:
    """The name of the projection that writes to this stream; None if none does."""
    if link_stream.startswith(CATEGORY_PREFIX):
        return BY_CATEGORY
    if link_stream.startswith(EVENT_TYPE_PREFIX):
        return BY_EVENT_TYPE
    return STREAMS if link_stream == STREAMS else None


def category_of(stream: str) -> str | None:
    """What stands before the first dash; system streams and names without a dash have none."""
    category, separator, _ = stream.partition(_SEPARATOR)
    return category if separator and category and not stream.startswith("$") else None


def _by_category(source: Source, ended: str | None) -> Link | None:
    category = category_of(source.stream if ended is None else ended)
    if category is None:
        return None
    # A link is passed on: whoever follows the category sees the event it points to.
    target = source.data if source.type == LINK_TYPE else _link_to(source.revision, source.stream)
    return Link(CATEGORY_PREFIX + category, target, ended is not None)


def _by_event_type(source: Source, ended: str | None) -> Link | None:
    if source.type == LINK_TYPE:
        return None
    if ended is not None:
        return Link(EVENT_TYPE_PREFIX + _DELETED, _link_to(source.revision, ended), True)
    return Link(EVENT_TYPE_PREFIX + source.type, _link_to(source.revision, source.stream))


def _of_stream(source: Source, ended: str | None) -> Link | None:
    return Link(STREAMS, _link_to(0, source.stream)) if source.revision == 0 else None


_RULES = {BY_CATEGORY: _by_category, BY_EVENT_TYPE: _by_event_type, STREAMS: _of_stream}


def _stream_ended_by(source: Source) -> str | None:
    """The stream that this event deletes, softly or for ever."""
    if source.revision == TOMBSTONE:
        return source.stream
    if is_metastream(source.stream) and parse_truncation(source.data).soft_deleted:
        return stream_described_by(source.stream)
    return None


def _link_to(revision: int, stream: str) -> bytes:
    return f"{revision}@{stream}".encode()


def _is_valid_json(data: bytes) -> bool:
    try:
        json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
