"""What a measurement side by side comes to: a row of figures of the peer and of the shop.

Ratios are taken round by round, because what else a machine does hits both sides of a round alike.
Knows no single goal.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Side = TypeVar("Side")
Progress = Callable[[float], None]
"""Called with the share of a goal's measurement that is done, 0 to 1."""


class Wrong(Exception):
    """The shop lost or doubled something while it was measured: its figures count for nothing."""


@dataclass(frozen=True)
class Limit:
    """What the goal asks for: of the ratio to the peer, or of the shop's own figure."""

    value: float
    at_most: bool = False
    of_ratio: bool = False

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:g}{' ×' if self.of_ratio else ''}"

    def holds(self, figure: float) -> bool:
        """Whether a figure is within it."""
        return figure <= self.value if self.at_most else figure >= self.value


@dataclass
class Row:
    """One line of the table: a figure of each round, of the peer (if there is one) and the shop."""

    goal: str
    what: str
    limit: Limit | None = None
    peer: str = ""
    peers: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def note(self, ours: float, peers: float | None = None) -> None:
        """Add the figures of one round."""
        self.ours.append(ours)
        if peers is not None:
            self.peers.append(peers)

    @property
    def ratios(self) -> list[float]:
        """The shop's figure divided by the peer's, of each round."""
        return [ours / peers for ours, peers in zip(self.ours, self.peers, strict=False) if peers]

    @property
    def is_reached(self) -> bool | None:
        """Whether the median is within the limit; None without one."""
        if self.limit is None:
            return None
        figures = self.ratios if self.limit.of_ratio else self.ours
        return bool(figures) and self.limit.holds(statistics.median(figures))

    def cells(self) -> tuple[str, ...]:
        """Goal, what, peer, limit, the shop, the ratio, whether it is reached."""
        ratios = self.ratios
        low_is_best = self.limit is not None and self.limit.at_most
        worst, best = (max, min) if low_is_best else (min, max)
        ratio = (
            f"{number(statistics.median(ratios))} ({number(worst(ratios))}, {number(best(ratios))})"
            if ratios
            else ""
        )
        peers = f"{self.peer}: {shown(self.peers)}" if self.peers else self.peer
        reached = {True: "yes", False: "**no**", None: ""}[self.is_reached]
        limit = str(self.limit or "")
        return (self.goal, self.what, peers, limit, shown(self.ours), ratio, reached)


HEAD = ("goal", "what", "peer", "limit", "Barstucks", "ratio: median (worst, best)", "reached")


def table(rows: Sequence[Row]) -> str:
    """All rows as Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def shown(figures: Sequence[float]) -> str:
    """The median, and the lowest and the highest if there are several."""
    if not figures:
        return ""
    median = number(statistics.median(figures))
    if len(figures) == 1:
        return median
    return f"{median} ({number(min(figures))} to {number(max(figures))})"


def number(figure: float) -> str:
    """A figure with three digits that count."""
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.3g}"


def in_turns(sides: Sequence[Side], rounds: int) -> Iterator[Side]:
    """A B, B A, A B …: whatever grows or warms up with time hits all alike."""
    for turn in range(rounds):
        yield from sides if turn % 2 == 0 else reversed(sides)


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many in a hundred do not exceed; seconds in, milliseconds out."""
    return sorted(values)[(len(values) - 1) * share // 100] * 1000
