"""Which orders came in of late, by where they came from: in the process, or shared in Redis.

Remembers ids and the order in which they came, for ten minutes, and knows nothing of what became of
them. While Redis is away the process remembers for itself.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

import structlog

REMEMBERED_SECONDS = 600
"""An order that no screen knows counts as open for so long: its projector may be away."""

MOST_KEYS = 10_000
PREFIX = "barstucks:recent-orders:"
DEADLINE = 0.15
AWAY_SECONDS = 1.0

log = structlog.get_logger(__name__)

Came = dict[str, list[str]]
"""By key: the orders that came before, the oldest first."""


class RecentOrders:
    """The memory of one process. Safe in several threads."""

    def __init__(self, clock: Callable[[], float] = time.time, most: int = MOST_KEYS) -> None:
        self._clock = clock
        self._most = most
        self._lock = threading.Lock()
        self._keys: OrderedDict[str, dict[str, float]] = OrderedDict()

    def enter(self, keys: Sequence[str], order: str) -> tuple[bool, Came]:
        """Note the order under each key, once. Whether it is new, and which came before it."""
        now = self._clock()
        came: Came = {}
        new = False
        with self._lock:
            for key in keys:
                orders = self._keys.setdefault(key, {})
                self._keys.move_to_end(key)
                while orders and orders[oldest := next(iter(orders))] < now - REMEMBERED_SECONDS:
                    del orders[oldest]
                new = new or order not in orders
                orders.setdefault(order, now)
                came[key] = _before(order, orders)
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)
        return new, came

    def leave(self, key: str, orders: Iterable[str]) -> None:
        """Forget these orders of a key."""
        with self._lock:
            kept = self._keys.get(key, {})
            for order in orders:
                kept.pop(order, None)
            if not kept:
                self._keys.pop(key, None)


class SharedRecentOrders:
    """The memory of all processes with the same Redis, as long as it responds."""

    def __init__(
        self,
        own: RecentOrders,
        url: str,
        clock: Callable[[], float] = time.time,
        prefix: str = PREFIX,
    ) -> None:
        from redis import Redis, RedisError  # a shop of one process has none

        self._own = own
        self._clock = clock
        self._prefix = prefix
        self._away_until = 0.0
        self._failures = (RedisError, OSError)
        self._redis = Redis.from_url(
            url,
            socket_timeout=DEADLINE,
            socket_connect_timeout=DEADLINE,
            decode_responses=True,
        )

    def enter(self, keys: Sequence[str], order: str) -> tuple[bool, Came]:
        """As `RecentOrders.enter`."""
        own = self._own.enter(keys, order)
        if self._clock() < self._away_until:
            return own
        now = self._clock()
        steps = self._redis.pipeline(transaction=True)
        for key in keys:
            name = self._prefix + key
            steps.zremrangebyscore(name, 0, now - REMEMBERED_SECONDS)
            steps.zadd(name, {order: now}, nx=True)
            steps.zrange(name, 0, -1)
            steps.expire(name, REMEMBERED_SECONDS + 60)
        try:
            results = steps.execute()
        except self._failures as wrong:
            self._is_away(wrong)
            return own
        added, found = results[1::4], results[2::4]
        came = {key: _before(order, orders) for key, orders in zip(keys, found, strict=True)}
        return any(added), came

    def leave(self, key: str, orders: Iterable[str]) -> None:
        """As `RecentOrders.leave`."""
        gone = list(orders)
        self._own.leave(key, gone)
        if not gone or self._clock() < self._away_until:
            return
        try:
            self._redis.zrem(self._prefix + key, *gone)
        except self._failures as wrong:
            self._is_away(wrong)

    def _is_away(self, wrong: Exception) -> None:
        self._away_until = self._clock() + AWAY_SECONDS
        log.warning("admission.redis_away", because=str(wrong) or type(wrong).__name__)


def _before(order: str, orders: Iterable[str]) -> list[str]:
    """The orders in front of this one."""
    came = list(orders)
    return came[: came.index(order)] if order in came else came
