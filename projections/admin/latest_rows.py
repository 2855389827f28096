"""Which rows a list looks at: the latest 10,000 of what was asked for, however many there are.

A table grows by a row an order, for years. What a list asks of it is found through an index that
the screens have already, and everything else (filters, order, count) happens among those rows.
"""

from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Substr
from django.utils import timezone

from orders.domain.streams import ORDER
from projections.admin.periods import Period
from projections.engine.checkpoints import active_rows
from projections.screens.directory import DirectoryEntry

MOST = 10_000
"""Rows: 200 pages, more than anybody reads. Counted and sorted in some ten milliseconds."""


def of_generation(rows: QuerySet[Any], generation: int) -> QuerySet[Any]:
    """The rows of a generation, where they are looked through from the latest on.

    The sum keeps SQLite from an index on the generation: it would read and sort all its rows.
    """
    found: QuerySet[Any] = rows.alias(of_generation=F("generation") + 0)
    return found.filter(of_generation=generation)


def last_left_out(rows: QuerySet[Any]) -> Any:
    """The key of the latest row that a list of these rows leaves out; None if it has them all."""
    keys = rows.order_by("-pk").values_list("pk", flat=True)[MOST : MOST + 1]
    return next(iter(keys), None)


def orders_of(period: Period) -> QuerySet[Any, Any]:
    """The latest orders (hexadecimal ids) of a period, by the directory."""
    entries = active_rows(DirectoryEntry).filter(
        kind=ORDER, first_at__gte=period.begins_at, first_at__lt=period.ends_at
    )
    id_begins = len(ORDER) + 2  # SQL counts from 1, and there is a dash
    return entries.order_by("-first_at").values_list(Substr("stream", id_begins), flat=True)[:MOST]


def first_and_last_day() -> tuple[date, date] | None:
    """The days of the first and of the last stream in the directory; None while it is empty."""
    moments = active_rows(DirectoryEntry).values_list("first_at", flat=True)
    first = moments.order_by("first_at").first()
    last = moments.order_by("-first_at").first()
    if first is None or last is None:
        return None
    return timezone.localtime(first).date(), timezone.localtime(last).date()
