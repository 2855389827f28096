"""The last few thousand committed events in memory, and a way to wait for more.

All live subscribers share it: each is a cursor over the log, and nobody has a queue of their own,
so a slow reader costs no memory. Lives in the event loop; knows neither SQLite nor gRPC.
"""

import asyncio
from bisect import bisect_right

from embedded_eventstore.storage.operations import Record

MAX_RECORDS = 4096
MAX_BYTES = 16 * 1024 * 1024
MAX_SLICE = 64


class RecentCommits:
    """The tail of the log."""

    def __init__(self, last_position: int) -> None:
        self.last_position = last_position
        """The position of the newest committed event."""
        self.closed = False
        """Set when the server stops: subscriptions end."""
        self._complete_after = last_position
        self._records: list[Record] = []
        self._bytes = 0
        self._news = asyncio.Event()

    def publish(self, records: list[Record]) -> None:
        """Take in newly committed events and wake everybody who waits."""
        self._records += records
        self._bytes += sum(len(record.response) for record in records)
        self.last_position = records[-1].position
        self._trim()
        self._ring()

    def after(self, position: int) -> list[Record] | None:
        """The next few events after ``position``; None if some of them are no longer here."""
        if position < self._complete_after:
            return None
        if position >= self.last_position:
            return []
        start = bisect_right(self._records, position, key=lambda record: record.position)
        return self._records[start : start + MAX_SLICE]

    async def wait_beyond(self, position: int) -> None:
        """Return once there are events after ``position``, or the server stops."""
        while self.last_position <= position and not self.closed:
            await self._news.wait()

    def forget(self) -> None:
        """Drop what is in memory: some of it may have been removed from the log."""
        self._complete_after = self.last_position
        self._records.clear()
        self._bytes = 0

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed = True
        self._ring()

    def _ring(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _trim(self) -> None:
        if len(self._records) <= 2 * MAX_RECORDS and self._bytes <= 2 * MAX_BYTES:
            return
        keep, size = len(self._records), 0
        while keep and len(self._records) - keep < MAX_RECORDS and size <= MAX_BYTES:
            keep -= 1
            size += len(self._records[keep].response)
        if keep:
            self._complete_after = self._records[keep - 1].position
            del self._records[:keep]
        self._bytes = size
