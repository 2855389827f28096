"""A bounded pool of threads for one kind of request, so that no kind can hold another's threads.

Also the pace at which those are refused who find no place. Knows threads, and neither ASGI nor
Django.
"""

import threading
import time
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


REFUSED_AT_ONCE = 50
"""So many are refused without delay after a quiet second."""

REFUSED_PER_SECOND = 200.0
"""Refusing takes a millisecond of the event loop: a fifth of it may go into that."""

LONGEST_DELAY = 1.0
"""Seconds that a refusal may be held back."""


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


class RefusalPace:
    """Spaces out refusals when there are many: a loop that comes back at once then asks seldom.

    Without it two hundred connections that send the next request as soon as the last is refused
    keep the event loop busy with refusing. Of one event loop.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = 0.0

    def delay(self) -> float:
        """Seconds to hold back the next refusal; 0 unless there were many of late."""
        now = self._clock()
        burst = REFUSED_AT_ONCE / REFUSED_PER_SECOND
        self._next = min(max(self._next, now - burst) + 1 / REFUSED_PER_SECOND, now + LONGEST_DELAY)
        return max(0.0, self._next - now)
