"""Reads the log off the event loop, in a few threads, so that a slow disk delays nothing else.

A commit is on the disk a moment before the event loop hears of it. What was read in that moment is
held back until then, or what one reader has seen could be missing when the next asks memory.
Knows the log reader, the tail in memory and asyncio; knows nothing of gRPC.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from embedded_eventstore.storage.log_reader import LogReader, StreamTombstonedError
from embedded_eventstore.storage.recent_commits import RecentCommits

THREADS = 4

Result = TypeVar("Result")


class ReadingThreads:
    """A LogReader whose results are awaited."""

    def __init__(self, reader: LogReader, recent: RecentCommits) -> None:
        self.reader = reader
        self._recent = recent
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="log-reader")

    async def run(self, read: Callable[[], Result]) -> Result:
        """Call ``read`` in one of the threads; its result, once all that it saw is published."""

        def read_and_look() -> tuple[Result | StreamTombstonedError, int]:
            found: Result | StreamTombstonedError
            try:
                found = read()
            except StreamTombstonedError as tombstoned:
                found = tombstoned
            # Afterwards, so that nothing in what was found is newer.
            return found, self.reader.last_position()

        loop = asyncio.get_running_loop()
        found, seen = await loop.run_in_executor(self._threads, read_and_look)
        await self._recent.wait_beyond(seen - 1)
        if isinstance(found, StreamTombstonedError):
            raise found
        return found

    def close(self) -> None:
        """Wait for the reads that are going on, then close the files."""
        self._threads.shutdown(wait=True)
        self.reader.close()
