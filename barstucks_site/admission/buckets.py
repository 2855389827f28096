"""The token buckets of one process: bounded in number, in memory, gone when it ends.

Used on the event loop only, so without a lock. Knows keys and rates, and not what they stand for.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from barstucks_site.admission.token_bucket import Bucket, Rate

MOST_BUCKETS = 50_000
"""About 10 MB. Beyond it the one not used for the longest time is forgotten, and so is full again;
the buckets of the totals are used all the time."""

Demand = tuple[str, Rate]
"""The key of a bucket, and what it allows."""


class Buckets:
    """Buckets by key. `clock` gives seconds and never goes back."""

    def __init__(self, clock: Callable[[], float], most: int = MOST_BUCKETS) -> None:
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, demands: Sequence[Demand]) -> list[float]:
        """Take a token from every bucket, or none at all if one of them is empty.

        The seconds until each has one; all 0 if they were taken.
        """
        now = self._clock()
        held = [self._tokens(key, rate, now) for key, rate in demands]
        waits = [rate.wait(tokens) for (_, rate), tokens in zip(demands, held, strict=True)]
        if not any(waits):
            for (key, _), tokens in zip(demands, held, strict=True):
                self._put(key, Bucket(tokens - 1, now))
        return waits

    def give_back(self, demands: Sequence[Demand]) -> None:
        """Put a token back into every bucket."""
        now = self._clock()
        for key, rate in demands:
            tokens = self._tokens(key, rate, now)
            self._put(key, Bucket(min(rate.at_once, tokens + 1), now))

    def _tokens(self, key: str, rate: Rate, now: float) -> float:
        bucket = self._buckets.get(key)
        return rate.at_once if bucket is None else rate.tokens(bucket.tokens, now - bucket.at)

    def _put(self, key: str, bucket: Bucket) -> None:
        self._buckets[key] = bucket
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
