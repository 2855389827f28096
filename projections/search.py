"""Finding rows by what people type: an order's number, or the beginning of a name."""

from typing import TypeVar
from unicodedata import normalize

from django.db.models import Model, Q, QuerySet

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
    return rows.filter(_begins_with(typed)) if typed else rows


def _begins_with(typed: str) -> Q:
    """SQLite tells `ö` from `Ö`, where it takes `o` and `O` for the same."""
    typed = normalize("NFC", typed)
    spellings = {typed}
    if not typed.isascii():
        spellings |= {typed.lower(), typed.upper(), typed.capitalize(), typed.title()}
    begins = Q()
    for spelling in sorted(spellings):
        begins |= Q(name__istartswith=spelling)
    return begins


def order_number_in(typed: str) -> int | None:
    """The order number that somebody typed; None for anything else."""
    return whole_number(typed, digits=LONGEST_NUMBER)
