"""Finding rows by what people type: an order's number, or the beginning of a name."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from orders.domain.limits import whole_number

R = TypeVar("R", bound=Model)

LONGEST_NUMBER = 6
"""Digits: more is no order number."""


def numbered_or_named(rows: QuerySet[R], q: str) -> QuerySet[R]:
    """The rows of that number, or with a name that begins so; all rows if nothing was typed."""
    typed = q.strip()
    number = order_number_in(typed)
    if number is not None:
        return rows.filter(number=number)
    return rows.filter(name__istartswith=typed) if typed else rows


def order_number_in(typed: str) -> int | None:
    """The order number that somebody typed; None for anything else."""
    return whole_number(typed, digits=LONGEST_NUMBER)
