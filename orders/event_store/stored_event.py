"""What goes into the log and comes out of it, and how the log can fail. Plain values, no client."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class StoredEvent:
    """One event as the log has it."""

    event_id: UUID
    type_name: str
    data: bytes
    metadata: bytes
    stream: str
    revision: int  # 0, 1, 2 … within the stream
    position: int  # commit position in the whole log
    recorded_at: datetime  # the log's own clock, UTC


@dataclass(frozen=True, kw_only=True)
class NewStoredEvent:
    """One event to be written."""

    event_id: UUID
    type_name: str
    data: bytes
    metadata: bytes


class Place(NamedTuple):
    """An event's place in the log: two logs differ where they have different events."""

    position: int
    event_id: UUID | None = None  # None where nobody wrote it down


class EventStoreError(Exception):
    """The log refused or failed; `sentence` is for the person at the screen."""

    code: ClassVar[str]
    sentence: ClassVar[str]

    def __str__(self) -> str:
        return " ".join((self.sentence, *map(str, self.args)))


class WrongRevision(EventStoreError):
    """Somebody else wrote to the stream first: load it and decide again."""

    code = "wrong_revision"
    sentence = "Somebody else was a moment faster."


class StoreUnavailable(EventStoreError):
    """The log cannot be reached or takes nothing; certainly nothing was written."""

    code = "store_unavailable"
    sentence = "The shop cannot write anything down just now. Nothing was saved; please try again."


class StorageFull(StoreUnavailable):
    """There is no room to write; certainly nothing was written."""

    code = "storage_full"
    sentence = "We are not taking orders right now: the shop's disk is full. Nothing was saved."


class OutcomeUnknown(EventStoreError):
    """The log did not respond in time: it may have written, or not. Repeat with the same id."""

    code = "outcome_unknown"
    sentence = "We are checking whether that went through. Please do not send it anew."
