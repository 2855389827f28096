"""What a rush prints: a line while it runs, then its figures as a table or as JSON."""

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from rush.promises import KeptPromises

BAR_WIDTH = 30


class Progress:
    """A line on a terminal, rewritten in place; nothing at all where nobody watches."""

    def __init__(self, customers: int) -> None:
        self._customers = customers
        self._begun = time.monotonic()

    def show(self, came: int, placed: int, served: int) -> None:
        """Show how far the rush is."""
        filled = BAR_WIDTH * came // max(1, self._customers)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        counts = f"{came}/{self._customers} customers  {placed} placed  {served} served"
        self._write(f"{bar} {counts}  {time.monotonic() - self._begun:.0f} s  in the shop")

    def clear(self) -> None:
        """Leave the terminal as it was."""
        self._write("")

    def _write(self, line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()


@dataclass(frozen=True)
class Spread:
    """How long something took, in milliseconds."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Spread":
        """The spread of these durations (nearest rank); all zero if there are none."""
        if not seconds:
            return cls(0, 0.0, 0.0, 0.0, 0.0)
        ordered = sorted(seconds)

        def rank(share: int) -> float:
            nearest = math.ceil(len(ordered) * share / 100) - 1
            return round(1000 * ordered[max(0, nearest)], 1)

        return cls(len(ordered), rank(50), rank(95), rank(99), round(1000 * ordered[-1], 1))


@dataclass
class Report:
    """What one rush came to."""

    customers: int
    seconds: float
    seed: int
    placed: int
    paid: int
    served: int
    cancelled: int
    refused: dict[str, int]
    unanswered: dict[str, int]
    retries: int
    reconnects: int
    gaps: int
    answer: Spread
    bar_screen: Spread
    played: dict[str, int] = field(default_factory=dict)
    promises: KeptPromises = field(default_factory=KeptPromises)
    problems: list[str] = field(default_factory=list)

    @property
    def orders_per_minute(self) -> float:
        """How busy the shop was."""
        return round(60 * self.placed / self.seconds, 1) if self.seconds else 0.0

    def as_json(self) -> dict[str, object]:
        """Everything, for a program."""
        return asdict(self) | {"orders_per_minute": self.orders_per_minute}

    def lines(self) -> list[str]:
        """Everything, for a person."""
        head = f"{self.customers} customers in {self.seconds:.0f} s, seed {self.seed}"
        lines = [
            "",
            f"Rush: {head}, {self.orders_per_minute} orders a minute",
            "",
            *(
                f"  {label:<22}{count:>7}"
                for label, count in (
                    ("orders placed", self.placed),
                    ("paid", self.paid),
                    ("served", self.served),
                    ("cancelled", self.cancelled),
                    ("refused", sum(self.refused.values())),
                    ("never answered", sum(self.unanswered.values())),
                    ("sent again", self.retries),
                    ("screens reconnected", self.reconnects),
                    ("gaps healed", self.gaps),
                )
            ),
            *(f"      {count:>5} × {what}" for what, count in sorted(self.refused.items())),
            "",
            *(f"      {count:>5} × {what}" for what, count in sorted(self.played.items())),
            "",
            *self.promises.lines(),
            "",
            f"  {'milliseconds':<32}{'p50':>9}{'p95':>9}{'p99':>9}{'max':>9}",
            _row("click → durable answer", self.answer),
            _row("click → barista's screen", self.bar_screen),
            "",
        ]
        if self.problems:
            lines.append(f"  {len(self.problems)} things are WRONG:")
            lines.extend(f"    - {problem}" for problem in self.problems[:40])
            if len(self.problems) > 40:
                lines.append(f"    … and {len(self.problems) - 40} more")
        else:
            lines.append("  Every acknowledged order is right on every screen.")
        return lines


def _row(label: str, spread: Spread) -> str:
    figures = (spread.p50, spread.p95, spread.p99, spread.worst)
    return f"  {label:<32}" + "".join(f"{figure:>9.1f}" for figure in figures)
