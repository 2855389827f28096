"""What is different about an order that was changed: for the bar, which may have read the old one.

A line is the same if it is the same thing in the same size with the same options. Knows no screen.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orders.domain.events import Line

NEW = "new"


class Difference(NamedTuple):
    """By line of the order as it is: `new`, or how many it was before. And what is gone."""

    marks: Mapping[int, str]
    removed: Sequence[Line]


def difference(before: Sequence[Line], after: Sequence[Line]) -> Difference:
    """What changed from these lines to those."""
    left = list(before)
    marks: dict[int, str] = {}
    for line in after:
        old = next((was for was in left if _thing(was) == _thing(line)), None)
        if old is None:
            marks[line.line] = NEW
            continue
        left.remove(old)
        if old.quantity != line.quantity:
            marks[line.line] = f"was {old.quantity}"
    return Difference(marks, left)


def _thing(line: Line) -> tuple[str, str, tuple[str, ...]]:
    return line.item, line.size, line.words
