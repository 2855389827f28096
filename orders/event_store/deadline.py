"""Until when a caller waits: whatever happens on its behalf ends before, or is not begun.

Set where a request arrives, read right before each call to the log: work whose caller has been
told something else meanwhile is dropped before it appends. Code without a caller (a follower, a
command) has no deadline. Knows neither requests nor the log.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float] = ContextVar("answer_until", default=math.inf)


@contextmanager
def answering_until(moment: float) -> Iterator[None]:
    """What runs inside answers before `moment`, in seconds of `time.monotonic`."""
    before = _until.set(moment)
    try:
        yield
    finally:
        _until.reset(before)


def seconds_left() -> float:
    """Seconds that the caller still waits; negative when it does no more, infinite without one."""
    return _until.get() - time.monotonic()
