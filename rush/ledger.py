"""What the shop acknowledged to us: the one witness against which its screens are checked.

An order stands here from the moment the shop said yes; what got no answer is kept as doubtful, for
it may have happened. Knows nothing of HTTP.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO


class Step:
    """What can be acknowledged after the order itself."""

    CANCELLED = "cancelled"
    TAKEN = "taken"
    READY = "ready"
    STOPPED = "stopped"
    PAID = "paid"
    SERVED = "served"


@dataclass
class AcknowledgedOrder:
    """One order the shop said yes to. Times are monotonic seconds."""

    order: str  # the id, hexadecimal
    tracking: str  # path of the customer's own page
    command_id: str
    tender: str  # "counter", or the token of the card
    clicked: float
    answered: float
    done: dict[str, str] = field(default_factory=dict)  # step → who did it
    doubtful: set[str] = field(default_factory=set)

    def has(self, step: str) -> bool:
        """Whether the shop acknowledged this step."""
        return step in self.done

    def surely_not(self, step: str) -> bool:
        """Whether this step cannot have happened by our doing."""
        return step not in self.done and step not in self.doubtful


class Ledger:
    """Every acknowledgement and every refusal of one rush, also as lines of JSON in a file."""

    def __init__(self, journal: Path | None = None) -> None:
        self.orders: dict[str, AcknowledgedOrder] = {}
        self.refused: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.unexpected: list[str] = []
        self._journal: TextIO | None = None
        if journal is not None:
            self._journal = journal.open("a", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._journal is not None:
            self._journal.close()

    def placed(self, order: AcknowledgedOrder) -> None:
        """The shop took the order."""
        self.orders[order.order] = order
        self._write(
            step="placed",
            order=order.order,
            command_id=order.command_id,
            tender=order.tender,
            tracking=order.tracking,
        )

    def did(self, step: str, order: str, who: str) -> None:
        """The shop acknowledged a step of an order, of ours or of somebody else's."""
        if order in self.orders:
            self.orders[order].done.setdefault(step, who)
        self._write(step=step, order=order, who=who)

    def doubt(self, step: str, order: str) -> None:
        """No answer came to a step: it may have happened."""
        self.unanswered[step] += 1
        if order in self.orders:
            self.orders[order].doubtful.add(step)
        self._write(step=f"{step}?", order=order)

    def refuse(self, what: str, code: str) -> None:
        """The shop said no, in words."""
        self.refused[f"{what}: {code}"] += 1

    def puzzle(self, sentence: str) -> None:
        """The shop answered as it never should: the rush fails."""
        self.unexpected.append(sentence)

    def count(self, step: str) -> int:
        """How many of our orders got that far."""
        return sum(order.has(step) for order in self.orders.values())

    def answer_seconds(self) -> list[float]:
        """Click → durable answer, for each order."""
        return [order.answered - order.clicked for order in self.orders.values()]

    def open_orders(self) -> Iterator[AcknowledgedOrder]:
        """The orders that somebody in the shop has still to do something about."""
        for order in self.orders.values():
            if not order.has(Step.SERVED) and not order.has(Step.CANCELLED):
                yield order

    def _write(self, **line: str) -> None:
        if self._journal is not None:
            self._journal.write(json.dumps(line) + "\n")
            self._journal.flush()
