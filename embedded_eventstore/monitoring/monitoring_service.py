"""The gRPC service Monitoring: the server's statistics, again and again.

The service is not among the shipped message classes: StatsReq is {bool use_metadata = 1; uint64
refresh_time_period_in_ms = 4}, StatsResp {map<string, string> stats = 1}.
"""

import asyncio
import math

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.monitoring.statistics import Statistics, flat
from embedded_eventstore.protocol import errors, wire
from embedded_eventstore.protocol.method import ONE_TO_MANY, Method
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits

_REFRESH_FIELD = 4
SHORTEST_PERIOD = 0.1
"""Seconds. Who asks for less gets this."""
_LONGEST_NAP = 0.25


class MonitoringService:
    """Implements Monitoring.Stats."""

    def __init__(
        self, statistics: Statistics, threads: ReadingThreads, recent: RecentCommits
    ) -> None:
        self._statistics = statistics
        self._threads = threads
        self._recent = recent

    def methods(self) -> dict[str, Method]:
        return {
            "event_store.client.monitoring.Monitoring/Stats": Method(
                ONE_TO_MANY, self.stats, wire.numbers, required_role=RequiredRole.ACCOUNTS
            )
        }

    async def stats(self, request: dict[int, int], context: errors.Context) -> None:
        period = max(request.get(_REFRESH_FIELD, 0) / 1000, SHORTEST_PERIOD)
        while not self._recent.closed:
            tree = await self._threads.run(self._statistics.tree)
            entries = flat(tree).items()
            await context.write(
                b"".join(
                    wire.text(1, wire.text(1, name) + wire.text(2, text)) for name, text in entries
                )
            )
            await self._nap(period)
        raise errors.shutting_down()

    async def _nap(self, seconds: float) -> None:
        """Sleep, but notice when the server stops."""
        naps = math.ceil(seconds / _LONGEST_NAP)
        for _ in range(naps):
            if self._recent.closed:
                return
            await asyncio.sleep(seconds / naps)
