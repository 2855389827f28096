"""What the pages ask the read models: selectors that return rows of the active generation.

A selector with `at` (timezone-aware; None = now) answers for the past with unsaved rows of the
same classes, so that the same template shows them. Nothing in here writes or decides.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db.models import F, Q, QuerySet

from orders.domain.fact import Fact
from projections import log, past
from projections.generations import active_rows
from projections.models import (
    OPEN_TICKETS,
    Balance,
    BoardEntry,
    BoardState,
    DirectoryEntry,
    ItemSales,
    SalesFigures,
    SalesOfDay,
    Ticket,
    TicketState,
    TrackedOrder,
)
from projections.states import parked_events, projection_states, wait_for

__all__ = [
    "AllDayCount",
    "BarPace",
    "Board",
    "Sales",
    "all_day_counts",
    "bar_pace",
    "barista_queue",
    "board",
    "cashier_desk",
    "find_streams",
    "orders_of_customer",
    "parked_events",
    "projection_states",
    "recently_done",
    "sales_of_day",
    "stream_facts",
    "ticket",
    "tracked_order",
    "wait_for",
]

FOUND_AT_MOST = 50
"""A search shows so many streams and no more."""

R = TypeVar("R", Ticket, Balance, BoardEntry, TrackedOrder)


def barista_queue(at: datetime | None = None) -> list[Ticket]:
    """The open tickets (queued, making, stopping), first promised first."""
    if at is not None:
        return _sorted(one for one in past.tickets(at) if one.is_open)
    return list(
        active_rows(Ticket).filter(state__in=OPEN_TICKETS).order_by("promised_at", "number")
    )


def recently_done(limit: int = 10, q: str = "", at: datetime | None = None) -> list[Ticket]:
    """Tickets that were called ready, the latest first; `q` finds by number or name.

    For the past: those that were waiting to be handed over then.
    """
    if at is not None:
        ready = [one for one in past.tickets(at) if one.state == TicketState.READY]
        return sorted(ready, key=lambda one: one.ready_at or at, reverse=True)[:limit]
    rows = active_rows(Ticket).filter(
        ready_at__isnull=False, state__in=(TicketState.READY, TicketState.DONE)
    )
    return list(_named(rows, q).order_by("-ready_at", "-number")[:limit])


def ticket(order_hex: str) -> Ticket | None:
    """One ticket, open or not."""
    return active_rows(Ticket).filter(order=order_hex).first()


@dataclass(frozen=True, kw_only=True)
class AllDayCount:
    """How many of one item are still to be made, over all tickets."""

    item: str
    name: str
    quantity: int
    options: tuple[tuple[str, int], ...]  # in the bar's words, the most frequent first
    orders: tuple[str, ...]  # the hexadecimal ids of the tickets that hold it


def all_day_counts(tickets: list[Ticket] | None = None) -> list[AllDayCount]:
    """What is to be made over all queued and started tickets, the most first.

    Counted from the tickets themselves, so that it can never differ from them.
    """
    quantities: dict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    options: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    orders: dict[str, list[str]] = defaultdict(list)
    for one in barista_queue() if tickets is None else tickets:
        if one.state == TicketState.STOPPING:
            continue
        for line in one.lines:
            if line["ticked"]:
                continue
            item = line["item"]
            names.setdefault(item, line["name"])
            quantities[item] += line["quantity"]
            for words in line["options"]:
                options[item][words] += line["quantity"]
            if one.order not in orders[item]:
                orders[item].append(one.order)
    return [
        AllDayCount(
            item=item,
            name=names[item],
            quantity=quantity,
            options=tuple(sorted(options[item].items(), key=lambda pair: (-pair[1], pair[0]))),
            orders=tuple(orders[item]),
        )
        for item, quantity in sorted(quantities.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


@dataclass(frozen=True, kw_only=True)
class BarPace:
    """How fast the bar was of late. Seconds; None where nothing was made."""

    made: int
    half_within: float | None
    nine_in_ten_within: float | None
    on_time_percent: int | None


def bar_pace(now: datetime, minutes: int = 30) -> BarPace:
    """The pace of the last `minutes` before `now`."""
    ready = active_rows(Ticket).filter(
        ready_at__gt=now - timedelta(minutes=minutes), ready_at__lte=now
    )
    times = ready.values_list("clock_from", "promised_at", "ready_at")
    waits = sorted((at - since).total_seconds() for since, _, at in times if at is not None)
    if not waits:
        return BarPace(made=0, half_within=None, nine_in_ten_within=None, on_time_percent=None)
    on_time = sum(1 for _, promised, at in times if at is not None and at <= promised)
    return BarPace(
        made=len(waits),
        half_within=waits[(len(waits) - 1) // 2],
        nine_in_ten_within=waits[(9 * len(waits) - 1) // 10],
        on_time_percent=round(100 * on_time / len(waits)),
    )


def cashier_desk(at: datetime | None = None, q: str = "") -> list[Balance]:
    """Every order where money or coffee has still to change hands, the most urgent first."""
    if at is not None:
        return _sorted(one for one in past.balances(at) if not one.settled)
    return _sorted(_named(active_rows(Balance).filter(settled=False), q))


@dataclass(frozen=True, kw_only=True)
class Board:
    """The public board."""

    making: list[BoardEntry] = field(default_factory=list)  # oldest first
    ready: list[BoardEntry] = field(default_factory=list)  # newest first


def board(at: datetime | None = None) -> Board:
    """Whose order is being made, and whose is ready."""
    rows = (
        list(active_rows(BoardEntry).exclude(state=BoardState.GONE))
        if at is None
        else past.board_entries(at)
    )
    return Board(
        making=_sorted(one for one in rows if one.slot == "making"),
        ready=_sorted(one for one in rows if one.slot == "ready"),
    )


def tracked_order(
    order_hex: str,
    *,
    at: datetime | None = None,
    as_of: datetime | None = None,
    version: int | None = None,
) -> TrackedOrder | None:
    """One order as its customer sees it; None if there is (or was) none.

    `at`: what had happened by then. `as_of`: what was known by then. `version`: after its first
    `version` facts. Each of these reads the order's own stream.
    """
    if at is None and as_of is None and version is None:
        return active_rows(TrackedOrder).filter(order=order_hex).first()
    return past.tracked_order(order_hex, at=at, as_of=as_of, version=version)


def tracked_order_from_log(order_hex: str) -> TrackedOrder | None:
    """The same, from the order's stream: for a page that must not wait for the projector."""
    return past.tracked_order(order_hex)


def orders_of_customer(customer: str, limit: int = 20) -> list[TrackedOrder]:
    """A customer's orders, the latest first."""
    rows = active_rows(TrackedOrder).filter(customer=customer)
    return list(rows.order_by("-ordered_at")[:limit])


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What a day brought."""

    day: date
    figures: SalesFigures
    items: list[ItemSales]  # the most sold first


def sales_of_day(day: date, at: datetime | None = None) -> Sales:
    """The figures of one business day, up to the minute of `at` if given."""
    if at is not None:
        figures, items = past.sales(day, at)
    else:
        found = active_rows(SalesOfDay).filter(day=day.isoformat()).first()
        figures = found or SalesOfDay(day=day.isoformat(), currency="")
        items = list(active_rows(ItemSales).filter(day=day.isoformat(), quantity__gt=0))
    return Sales(
        day=day, figures=figures, items=sorted(items, key=lambda one: (-one.quantity, one.item))
    )


def find_streams(q: str) -> list[DirectoryEntry]:
    """Streams by order number, by the beginning of a name, or by id; the latest first."""
    wanted = q.strip()
    rows = active_rows(DirectoryEntry)
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 6:
        rows = rows.filter(number=int(wanted))
    elif wanted:
        rows = rows.filter(
            Q(name__istartswith=wanted)
            | Q(stream=wanted.lower())
            | Q(stream__in=[f"order-{wanted.lower()}", f"customer-{wanted.lower()}"])
        )
    return list(rows.order_by(F("first_at").desc(), "stream")[:FOUND_AT_MOST])


def stream_facts(stream: str) -> list[Fact]:
    """Every fact of one stream, from the log, personal fields readable; [] for no such stream.

    Raises `StoreUnavailable`.
    """
    return log.facts_of(stream)


def _sorted(rows: "QuerySet[R] | object") -> list[R]:
    return sorted(rows, key=lambda row: row.sort)  # type: ignore[call-overload,no-any-return]


def _named(rows: QuerySet[R], q: str) -> QuerySet[R]:
    wanted = q.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 6:
        return rows.filter(number=int(wanted))
    return rows.filter(name__istartswith=wanted) if wanted else rows
