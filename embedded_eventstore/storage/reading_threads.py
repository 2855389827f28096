"""Reads the log off the event loop, in a few threads, so that a slow disk delays nothing else.

Knows the log reader and asyncio; knows nothing of gRPC.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from embedded_eventstore.storage.log_reader import LogReader

THREADS = 4

Result = TypeVar("Result")


class ReadingThreads:
    """A LogReader whose results are awaited."""

    def __init__(self, reader: LogReader) -> None:
        self.reader = reader
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="log-reader")

    async def run(self, read: Callable[[], Result]) -> Result:
        """Call ``read`` in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, read)

    def close(self) -> None:
        """Wait for the reads that are going on, then close the files."""
        self._threads.shutdown(wait=True)
        self.reader.close()
