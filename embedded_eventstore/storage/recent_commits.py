"""The last few thousand committed events in memory, and a way to wait for more.

All live subscribers share it: each is a cursor over the log, and nobody has a queue of their own,
so a slow reader costs no memory. A commit wakes those who follow `$all` or one of its streams, and
nobody else. Lives in the event loop; knows neither SQLite nor gRPC.
"""

import asyncio
from bisect import bisect_right
from collections import Counter, defaultdict
from weakref import WeakValueDictionary

from embedded_eventstore.storage.operations import TOMBSTONE, Record

MAX_RECORDS = 4096
MAX_BYTES = 16 * 1024 * 1024
MAX_SLICE = 64

_ALL = None


class RecentCommits:
    """The tail of the log."""

    def __init__(self, last_position: int) -> None:
        self.last_position = last_position
        """The position of the newest committed event."""
        self.closed = False
        """Set when the server stops: subscriptions end."""
        self._complete_after = last_position
        self._records: list[Record] = []
        self._of_streams: defaultdict[str, list[Record]] = defaultdict(list)
        self._bytes = 0
        # Weak: nothing remains of a stream that nobody waits for any longer.
        self._news: WeakValueDictionary[str | None, asyncio.Event] = WeakValueDictionary()

    def publish(self, records: list[Record]) -> None:
        """Take in newly committed events and wake those who wait for one of them."""
        self._records += records
        self._bytes += sum(len(record.response) for record in records)
        self.last_position = records[-1].position
        for record in records:
            self._of_streams[record.stream].append(record)
        self._trim()
        for followed in (_ALL, *{record.stream for record in records}):
            self._ring(followed)

    def after(self, position: int) -> list[Record] | None:
        """The next few events after ``position``; None if some of them are no longer here."""
        if position < self._complete_after:
            return None
        return _after(self._records, position)

    def of_stream_after(self, stream: str, position: int) -> list[Record] | None:
        """The same of one stream."""
        if position < self._complete_after:
            return None
        return _after(self._of_streams.get(stream, []), position)

    def page_of_stream(
        self, stream: str, start: int, rows: int, *, backwards: bool
    ) -> list[Record] | None:
        """The next ``rows`` events from revision ``start`` on, fewer at the end of the stream.

        None unless it is certain from what is here. Does not know what metadata hides.
        """
        records = self._of_streams.get(stream)
        if not records or records[-1].revision == TOMBSTONE:
            return None
        first, last = records[0].revision, records[-1].revision
        if backwards:
            high = min(start, last)
            low = max(0, high - rows + 1)
        else:
            low = start
            high = min(low + rows - 1, last)
        if low < first:
            return None
        # A stream leaves no revision out.
        page = records[low - first : high - first + 1]
        return page[::-1] if backwards else page

    async def wait_beyond(self, position: int, stream: str | None = _ALL) -> None:
        """Return once there are events after ``position``, or the server stops.

        Of a stream: also when it is not known any more whether there are.
        """
        while not self.closed and not self._has_news(position, stream):
            news = self._news.get(stream)
            if news is None:
                news = self._news[stream] = asyncio.Event()
            await news.wait()

    def forget(self) -> None:
        """Drop what is in memory: some of it may have been removed from the log."""
        self._complete_after = self.last_position
        self._records.clear()
        self._of_streams.clear()
        self._bytes = 0

    def close(self) -> None:
        """Wake everybody for the last time."""
        self.closed = True
        for followed in list(self._news):
            self._ring(followed)

    def _has_news(self, position: int, stream: str | None) -> bool:
        if stream is _ALL:
            return self.last_position > position
        return self.of_stream_after(stream, position) != []

    def _ring(self, followed: str | None) -> None:
        news = self._news.pop(followed, None)
        if news is not None:
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
            self._drop_of_streams(self._records[:keep])
            del self._records[:keep]
        self._bytes = size

    def _drop_of_streams(self, oldest: list[Record]) -> None:
        for stream, count in Counter(record.stream for record in oldest).items():
            left = self._of_streams[stream][count:]
            if left:
                self._of_streams[stream] = left
            else:
                del self._of_streams[stream]


def _after(records: list[Record], position: int) -> list[Record]:
    if not records or records[-1].position <= position:
        return []
    start = bisect_right(records, position, key=_position)
    return records[start : start + MAX_SLICE]


def _position(record: Record) -> int:
    return record.position
