"""How a ticket is laid out so that it can be read from two metres. Decides nothing about orders."""

import re

from django import template

from projections.models import Ticket

register = template.Library()

ROWS_OF_A_CARD = 5
"""Rows of text that fit a card beside its strip and its button (24 inches, four by two cards)."""

_ALLERGY = re.compile(r"allerg|intoleran|coeliac|celiac|anaphyla|epi-?pen", re.IGNORECASE)

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
def is_tall(ticket: Ticket) -> bool:
    """Whether a ticket needs two cells of the grid."""
    rows = sum(1 + len(line["options"]) for line in ticket.lines)
    return rows + (2 if ticket.note else 0) > ROWS_OF_A_CARD


@register.filter
def minutes(seconds: float | None) -> str:
    """`2:50` for 170 seconds; empty for none."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
