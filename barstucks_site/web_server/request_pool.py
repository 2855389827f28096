"""A bounded pool of threads for one kind of request, so that no kind can hold another's threads.

Knows threads, and neither ASGI nor Django.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class PoolSize:
    """How many requests are at work at once, and how many more may wait for a thread."""

    threads: int
    waiting: int


class PoolFull(Exception):
    """Every thread is taken, and as many requests wait as may."""


class RequestPool:
    """Threads are made when first needed and live on."""

    def __init__(self, name: str, size: PoolSize) -> None:
        self._threads = ThreadPoolExecutor(size.threads, thread_name_prefix=f"request-{name}")
        self._most = size.threads + size.waiting
        self._under_way = 0
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Run it in a thread; cancelled before that, it never runs. Raises `PoolFull`."""
        with self._lock:
            if self._under_way >= self._most:
                raise PoolFull
            self._under_way += 1
        future = self._threads.submit(work)
        future.add_done_callback(self._leave)
        return future

    def _leave(self, _future: object) -> None:
        # When it has ended, not when nobody waits for it any more: until then it holds a thread.
        with self._lock:
            self._under_way -= 1
