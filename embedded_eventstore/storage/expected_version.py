"""Decides whether an append is new, was written before, or has a wrong expected version.

The rules of Eventstore's ``IndexWriter.CheckCommit``, as a pure function. Knows no storage: whoever
calls it says what the stream looks like and where an event id was recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from embedded_eventstore.storage.operations import ANY, NO_STREAM, STREAM_EXISTS, TOMBSTONE


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a stream looks like. ``last`` is the revision of its last event, -1 if it has none."""

    last: int
    soft_deleted: bool = False
    has_metadata: bool = False

    @property
    def tombstoned(self) -> bool:
        return self.last == TOMBSTONE


class RecordedIds(Protocol):
    """Where the event ids of one stream are recorded, truncated and deleted events included."""

    def id_at(self, revision: int) -> bytes | None: ...

    def revision_of(self, event_id: bytes) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """Write it, from revision ``last + 1`` on."""


@dataclass(frozen=True, slots=True)
class WrittenBefore:
    """The very same events are recorded already; ``last_revision`` is that of the last of them."""

    last_revision: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """The stream is not at the expected version."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The stream is deleted."""


Verdict = Accepted | WrittenBefore | Wrong | Gone


def judge(
    expected: int, stream: StreamFacts, event_ids: Sequence[bytes], recorded: RecordedIds
) -> Verdict:
    """Decide about an append of ``event_ids``; the order of the rules is part of the protocol."""
    if stream.tombstoned:
        return Gone()
    if expected == STREAM_EXISTS:
        if stream.soft_deleted:
            return Gone()
        if stream.last < 0 and not stream.has_metadata:
            return Wrong()
    if expected in (ANY, STREAM_EXISTS):
        return _judge_by_id(event_ids, recorded)
    if expected < stream.last:
        return _judge_repeat(expected, stream, event_ids, recorded)
    return Accepted() if expected == stream.last else Wrong()


def _judge_by_id(event_ids: Sequence[bytes], recorded: RecordedIds) -> Verdict:
    """Without an expected revision only the ids can show a repeat; the first one decides."""
    revision: int | None = None
    for index, event_id in enumerate(event_ids):
        revision = recorded.revision_of(event_id)
        if revision is None:
            return Accepted() if index == 0 else Wrong()
    return Accepted() if revision is None else WrittenBefore(revision)


def _judge_repeat(
    expected: int, stream: StreamFacts, event_ids: Sequence[bytes], recorded: RecordedIds
) -> Verdict:
    """The stream has moved on: fine if it moved on by exactly these events."""
    if not event_ids:
        return Wrong()
    for revision, event_id in enumerate(event_ids, start=expected + 1):
        if recorded.id_at(revision) == event_id:
            continue
        is_first = revision == expected + 1
        starts_anew = expected == NO_STREAM and stream.soft_deleted
        return Accepted() if is_first and starts_anew else Wrong()
    return WrittenBefore(expected + len(event_ids))
