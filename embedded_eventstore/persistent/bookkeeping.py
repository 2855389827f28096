"""What a group keeps in the log: its checkpoint and its parked messages, as ordinary events.

The names of streams and types are the original's. Knows the writer and the reader; knows no rules.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from embedded_eventstore.persistent.settings import position_of
from embedded_eventstore.storage.log_reader import Page, StreamTombstonedError
from embedded_eventstore.storage.operations import (
    ANY,
    TOMBSTONE,
    Append,
    Delete,
    Outcome,
    ProposedEvent,
    Written,
)
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recorded_event import LINK_TYPE, payload_of
from embedded_eventstore.storage.stream_metadata import metastream_of
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.streams.append_service import write

CONFIG_STREAM = "$persistentSubscriptionConfig"
CHECKPOINT_TYPE = "$SubscriptionCheckpoint"

Result = TypeVar("Result")


class NotWrittenError(Exception):
    """The log refused an event of ours; the argument says why."""


@dataclass(frozen=True, slots=True)
class KeptState:
    """What was found of a group. ``parked`` are revisions: the first kept one, and the last."""

    checkpoint: int | None
    parked: tuple[int, int]

    @property
    def is_empty(self) -> bool:
        first, last = self.parked
        return self.checkpoint is None and first > last


class Bookkeeping:
    """Reads and writes what belongs to one group. Writes raise NotWrittenError, or as `write`."""

    def __init__(self, key: str, threads: ReadingThreads, writer: Writer) -> None:
        self._threads = threads
        self._writer = writer
        self._checkpoints = f"$persistentsubscription-{key}-checkpoint"
        self.parked_stream = f"$persistentsubscription-{key}-parked"
        self._described = False

    async def load(self) -> KeptState:
        """What was kept before."""
        raw = await self._read(partial(last_data, self._threads, self._checkpoints))
        self._described = raw is not None
        last = await self._read(partial(self._threads.reader.last_revision, self.parked_stream))
        kept = await self.parked_page(0, 1)
        assert last is not None
        first = kept.records[0].revision if kept and kept.records else last + 1
        return KeptState(None if raw is None else position_of(json.loads(raw)), (first, last))

    async def parked_page(self, start: int, rows: int) -> Page | None:
        """Parked messages from a revision on, with what they lead to."""
        return await self._read(
            partial(
                self._threads.reader.stream_forwards,
                self.parked_stream,
                start,
                rows,
                resolve_links=True,
            )
        )

    async def write_checkpoint(self, position: str) -> None:
        if not self._described:
            await self._append(metastream_of(self._checkpoints), "$metadata", b'{"$maxCount":2}')
            self._described = True
        await self._append(self._checkpoints, CHECKPOINT_TYPE, json.dumps(position).encode())

    async def park(self, link: bytes, event_id: bytes, reason: str, revision: int) -> int:
        """Keep a link to an event; the revision among the parked. Again with the id: once."""
        metadata = {
            "added": datetime.now(UTC).isoformat(),
            "reason": reason,
            "subscriptionEventNumber": revision,
        }
        event = ProposedEvent(event_id, LINK_TYPE, False, json.dumps(metadata).encode(), link)
        return await self._execute(Append(self.parked_stream, ANY, (event,)))

    async def forget_parked_before(self, revision: int) -> None:
        raw = b'{"$tb":%d}' % revision
        await self._append(metastream_of(self.parked_stream), "$metadata", raw)

    async def delete(self) -> None:
        """Hide what there is of the group, so that one of the same name begins anew."""
        for stream in (self._checkpoints, self.parked_stream):
            # Refused when there is nothing; what is still on its way to the log is there by then.
            await write(self._writer, Delete(stream, ANY), None)

    async def _append(self, stream: str, type_name: str, raw: bytes) -> None:
        event = ProposedEvent(uuid.uuid4().bytes, type_name, True, b"", raw)
        await self._execute(Append(stream, ANY, (event,)))

    async def _execute(self, append: Append) -> int:
        return last_revision_of(append, await write(self._writer, append, None))

    async def _read(self, read: Callable[[], Result]) -> Result | None:
        """None when the stream is deleted for ever."""
        try:
            return await self._threads.run(read)
        except StreamTombstonedError:
            return None


def last_revision_of(append: Append, outcome: Outcome) -> int:
    """Raises NotWrittenError."""
    if isinstance(outcome, Written):
        return outcome.last_revision
    raise NotWrittenError(f"{append.stream} cannot be written: {outcome}.")


def last_data(threads: ReadingThreads, stream: str) -> bytes | None:
    """The data of a stream's last event; to be called in a reading thread."""
    page = threads.reader.stream_backwards(stream, TOMBSTONE, 1)
    return payload_of(page.records[0].response)[1] if page and page.records else None
