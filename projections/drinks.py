"""The drinks view of the bar: what is equal is made together, whoever ordered it.

Knows the lines of tickets as their rows keep them, and no table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orders.domain.cups import cups_in

MOST_NUMBERS = 6
"""Of how many orders a drink names the number; the rest is counted."""


class OpenLines(NamedTuple):
    """What is to be made of one order."""

    order: str  # a hexadecimal id
    number_text: str
    lines: Sequence[Mapping[str, Any]]
    allergies: str = ""
    note: str = ""
    cups: str = ""


@dataclass
class Drink:
    """Equal lines of several orders; `order` and `line` are those of the oldest.

    What its customer wrote makes a drink another one: nobody would read it elsewhere in this view.
    """

    order: str
    line: int
    name: str
    size: str
    options: Sequence[str]
    station: str
    allergies: str
    note: str
    cup_note: str
    made_of: Sequence[Mapping[str, Any]]  # the line of the oldest, as its row keeps it
    quantity: int = 0
    oldest_quantity: int = 0
    numbers: list[str] = field(default_factory=list)

    @property
    def element_id(self) -> str:
        """The id of its element on the screen."""
        return f"drink-{self.order}-{self.line}"

    @property
    def first_numbers(self) -> list[str]:
        """The orders that get it, the oldest first."""
        return self.numbers[:MOST_NUMBERS]

    @property
    def more_numbers(self) -> int:
        """How many orders besides."""
        return len(self.numbers) - len(self.first_numbers)


def drinks_of(orders: Iterable[OpenLines]) -> list[Drink]:
    """What is still to be made of these orders, oldest first: each drink stands at its oldest."""
    drinks: dict[tuple[Any, ...], Drink] = {}
    for order, number_text, lines, allergies, note, texts in orders:
        cups = cups_in(texts) if texts else {}
        for line in lines:
            if line["ticked"]:
                continue
            cup_note = cups[line["line"]].note if line["line"] in cups else ""
            notes = (allergies, note, cup_note)
            key = (line["item"], line["size"], *line["options"], notes)
            drink = drinks.get(key)
            if drink is None:
                drink = drinks[key] = Drink(
                    order=order,
                    line=line["line"],
                    name=line["name"],
                    size=line["size"],
                    options=line["options"],
                    station=line["station"],
                    allergies=allergies,
                    note=note,
                    cup_note=cup_note,
                    made_of=[line],
                    oldest_quantity=line["quantity"],
                )
            drink.quantity += line["quantity"]
            if number_text not in drink.numbers:
                drink.numbers.append(number_text)
    return list(drinks.values())
