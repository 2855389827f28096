"""Finding rows by what people type: an order's number, or the beginning of a name."""

from typing import TypeVar

from django.db.models import Model, QuerySet

R = TypeVar("R", bound=Model)

LONGEST_NUMBER = 6
"""Digits: more is no order number."""


def numbered_or_named(rows: QuerySet[R], q: str) -> QuerySet[R]:
    """The rows of that number, or with a name that begins so; all rows if nothing was typed."""
    typed = q.strip()
    if is_order_number(typed):
        return rows.filter(number=int(typed))
    return rows.filter(name__istartswith=typed) if typed else rows


def is_order_number(typed: str) -> bool:
    """Whether this is written like an order number."""
    return typed.isascii() and typed.isdigit() and len(typed) <= LONGEST_NUMBER
