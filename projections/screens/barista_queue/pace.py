"""How fast the bar is, and how much stands before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F

from projections.engine.checkpoints import active_rows
from projections.screens.barista_queue.ticket import (
    NOT_DONE,
    QueueTicket,
    TicketState,
)


class Work(NamedTuple):
    """What is to be made of one order, for whoever calculates how long it takes."""

    order: str
    is_being_made: bool
    promised_at: datetime
    lines: list[dict[str, Any]]


def work_to_do(most: int) -> tuple[list[Work], int]:
    """What is to be made, of at most so many tickets in the order of the queue; how many there are.

    Held orders wait for something else, and are not in it.
    """
    rows = active_rows(QueueTicket).filter(state__in=NOT_DONE)
    queue = rows.order_by("-goes_first", "promised_at", "number")
    tickets = queue.values_list("order", "state", "promised_at", "lines")[: most + 1]
    work = [
        Work(order, state == TicketState.MAKING, promised_at, lines)
        for order, state, promised_at, lines in tickets
    ]
    return work[:most], len(work) if len(work) <= most else rows.count()


def at_work(since: datetime) -> set[str]:
    """Who makes an order, or made one ready since then (opaque ids)."""
    rows = active_rows(QueueTicket).exclude(barista="")
    making = rows.filter(state=TicketState.MAKING).values_list("barista", flat=True)
    ready = rows.filter(ready_at__gt=since).values_list("barista", flat=True)
    return {*making, *ready}


def made_last(most: int) -> list[tuple[list[dict[str, Any]], float]]:
    """The lines of the orders that were made last and once, and the seconds from taken to ready."""
    rows = active_rows(QueueTicket).filter(
        first_ready_at__gt=F("started_at"),
        first_seconds__isnull=False,  # else only said when the bar closed
        brought_back="",  # with one tap it took no time
    )
    times = rows.order_by("-first_ready_at").values_list("lines", "started_at", "first_ready_at")
    return [
        (lines, (ready - started).total_seconds())
        for lines, started, ready in times[:most]
        if started and ready
    ]


@dataclass(frozen=True, kw_only=True)
class BarPace:
    """How fast the bar was of late. Seconds; None where nothing was made."""

    made: int
    half_within: float | None = None
    nine_in_ten_within: float | None = None
    on_time_percent: int | None = None


def bar_pace(now: datetime, minutes: int = 30) -> BarPace:
    """The pace of the last `minutes` before `now`: of orders that were ready the first time."""
    ready = active_rows(QueueTicket).filter(
        first_ready_at__gt=now - timedelta(minutes=minutes), first_ready_at__lte=now
    )
    orders = list(ready.values_list("first_seconds", "on_time"))
    waits = sorted(seconds for seconds, _ in orders if seconds is not None)
    if not waits:
        return BarPace(made=0)
    on_time = sum(1 for _, kept in orders if kept)
    return BarPace(
        made=len(waits),
        half_within=waits[(len(waits) - 1) // 2],
        nine_in_ten_within=waits[(9 * len(waits) - 1) // 10],
        on_time_percent=round(100 * on_time / len(waits)),
    )
