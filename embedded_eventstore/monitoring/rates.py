"""Counting per second, and the spread of some durations, over the last few minutes.

Bounded in memory however much is counted. Knows nothing of what is counted.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

REMEMBERED_SECONDS = 300
REMEMBERED_DURATIONS = 20_000

Clock = Callable[[], float]


class PerSecond:
    """How often something happened in each of the last seconds. For one thread."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._counts: deque[list[int]] = deque(maxlen=REMEMBERED_SECONDS)
        self.total = 0

    def add(self, count: int = 1) -> None:
        second = int(self._clock())
        self.total += count
        if self._counts and self._counts[-1][0] == second:
            self._counts[-1][1] += count
        else:
            self._counts.append([second, count])

    def of_the_last(self, seconds: int) -> list[int]:
        """The count of each whole second, oldest first; the one that is going on is left out."""
        now = int(self._clock())
        # A copy first: another thread may be counting meanwhile.
        counts = {second: count for second, count in self._counts.copy()}  # noqa: C416
        return [counts.get(second, 0) for second in range(now - seconds, now)]

    def rate(self, seconds: int = 5) -> float:
        """The mean per second over the last few."""
        return sum(self.of_the_last(seconds)) / seconds


@dataclass(frozen=True, slots=True)
class Spread:
    """Of ``count`` durations, in seconds; all 0 when there were none."""

    count: int
    last: float
    median: float
    p99: float
    longest: float


class Durations:
    """How long something took, over the last minutes. Any thread may add."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._taken: deque[tuple[float, float]] = deque(maxlen=REMEMBERED_DURATIONS)

    def add(self, seconds: float) -> None:
        self._taken.append((self._clock(), seconds))

    def spread(self) -> Spread:
        since = self._clock() - REMEMBERED_SECONDS
        taken = [seconds for moment, seconds in self._taken.copy() if moment >= since]
        if not taken:
            return Spread(0, 0.0, 0.0, 0.0, 0.0)
        ranked = sorted(taken)
        count = len(ranked)
        return Spread(count, taken[-1], ranked[count // 2], ranked[count * 99 // 100], ranked[-1])
