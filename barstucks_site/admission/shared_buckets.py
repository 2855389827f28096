"""Token buckets that several web processes share, in Redis; without it each counts for itself.

Every call has a deadline. While Redis is away the process's own buckets decide, and Redis is asked
again after a second, so that its absence costs one request in a second and not all of them.
"""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from barstucks_site.admission.buckets import Buckets, Demand

PREFIX = "barstucks:limit:"
DEADLINE = 0.15
"""Seconds a call may take; Redis on the same network answers in one hundredth of that."""

AWAY_SECONDS = 1.0
TAKE = """
local cost = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held, waits, enough = {}, {}, true
for n, key in ipairs(KEYS) do
  local most, rate = tonumber(ARGV[2 * n]), tonumber(ARGV[2 * n + 1])
  local bucket = redis.call('HMGET', key, 'tokens', 'at')
  local tokens, at = tonumber(bucket[1] or most), tonumber(bucket[2] or now)
  tokens = math.min(most, tokens + math.max(0, now - at) * rate)
  held[n] = tokens
  local wait = math.max(0, (cost - tokens) / rate)
  if wait > 0 then enough = false end
  waits[n] = tostring(wait)
end
if enough then
  for n, key in ipairs(KEYS) do
    local most, rate = tonumber(ARGV[2 * n]), tonumber(ARGV[2 * n + 1])
    local tokens = math.min(most, held[n] - cost)
    redis.call('HSET', key, 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', key, math.ceil(1000 * most / rate) + 1000)
  end
end
return waits
"""
"""Takes ARGV[1] tokens (-1 puts one back) from all buckets or from none, by Redis' own clock."""

log = structlog.get_logger(__name__)


class SharedBuckets:
    """Buckets by key, shared by all processes with the same Redis, as long as it responds."""

    def __init__(
        self, own: Buckets, url: str | None, clock: Callable[[], float], prefix: str = PREFIX
    ) -> None:
        self._own = own
        self._clock = clock
        self._prefix = prefix
        self._away_until = 0.0
        self._script = None
        self._failures: tuple[type[Exception], ...] = (OSError, TimeoutError)
        if url is not None:
            from redis.asyncio import Redis, RedisError  # a shop of one process has none

            self._failures = (RedisError, *self._failures)
            redis = Redis.from_url(url, socket_timeout=DEADLINE, socket_connect_timeout=DEADLINE)
            self._script = redis.register_script(TAKE)

    async def take(self, demands: Sequence[Demand]) -> list[float]:
        """As `Buckets.take`. What this process has used up by itself needs no question."""
        waits = self._own.take(demands)
        if any(waits):
            return waits
        shared = await self._ask(demands, 1)
        if shared is None or not any(shared):
            return waits
        self._own.give_back(demands)
        return shared

    async def give_back(self, demands: Sequence[Demand]) -> None:
        """As `Buckets.give_back`."""
        self._own.give_back(demands)
        await self._ask(demands, -1)

    async def _ask(self, demands: Sequence[Demand], cost: int) -> list[float] | None:
        if not demands or self._script is None or self._clock() < self._away_until:
            return None
        keys = [self._prefix + key for key, _ in demands]
        rates = [number for _, rate in demands for number in (rate.at_once, rate.per_second)]
        try:
            async with asyncio.timeout(DEADLINE):
                waits = await self._script(keys=keys, args=[cost, *rates])
        except self._failures as wrong:
            self._away_until = self._clock() + AWAY_SECONDS
            log.warning("admission.redis_away", because=str(wrong) or type(wrong).__name__)
            return None
        return [float(wait) for wait in waits]
