"""What the bar's screen says about promises: what was promised, and when the order was ready.

Read off the cards, as somebody with a notebook beside the bar would.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

BENCHMARK_SECONDS = 240
BENCHMARK_PERCENT = 75
"""A large chain's pilot cafés: three quarters of the orders within four minutes (Wall Street
Journal of 30 April 2025)."""

_CLOCK = re.compile(r'data-since="([^"]+)" data-promised="([^"]+)"')
_TO_READY = re.compile(r'data-to-ready="(-?\d+)"')


@dataclass
class PromiseWatch:
    """Seconds by order: what was promised when it first stood there, and its first time to ready.

    The card's clock leaves out what an order was held, as the shop's own figures do.
    """

    promised: dict[str, float] = field(default_factory=dict)
    to_ready: dict[str, float] = field(default_factory=dict)

    def see(self, fragment: str, html: str) -> None:
        """Take a note of what has come to stand on the screen."""
        kind, _, order = fragment.partition("-")
        if kind == "ticket" and order not in self.promised:
            clock = _CLOCK.search(html)
            if clock is not None:
                since, promised = (datetime.fromisoformat(moment) for moment in clock.groups())
                self.promised[order] = (promised - since).total_seconds()
        if kind == "done" and order not in self.to_ready:
            ready = _TO_READY.search(html)
            if ready is not None:
                self.to_ready[order] = float(ready[1])

    def kept(self, orders: Iterable[str]) -> "KeptPromises":
        """How many of these orders were ready by their promise, of those that were seen."""
        seen = [order for order in orders if order in self.promised and order in self.to_ready]
        return KeptPromises(
            measured=len(seen),
            kept=sum(self.to_ready[order] <= self.promised[order] for order in seen),
            within_benchmark=sum(self.to_ready[order] <= BENCHMARK_SECONDS for order in seen),
        )


@dataclass(frozen=True)
class KeptPromises:
    """How many promises were kept."""

    measured: int = 0
    kept: int = 0
    within_benchmark: int = 0

    def lines(self) -> list[str]:
        """In words, beside the public benchmark."""
        if not self.measured:
            return ["  promises kept          none was measured"]
        kept, soon = self._percent(self.kept), self._percent(self.within_benchmark)
        of = f"({self.kept} of {self.measured} orders that were made)"
        beside = f"({BENCHMARK_PERCENT} % in a large chain's pilot of 2025)"
        return [
            f"  {'promises kept':<22}{kept:>5} %  {of}",
            f"  {'within four minutes':<22}{soon:>5} %  {beside}",
        ]

    def _percent(self, part: int) -> int:
        return round(100 * part / self.measured)
