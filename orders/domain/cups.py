"""Whose cup a line is, and what is asked of it: what customers write beside the lines of an order.

One text for all of them, because it is personal: the log protects whole fields of an event, and a
line is none. A line of the text for each: its number, the name, the note, with tabs between them.
"""

from collections.abc import Mapping
from typing import NamedTuple

LONGEST_CUP_NAME = 20
LONGEST_CUP_NOTE = 60


class Cup(NamedTuple):
    """For whom one line is, and how it should be; either may be empty."""

    name: str = ""
    note: str = ""


def written(cups: Mapping[int, Cup]) -> str:
    """The text for these cups, by the number of the line; empty ones are left out."""
    return "\n".join(
        f"{line}\t{cup.name}\t{cup.note}" for line, cup in sorted(cups.items()) if any(cup)
    )


def cups_in(text: str) -> dict[int, Cup]:
    """The cups of a text, by the number of the line; none in one that was forgotten."""
    found = {}
    for row in text.split("\n"):
        line, *cup = row.split("\t")
        if line.isdecimal() and len(cup) == 2:
            found[int(line)] = Cup(*cup)
    return found
