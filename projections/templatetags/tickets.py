"""How a ticket is laid out so that it can be read from two metres. Decides nothing about orders."""

import re
from math import ceil
from typing import Any

from django import template

from projections.screens.barista_queue import QueueTicket

register = template.Library()

ROWS_OF_A_CARD = 4.4
"""Rows of drinks that fit a card beside strip, name and button (24 inches, four by two cards)."""

_ALLERGY = re.compile(r"allerg|intoleran|coeliac|celiac|anaphyla|epi-?pen", re.IGNORECASE)

_ALLERGY_WORD = re.compile(r"^\s*allerg\w*\s*[:!–-]\s*", re.IGNORECASE)

_COUNT = re.compile(r"^\d+ × ")

_KINDS = {"NO": "without", "WITHOUT": "without", "EXTRA": "extra", "SUB": "instead"}


@register.filter
def option_kind(option: str) -> str:
    """The class of an option in the bar's words: `NO sugar` is `without`."""
    first = _COUNT.sub("", option).split(" ", 1)[0]
    if first.startswith("+"):
        return "extra"
    return _KINDS.get(first, "plain-option")


@register.filter
def is_allergy(note: str) -> bool:
    """Whether a note speaks of something that can hurt somebody."""
    return _ALLERGY.search(note) is not None


@register.filter
def after_allergy_word(note: str) -> str:
    """The note without a leading "Allergy:", which the strip says anyway."""
    return _ALLERGY_WORD.sub("", note)


@register.filter
def is_wide(ticket: QueueTicket) -> bool:
    """Whether a ticket probably needs two cells of the grid; the page's script measures it."""
    rows = sum(_rows(line) for line in ticket.lines) + 0.9 * ceil(len(ticket.note) / 22)
    return rows + (len(ticket.name) > 12) > ROWS_OF_A_CARD


def _rows(line: dict[str, Any]) -> float:
    quantity = 3 if line["quantity"] > 1 else 0
    drink = ceil((len(line["name"]) + len(line["size"]) + quantity) / 13)
    return drink + sum(0.75 * ceil(len(option) / 18) for option in line["options"])


@register.filter
def minutes(seconds: float | None) -> str:
    """`2:50` for 170 seconds; empty for none."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
