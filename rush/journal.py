"""What the shop acknowledged to us: what its screens are checked against.

An order is in the journal from the moment the shop said yes; what got no response is doubtful, for
it may have happened. Knows nothing of HTTP.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO


class Step:
    """What can be acknowledged after the order itself."""

    CANCELLED = "cancelled"
    TAKEN = "taken"
    READY = "ready"
    STOPPED = "stopped"
    PAID = "paid"
    SERVED = "served"
    NOT_COLLECTED = "not collected"
    ASKED_TO_STOP = "asked to stop"
    BROUGHT_BACK = "brought back"


UNDONE_BY = {
    Step.BROUGHT_BACK: (Step.TAKEN, Step.READY, Step.SERVED, Step.NOT_COLLECTED),
}
"""Which later step undoes which earlier ones."""


@dataclass
class AcknowledgedOrder:
    """One order the shop said yes to. Times are monotonic seconds."""

    order: str  # the id, hexadecimal
    tracking: str  # path of the customer's own page
    command_id: str
    tender: str  # "counter", or the token of the card
    clicked: float
    responded: float
    pick_up: str = ""  # when it is wanted, as the form calls it
    done: dict[str, int] = field(default_factory=dict)  # each step's last position in the log
    doubtful: set[str] = field(default_factory=set)

    def has(self, *steps: str) -> bool:
        """Whether the shop acknowledged one of these steps, and none that undoes it."""
        return any(step in self.done and not self._is_undone(step) for step in steps)

    @property
    def is_over(self) -> bool:
        """Whether nobody in the shop has to do anything about it."""
        return self.has(Step.SERVED, Step.CANCELLED, Step.STOPPED, Step.NOT_COLLECTED)

    def _is_undone(self, step: str) -> bool:
        """Acknowledgements may overtake one another: what counts is where the log has them."""
        return any(
            step in undone and self.done.get(later, -1) > self.done[step]
            for later, undone in UNDONE_BY.items()
        )


class Journal:
    """Every acknowledgement and every refusal of one rush, also as lines of JSON in a file."""

    def __init__(self, path: Path | None = None) -> None:
        self.orders: dict[str, AcknowledgedOrder] = {}
        self.refused: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.played: Counter[str] = Counter()
        self.problems: list[str] = []
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def placed(self, order: AcknowledgedOrder) -> None:
        """Note that the shop took the order."""
        self.orders[order.order] = order
        self._write(
            step="placed",
            order=order.order,
            command_id=order.command_id,
            tender=order.tender,
            tracking=order.tracking,
        )

    def did(self, step: str, order: str, role: str, position: int = 0) -> None:
        """Note that the shop acknowledged a step of an order, of ours or of somebody else's.

        `position`: of the fact in the shop's log, as the response says.
        """
        if order in self.orders:
            done = self.orders[order].done
            done[step] = max(position, done.get(step, -1))
        self._write(step=step, order=order, who=role)

    def plays(self, habit: str) -> None:
        """Count that somebody did what not everybody does."""
        self.played[habit] += 1

    def doubt(self, step: str, order: str) -> None:
        """Note that a step got no response: it may have happened."""
        self.unanswered[step] += 1
        if order in self.orders:
            self.orders[order].doubtful.add(step)
        self._write(step=f"{step}?", order=order)

    def refuse(self, what: str, code: object) -> None:
        """Note that the shop said no, in words."""
        self.refused[f"{what}: {code}"] += 1

    def unexpected(self, sentence: str) -> None:
        """Note something that never should be: the rush fails."""
        self.problems.append(sentence)

    def count(self, step: str) -> int:
        """How many of our orders got that far."""
        return sum(order.has(step) for order in self.orders.values())

    def open_orders(self) -> list[AcknowledgedOrder]:
        """The orders that somebody in the shop has still to do something about."""
        return [order for order in self.orders.values() if not order.is_over]

    def _write(self, **line: str) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
