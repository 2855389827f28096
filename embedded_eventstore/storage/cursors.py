"""Cursors that follow the log: the next events, from memory if they are there, else from the disk.

Between a page from the disk and the tail in memory nothing is lost or doubled, because a cursor
remembers what it has passed, not where it reads. An empty result means: caught up, for now. Knows
nothing of gRPC, of filters, or of who follows.
"""

from functools import partial
from typing import Protocol

from embedded_eventstore.storage.log_reader import MAX_PAGE_ROWS, Page, StreamTombstonedError
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits

_NOWHERE = -2
"""A position from which memory is never complete."""


class Cursor(Protocol):
    """Follows ``$all`` or one stream."""

    async def next(self) -> list[Record]:
        """Some events in order; none when there are no more at the moment.

        Raises StreamTombstonedError when a stream was deleted for ever.
        """

    async def wait(self) -> None:
        """Return once there may be more, or the server stops."""


class AllCursor:
    """Follows ``$all``, without the events that it hides."""

    def __init__(self, threads: ReadingThreads, recent: RecentCommits, position: int) -> None:
        """Begin after ``position``."""
        self._threads = threads
        self._recent = recent
        self.position = position
        """Everything up to here was looked at."""

    async def next(self) -> list[Record]:
        while True:
            records = self._recent.after(self.position)
            if records is None:
                # The head before the page is read: a page that is not full is complete up to there.
                head = self._recent.last_position
                page = await self._threads.run(
                    partial(self._threads.reader.all_forwards, self.position + 1, MAX_PAGE_ROWS)
                )
                records = page.records
                if page.next is None:
                    self.position = head
            elif not records:
                return []
            if records:
                self.position = max(self.position, records[-1].position)
            shown = [record for record in records if record.shown_in_all]
            if shown:
                return shown

    async def wait(self) -> None:
        await self._recent.wait_beyond(self.position)


class StreamCursor:
    """Follows one stream, which need not exist yet."""

    def __init__(
        self, threads: ReadingThreads, recent: RecentCommits, stream: str, revision: int
    ) -> None:
        """Begin after ``revision``."""
        self._threads = threads
        self._recent = recent
        self._stream = stream
        self._revision = revision
        self._position = _NOWHERE

    async def next(self) -> list[Record]:
        if self._revision == TOMBSTONE:
            raise StreamTombstonedError(self._stream)
        while True:
            records = self._recent.of_stream_after(self._stream, self._position)
            if records is None:
                # The head before the page is read: a page that is not full is complete up to there.
                head = self._recent.last_position
                page = await self._page()
                records = page.records if page else []
                if page is None or page.next is None:
                    self._position = head
            elif records:
                self._position = records[-1].position
            else:
                self._position = self._recent.last_position
                return []
            ours = [record for record in records if record.revision > self._revision]
            if ours:
                self._revision = ours[-1].revision
                return ours

    async def wait(self) -> None:
        await self._recent.wait_beyond(self._position, self._stream)

    async def _page(self) -> Page | None:
        return await self._threads.run(
            partial(
                self._threads.reader.stream_forwards,
                self._stream,
                self._revision + 1,
                MAX_PAGE_ROWS,
            )
        )
