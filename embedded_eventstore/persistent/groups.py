"""All groups of the server: kept in the log, running in memory, and the clock they share."""

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial

from embedded_eventstore.persistent import refusals, settings
from embedded_eventstore.persistent.bookkeeping import (
    CONFIG_STREAM,
    Bookkeeping,
    last_data,
    last_revision_of,
)
from embedded_eventstore.persistent.running_group import RunningGroup
from embedded_eventstore.persistent.settings import ALL, GroupEntry
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage.log_reader import StreamTombstonedError
from embedded_eventstore.storage.operations import ANY, Append, ProposedEvent
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.stream_metadata import metastream_of
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.streams.append_service import write

CONFIG_TYPE = "$PersistentConfig"
CLOCK_SECONDS = 1.0
"""The original's. A finer clock would take messages away that are just being acknowledged."""

logger = logging.getLogger(__name__)


class Groups:
    """Begins with ``start``, ends with ``stop``. Changes happen one after the other."""

    def __init__(self, threads: ReadingThreads, recent: RecentCommits, writer: Writer) -> None:
        self._threads = threads
        self._recent = recent
        self._writer = writer
        self._running: dict[str, RunningGroup] = {}
        self._changing = asyncio.Lock()
        self._changes: set[asyncio.Task[None]] = set()
        self._described = False
        self._clock: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the groups kept in the log, as far as they can be parsed."""
        try:
            raw = await self._threads.run(partial(last_data, self._threads, CONFIG_STREAM))
            self._described = raw is not None
            entries = settings.from_json(raw) if raw else []
        except (settings.UnreadableConfigError, StreamTombstonedError) as error:
            logger.error("no persistent subscription is started", exc_info=error)
            entries = []
        for entry in entries:
            self._running[entry.key] = await self._start(entry)
        self._clock = asyncio.get_running_loop().create_task(self._tick())

    async def stop(self) -> None:
        """Disconnect all consumers, and finish what is being written."""
        if self._clock is not None:
            self._clock.cancel()
        await asyncio.gather(*self._changes, return_exceptions=True)
        for group in self._running.values():
            group.stop(errors.shutting_down())
        for group in self._running.values():
            await group.finished()

    def find(self, stream: str, group: str) -> RunningGroup:
        """Raises CallRefusedError."""
        found = self._running.get(f"{stream}::{group}")
        if found is None:
            raise refusals.does_not_exist(stream, group)
        return found

    def of_stream(self, stream: str | None) -> list[RunningGroup]:
        """The groups of a stream; None: of all there are."""
        return [group for group in self._running.values() if stream in (None, group.entry.stream)]

    async def end_of(self, stream: str) -> int:
        """The last revision or position there is."""
        if stream == ALL:
            return self._recent.last_position
        return await self._threads.run(partial(self._threads.reader.last_revision, stream))

    async def create(self, entry: GroupEntry) -> None:
        """Raises CallRefusedError."""
        await self._change(partial(self._create, entry))

    async def update(self, entry: GroupEntry) -> None:
        """Raises CallRefusedError."""
        await self._change(partial(self._update, entry))

    async def delete(self, stream: str, group: str) -> None:
        """Raises CallRefusedError."""
        await self._change(partial(self._delete, stream, group))

    async def restart(self) -> None:
        """Stop all groups and start them again from what is kept."""
        await self._change(self._restart)

    async def _change(self, change: Callable[[], Coroutine[None, None, None]]) -> None:
        """Carry out a change to its end, also when its client is gone."""
        task = asyncio.get_running_loop().create_task(self._one_by_one(change))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        await asyncio.shield(task)

    async def _one_by_one(self, change: Callable[[], Coroutine[None, None, None]]) -> None:
        async with self._changing:
            await change()

    async def _create(self, entry: GroupEntry) -> None:
        if entry.key in self._running:
            raise refusals.exists(entry.stream, entry.group)
        books = Bookkeeping(entry.key, self._threads, self._writer)
        if not (await books.load()).is_empty:
            # Left behind by a group of the same name, when its deletion was cut short.
            await books.delete()
        await self._keep([*self._entries(), entry])
        self._running[entry.key] = await self._start(entry)

    async def _update(self, entry: GroupEntry) -> None:
        old = self.find(entry.stream, entry.group)
        entry = old.entry.replaced_by(entry)
        await self._keep([entry if kept.key == entry.key else kept for kept in self._entries()])
        old.stop(refusals.dropped(entry.stream, entry.group))
        await old.finished()
        self._running[entry.key] = await self._start(entry)

    async def _delete(self, stream: str, group: str) -> None:
        deleted = self.find(stream, group)
        await self._keep([kept for kept in self._entries() if kept is not deleted.entry])
        del self._running[deleted.entry.key]
        deleted.stop(refusals.dropped(stream, group))
        await deleted.finished()
        await Bookkeeping(deleted.entry.key, self._threads, self._writer).delete()

    async def _restart(self) -> None:
        for key, group in list(self._running.items()):
            group.stop(refusals.dropped(group.entry.stream, group.entry.group))
            await group.finished()
            self._running[key] = await self._start(group.entry)

    async def _start(self, entry: GroupEntry) -> RunningGroup:
        return await RunningGroup.start(entry, self._threads, self._recent, self._writer)

    def _entries(self) -> list[GroupEntry]:
        return [group.entry for group in self._running.values()]

    async def _keep(self, entries: list[GroupEntry]) -> None:
        if not self._described:
            await self._append(metastream_of(CONFIG_STREAM), "$metadata", b'{"$maxCount":2}')
            self._described = True
        raw = settings.to_json(entries, datetime.now(UTC))
        await self._append(CONFIG_STREAM, CONFIG_TYPE, raw)

    async def _append(self, stream: str, type_name: str, raw: bytes) -> None:
        event = ProposedEvent(uuid.uuid4().bytes, type_name, True, b"", raw)
        append = Append(stream, ANY, (event,))
        last_revision_of(append, await write(self._writer, append, None))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_SECONDS)
            for group in self._running.values():
                group.tick()
