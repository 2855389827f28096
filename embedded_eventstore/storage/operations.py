"""The operations of the log (append, delete, tombstone) and their outcomes.

Plain values between the gRPC services and the writer thread. Knows neither gRPC nor SQLite.
"""

from dataclasses import dataclass
from typing import NamedTuple

ANY = -2
"""Expected version: write whatever the stream looks like."""
NO_STREAM = -1
"""Expected version: the stream has no event yet (or was soft-deleted)."""
STREAM_EXISTS = -4
"""Expected version: the stream has at least one event, or metadata."""
TOMBSTONE = 2**63 - 1
"""Revision of the event that ends a stream for ever; as ``$tb`` it marks a soft-deleted stream."""


@dataclass(frozen=True, slots=True)
class ProposedEvent:
    """An event on its way into the log. ``event_id`` is the 16 bytes of its UUID."""

    event_id: bytes
    type: str
    is_json: bool
    metadata: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """Write all of ``events`` to ``stream``, or nothing."""

    stream: str
    expected: int
    events: tuple[ProposedEvent, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Soft-delete ``stream``: hide its events; a later append goes on with the numbering."""

    stream: str
    expected: int


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Delete ``stream`` for ever: nothing can be read from it or appended to it again."""

    stream: str
    expected: int


Operation = Append | Delete | Tombstone


@dataclass(frozen=True, slots=True)
class Together:
    """Operations in a row, at least one, in one transaction; a refused one is passed over."""

    operations: tuple[Operation, ...]


Transaction = Operation | Together


@dataclass(frozen=True, slots=True)
class Written:
    """Done and durable. ``position`` is None when there was nothing to write."""

    last_revision: int
    position: int | None


@dataclass(frozen=True, slots=True)
class WrongVersion:
    """Refused: the stream's last revision is ``last`` (-1: it has none), not what was expected."""

    expected: int
    last: int


@dataclass(frozen=True, slots=True)
class StreamIsGone:
    """Refused: the stream is tombstoned, or soft-deleted although it was expected to exist."""

    stream: str


Outcome = Written | WrongVersion | StreamIsGone


class Record(NamedTuple):
    """One committed event. ``response`` is the ready-made Read response, as protobuf bytes."""

    position: int
    stream: str
    revision: int
    type: str
    shown_in_all: int
    response: bytes
