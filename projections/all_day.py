"""All-day counts: how many of each item are still to be made, over all tickets.

Knows the lines of a ticket as its row keeps them, and no table.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class AllDayCount:
    """How many of one item are still to be made, over all tickets."""

    item: str
    name: str
    quantity: int
    options: tuple[tuple[str, int], ...]  # in the bar's words, the most frequent first
    station: str  # where it is made


@dataclass(frozen=True, kw_only=True)
class AllDay:
    """What is still to be made, over all tickets."""

    counts: list[AllDayCount]  # the most first

    @property
    def total(self) -> int:
        """How many things in all."""
        return sum(count.quantity for count in self.counts)


def all_day_of(lines_of_tickets: Iterable[Sequence[Mapping[str, Any]]]) -> AllDay:
    """What is still to be made of these tickets' lines; ticked ones are made."""

    def most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    quantities: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    stations: dict[str, str] = {}
    options: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for line in (line for lines in lines_of_tickets for line in lines if not line["ticked"]):
        item = line["item"]
        names.setdefault(item, line["name"])
        stations.setdefault(item, line["station"])
        quantities[item] += line["quantity"]
        for option in line["options"]:
            options[item][option] += line["quantity"]
    return AllDay(
        counts=[
            AllDayCount(
                item=item,
                name=names[item],
                quantity=quantity,
                options=tuple(most_first(options[item])),
                station=stations[item],
            )
            for item, quantity in most_first(quantities)
        ]
    )
