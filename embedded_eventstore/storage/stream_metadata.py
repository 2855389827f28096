"""Stream metadata: which events of a stream are still to be seen.

``$tb``, ``$maxCount`` and ``$maxAge`` hide events from stream reads and link resolution, never from
``$all``. Pure rules over JSON; knows no storage.
"""

import json
from dataclasses import dataclass

from embedded_eventstore.storage.operations import TOMBSTONE

METASTREAM_PREFIX = "$$"
TICKS_PER_SECOND = 10_000_000
"""Eventstore counts time in units of 100 ns."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """The part of a stream's metadata that hides events. ``max_age`` is in seconds."""

    before: int = 0
    max_count: int | None = None
    max_age: int | None = None

    @property
    def soft_deleted(self) -> bool:
        return self.before == TOMBSTONE

    def first_kept(self, last: int) -> int:
        """The lowest revision still to be seen in a stream whose last revision is ``last``."""
        if self.max_count is None:
            return self.before
        return max(self.before, last - self.max_count + 1)

    def oldest_kept(self, now: int) -> int:
        """The earliest moment still to be seen; both in ticks since 1970."""
        return 0 if self.max_age is None else max(0, now - self.max_age * TICKS_PER_SECOND)


NOTHING_HIDDEN = Truncation()
ONLY_THE_LAST = Truncation(max_count=1)
"""How a metadata stream itself is read."""


def is_metastream(stream: str) -> bool:
    return stream.startswith(METASTREAM_PREFIX)


def metastream_of(stream: str) -> str:
    return METASTREAM_PREFIX + stream


def stream_described_by(metastream: str) -> str:
    return metastream.removeprefix(METASTREAM_PREFIX)


def parse_object(raw: bytes) -> dict[str, object] | None:
    """The JSON object in ``raw``; None for anything else."""
    try:
        parsed = json.loads(raw)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def parse_truncation(raw: bytes) -> Truncation:
    """Read the hiding rules; malformed JSON or a value of the wrong type hides nothing at all."""
    metadata = parse_object(raw) or {}
    before, max_count, max_age = (metadata.get(key) for key in ("$tb", "$maxCount", "$maxAge"))
    if not all(_is_count_or_missing(value) for value in (before, max_count, max_age)):
        return NOTHING_HIDDEN
    assert before is None or isinstance(before, int)
    assert max_count is None or isinstance(max_count, int)
    assert max_age is None or isinstance(max_age, int)
    return Truncation(before or 0, max_count or None, max_age or None)


def soft_deletion() -> bytes:
    """The metadata that hides a whole stream."""
    return json.dumps({"$tb": TOMBSTONE}, separators=(",", ":")).encode()


def recreated_from(raw: bytes, first_revision: int) -> bytes | None:
    """The metadata of a soft-deleted stream that lives again; None when ``raw`` is not JSON."""
    metadata = parse_object(raw)
    if metadata is None:
        return None
    return json.dumps({**metadata, "$tb": first_revision}, separators=(",", ":")).encode()


def _is_count_or_missing(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TOMBSTONE
