"""The barista's queue: what is to be made, what is waiting to be fetched, all-day counts.

Knows no money beyond "paid or not".
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.db.models import F, QuerySet
from django.template.loader import render_to_string

from orders.domain.cups import cups_in
from orders.domain.events import BringBackReason, Line
from orders.domain.order_status import CHANGE_SHOWN, OrderStatus, Progress
from orders.domain.order_words import shown_number
from projections.all_day import all_day_of
from projections.changed_lines import Difference, difference
from projections.drinks import Drink, OpenLines, drinks_of
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import unique_in_generation
from projections.engine.unit_of_work import Changes
from projections.folded_order import FoldedOrder
from projections.order_row import OrderRow
from projections.screen import (
    Fragment,
    Room,
    Screen,
    are_more_than,
    more_rows,
    newest_first,
    oldest_first,
)
from staff.names import name_of

NAME = "barista-queue"
DONE_SHOWN = 10
"""Finished tickets in the bar's drawer."""

QUEUE_SHOWN = 60
"""Tickets on the queue at most: 1920 x 1080 shows 8 without scrolling, and nobody works on what
stands seven screens further down. The rest is counted, and is on the next pages."""


class TicketState(StrEnum):
    """Where the bar is with an order."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    STOPPING = "stopping"  # cancelled while being made, or asked to be: the barista has to answer
    HELD = "held"
    DONE = "done"  # served, not collected, or stopped


OPEN_TICKETS = (TicketState.QUEUED, TicketState.MAKING, TicketState.STOPPING)
"""What stands on the queue. A ready ticket moves to the drawer of what was done last."""

NOT_DONE = (TicketState.QUEUED, TicketState.MAKING)

NEVER_READY = (*NOT_DONE, TicketState.HELD)
"""What stands in no drawer, unless it was brought back."""

STILL_OPEN = (*OPEN_TICKETS, TicketState.HELD)
"""What the bar has not done with, wherever it stands."""

STANDS_AFTER = timedelta(minutes=10)
"""So long a coffee is good; the pickup board calls again then, too."""

DRINKS_SHOWN = 40
"""Different drinks in the drinks view."""

HELD_SHOWN = 10
"""Held orders in the rail; the rest is counted."""


class QueueTicket(OrderRow):
    """One order as the bar sees it. Rows of finished orders stay: they can be brought back."""

    PROJECTION: ClassVar = NAME
    PERSONAL: ClassVar = ("name", "note", "allergies", "cups")

    name = models.CharField(max_length=200, help_text="For the cup; empty if none was given.")
    note = models.TextField(blank=True)
    allergies = models.TextField(blank=True, help_text="What the customer must not have.")
    cups = models.TextField(blank=True, help_text="Whose each line is (`cups.py`).")
    channel = models.CharField(max_length=10, help_text="web or counter")
    lines = models.JSONField(
        default=list,
        help_text="line, item, name, size, options, choices, quantity, ticked, change",
    )
    changed_at = models.DateTimeField(null=True, help_text="When its customer changed it.")
    removed = models.JSONField(default=list, help_text="Lines that are gone since then.")
    state = models.CharField(max_length=10)
    barista = models.CharField(max_length=64, blank=True, help_text="Who has it: staff-<id>.")
    paid = models.BooleanField(default=False, help_text="Paid in full, or written off.")
    brought_back = models.CharField(
        max_length=10, blank=True, help_text="misbump, or why it is made again"
    )
    goes_first = models.BooleanField(default=False, help_text="Made before all others.")
    clock_from = models.DateTimeField(help_text="The customer's clock; a remake starts it anew.")
    promised_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    first_ready_at = models.DateTimeField(null=True, help_text="Before it was made again.")
    first_seconds = models.FloatField(null=True, help_text="To then, without holds.")
    on_time = models.BooleanField(null=True, help_text="Whether that was within the promise.")
    ending = models.CharField(
        max_length=20,
        blank=True,
        help_text="served, not collected, not started, stopped in time or wasted",
    )
    cancel_reason = models.CharField(max_length=200, blank=True)
    stop_asked = models.BooleanField(default=False, help_text="By its customer; to be answered.")
    hold_reason = models.CharField(max_length=200, blank=True, help_text="While it is on hold.")
    held_until = models.DateTimeField(null=True, help_text="Then it goes on by itself.")
    rush = models.CharField(max_length=30, blank=True, help_text="Why it goes before others.")

    class Meta:
        verbose_name = "ticket"
        constraints: ClassVar = [unique_in_generation("ticket_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "state", "promised_at"], name="ticket_queue"),
            models.Index(fields=["generation", "ready_at"], name="ticket_ready_at"),
            models.Index(fields=["generation", "first_ready_at"], name="ticket_first_ready"),
            models.Index(fields=["generation", "customer"], name="ticket_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.state}"

    @property
    def element_id(self) -> str:
        """The id of this ticket's element on the screen."""
        return f"ticket-{self.order}"

    @property
    def done_element_id(self) -> str:
        """The id of the same order's element in the drawer of what was done last."""
        return f"done-{self.order}"

    @property
    def barista_name(self) -> str:
        """The first name of who makes or made it, or an empty text."""
        return name_of(self.barista) if self.barista else ""

    @property
    def is_held(self) -> bool:
        """Whether the bar waits with it."""
        return self.state == TicketState.HELD

    @property
    def is_open(self) -> bool:
        """Whether the ticket stands on the queue."""
        return self.state in OPEN_TICKETS

    @property
    def sort(self) -> str:
        """What is made again comes first; then first promised, first made. Sorts as text."""
        return f"{1 - self.goes_first}-{oldest_first(self.promised_at, self.number)}"

    @property
    def done_sort(self) -> str:
        """In the drawer: what was called ready last comes first. Sorts as text."""
        return newest_first(self.ready_at or self.ordered_at)

    @property
    def changed_until(self) -> datetime | None:
        """Until when the bar is shown what changed; None for an order that never did."""
        return self.changed_at + CHANGE_SHOWN if self.changed_at else None

    @property
    def stands_since(self) -> datetime | None:
        """From when on it has been ready for long, and is still here; None if it is not."""
        is_here = self.state == TicketState.READY and self.ready_at is not None
        return self.ready_at + STANDS_AFTER if is_here and self.ready_at else None

    @property
    def lines_for_cups(self) -> list[dict[str, Any]]:
        """The lines, each with the name and the note of its cup."""
        cups = cups_in(self.cups) if self.cups else {}
        return [{**line, "cup": cups.get(line["line"])} for line in self.lines]

    @property
    def ticked_count(self) -> int:
        """How many lines are done."""
        return sum(1 for line in self.lines if line["ticked"])

    @property
    def unticked_count(self) -> int:
        """How many lines are still to be made."""
        return len(self.lines) - self.ticked_count

    @property
    def open_stations(self) -> list[str]:
        """The stations that have not made all of their lines yet."""
        return sorted({line["station"] for line in self.lines if not line["ticked"]})

    @property
    def stations(self) -> list[str]:
        """The stations that have to do with it: once all is made, whoever made something of it."""
        return self.open_stations or sorted({line["station"] for line in self.lines})

    @property
    def is_shared(self) -> bool:
        """Whether several stations make it."""
        return len({line["station"] for line in self.lines}) > 1

    @property
    def is_remake(self) -> bool:
        """Whether it is made a second time."""
        return self.brought_back not in ("", BringBackReason.MISBUMP)

    @property
    def remake_reason(self) -> str:
        """Why it is made a second time; an empty text where nobody recorded it."""
        is_known = self.is_remake and self.brought_back != BringBackReason.REMAKE
        return self.brought_back if is_known else ""

    @property
    def seconds_to_ready(self) -> float | None:
        """From the order, or from its remake, to ready; None while it is not ready."""
        if self.ready_at is None:
            return None
        return (self.ready_at - self.clock_from).total_seconds()


def ticket_of(order: FoldedOrder) -> QueueTicket | None:
    """The row of an order; None while nobody has ordered, and for an order of before the shop."""
    status, times = order.state, order.state.times
    placed, promised_at = status.placed, status.promised_at
    if placed is None or times.ordered is None or promised_at is None:
        return None
    changed = status.amendment
    new = difference(changed.before, placed.lines) if changed else Difference({}, ())
    return QueueTicket(
        order=order.id,
        number=placed.number,
        day=placed.day,
        name=placed.name,
        note=placed.note,
        allergies=placed.allergies,
        cups=placed.cups,
        customer=placed.customer,
        channel=status.channel.value,
        lines=[
            {
                **_line(line),
                "ticked": line.line in status.ticket.ticked,
                "change": new.marks.get(line.line, ""),
            }
            for line in placed.lines
        ],
        changed_at=changed.at if changed else None,
        removed=[_line(line) for line in new.removed],
        state=_state(status).value,
        barista=status.barista,
        paid=not status.balance.settlement.due,
        brought_back=status.brought_back.value if status.brought_back else "",
        goes_first=status.goes_first,
        ordered_at=times.ordered,
        clock_from=(times.clock_since or times.ordered) + times.held,
        promised_at=promised_at,
        started_at=times.started,
        ready_at=times.ready,
        first_ready_at=times.first_ready,
        first_seconds=status.seconds_to_ready,
        on_time=status.was_on_time,
        ending=_ending(status),
        cancel_reason=status.cancellation.reason if status.cancellation else "",
        stop_asked=status.stop_is_asked,
        hold_reason=status.hold.reason if status.hold and status.progress is Progress.HELD else "",
        held_until=status.held_until if status.progress is Progress.HELD else None,
        rush=status.rush.value if status.rush and status.ticket.rushed else "",
    )


def _line(line: Line) -> dict[str, Any]:
    return {
        "line": line.line,
        "item": line.item,
        "name": line.bar_name or line.name,
        "size": "" if line.usual_size else line.size,
        "options": list(line.words),
        "choices": list(line.choices),
        "quantity": line.quantity,
        "station": line.station.value,
    }


def _state(status: OrderStatus) -> TicketState:
    if status.must_be_stopped or status.stop_is_asked:
        return TicketState.STOPPING
    match status.progress:
        case Progress.HELD:
            return TicketState.HELD
        case Progress.WAITING:
            return TicketState.QUEUED
        case Progress.MAKING:
            return TicketState.MAKING
        case Progress.READY:
            return TicketState.READY
    return TicketState.DONE


def _ending(status: OrderStatus) -> str:
    if status.progress in (Progress.SERVED, Progress.NOT_COLLECTED):
        return status.progress.value
    return status.disposition.value if status.disposition else ""


# --- what the pages ask for: now, or for the orders that could be seen at a time in the past ------

Orders = Iterable[FoldedOrder]


def open_tickets(then: Orders | None = None) -> QuerySet[QueueTicket] | list[QueueTicket]:
    """What is to be made or to be stopped, in the order of the queue. To be shown page by page."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket and ticket.is_open]
        return sorted(tickets, key=lambda ticket: ticket.sort)
    rows = active_rows(QueueTicket).filter(state__in=OPEN_TICKETS)
    return rows.order_by("-goes_first", "promised_at", "number")


def open_ticket(order: str) -> QueueTicket | None:
    """The ticket of an order (a hexadecimal id), if the bar has still to do with it."""
    return active_rows(QueueTicket).filter(order=order, state__in=STILL_OPEN).first()


def held_tickets(then: Orders | None = None) -> list[QueueTicket]:
    """What the bar waits with, in the order of the queue."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket and ticket.is_held]
        return sorted(tickets, key=lambda ticket: ticket.sort)
    return list(_held()[:HELD_SHOWN])


def held_count() -> int:
    """How many orders the bar waits with."""
    return _held().count()


def _held() -> QuerySet[QueueTicket]:
    rows = active_rows(QueueTicket).filter(state=TicketState.HELD)
    return rows.order_by("-goes_first", "promised_at", "number")


def rushed_besides(order: str) -> int:
    """How many other orders are in a rush just now."""
    rows = active_rows(QueueTicket).filter(state__in=STILL_OPEN).exclude(rush="")
    return rows.exclude(order=order).count()


def recently_done(limit: int = DONE_SHOWN, then: Orders | None = None) -> list[QueueTicket]:
    """Tickets that were called ready, the latest first: of all orders, or of these."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket]
        ready = [ticket for ticket in tickets if ticket.ready_at and not ticket.is_open]
        return sorted(ready, key=lambda ticket: ticket.done_sort)[:limit]
    rows = active_rows(QueueTicket).filter(
        ready_at__isnull=False, state__in=(TicketState.READY, TicketState.DONE)
    )
    return list(rows.order_by("-ready_at", "-number")[:limit])


def ready_by(at: datetime, limit: int = 3 * DONE_SHOWN) -> list[str]:
    """Which orders (hexadecimal ids) were called ready by then, the latest first."""
    rows = active_rows(QueueTicket).filter(first_ready_at__lte=at)
    return list(rows.order_by("-first_ready_at", "-number").values_list("order", flat=True)[:limit])


def done_among(orders: Collection[str], limit: int = 20) -> list[QueueTicket]:
    """Of these orders (hexadecimal ids) those that were called ready, the latest first."""
    # Chosen and sorted here: SQLite would rather look through everything that was ever ready.
    rows = active_rows(QueueTicket).filter(order__in=list(orders))
    done = [row for row in rows if row.ready_at is not None and not row.is_open]
    return sorted(done, key=lambda row: row.done_sort)[:limit]


def open_at_closing(most: int) -> tuple[list[QueueTicket], int]:
    """What has no ending yet, made or not, the oldest first: so many, and how many there are."""
    rows = active_rows(QueueTicket).filter(state__in=(*STILL_OPEN, TicketState.READY))
    return list(rows.order_by("ordered_at", "number")[:most]), rows.count()


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """What is still to be done with an order."""

    to_make: bool  # or to be stopped
    unpaid: bool  # and not cancelled: somebody will have to pay


def open_count(besides: Collection[str] = ()) -> int:
    """How many orders are still to be made or to be stopped, besides these (hexadecimal ids)."""
    rows = active_rows(QueueTicket).filter(state__in=STILL_OPEN)
    return (rows.exclude(order__in=list(besides)) if besides else rows).count()


def open_among(orders: Collection[str]) -> dict[str, OpenOrder]:
    """Of these orders (hexadecimal ids) those that the bar knows."""
    rows = active_rows(QueueTicket).filter(order__in=list(orders))
    return {
        order: OpenOrder(
            to_make=state in STILL_OPEN,
            unpaid=not paid and state in (*NOT_DONE, TicketState.HELD, TicketState.READY),
        )
        for order, state, paid in rows.values_list("order", "state", "paid")
    }


def open_lines(tickets: Iterable[QueueTicket] | None = None) -> list[OpenLines]:
    """What is to be made, in the order of the queue: of these tickets, or of all of now."""
    if tickets is not None:
        return [
            OpenLines(ticket.order, ticket.number_text, ticket.lines)
            for ticket in tickets
            if ticket.state in NOT_DONE
        ]
    # The lines alone: in a rush there are many, and they are counted again and again.
    rows = active_rows(QueueTicket).filter(state__in=NOT_DONE)
    queue = rows.order_by("-goes_first", "promised_at", "number")
    lines = queue.values_list("order", "number", "lines")
    return [OpenLines(order, shown_number(number), made_of) for order, number, made_of in lines]


def drinks(lines: Iterable[OpenLines]) -> list[Drink]:
    """Equal drinks together; in a rush those that stand first."""
    return drinks_of(lines)[:DRINKS_SHOWN]


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


# --- what of it is live --------------------------------------------------------------------------


def _snapshot(_key: str, room: Room) -> list[Fragment]:
    tickets = room.fill(open_tickets(), QUEUE_SHOWN, _ticket)
    more_queued = room.left_out
    held = room.fill(_held(), HELD_SHOWN, _ticket)
    more_held = room.left_out - more_queued
    done = room.fill(recently_done(), DONE_SHOWN, _done_ticket)
    more = [more_rows("queue", more_queued, "bar"), more_rows("held", more_held)]
    return [*tickets, *held, *done, *more]


def _is_crowded() -> bool:
    rows = active_rows(QueueTicket).filter(state__in=OPEN_TICKETS)
    return are_more_than(QUEUE_SHOWN, rows) or are_more_than(HELD_SHOWN, _held())


def _changed(changes: Changes) -> list[Fragment]:
    tickets = [row for row in changes[QueueTicket].values() if isinstance(row, QueueTicket)]
    fragments = [_ticket(ticket) for ticket in tickets]
    if all(ticket.state in NEVER_READY and not ticket.brought_back for ticket in tickets):
        return fragments
    # As many may have left the drawer as tickets changed; one brought back makes room in it.
    last = recently_done(DONE_SHOWN + len(tickets))
    room = any(ticket.brought_back for ticket in tickets)
    changed = {ticket.order for ticket in tickets}
    shown, too_old = last[:DONE_SHOWN], last[DONE_SHOWN:]
    fragments += [_done_ticket(done) for done in shown if room or done.order in changed]
    gone = changed - {done.order for done in shown} | {done.order for done in too_old}
    return fragments + [Fragment(f"done-{order}", None, "done") for order in sorted(gone)]


def _ticket(ticket: QueueTicket) -> Fragment:
    if ticket.is_held:
        html = render_to_string("bar/_held.html", {"ticket": ticket})
        return Fragment(ticket.element_id, html, "held", ticket.sort)
    if not ticket.is_open:
        return Fragment(ticket.element_id, None, "queue")
    html = render_to_string("bar/_ticket.html", {"ticket": ticket})
    return Fragment(ticket.element_id, html, "queue", ticket.sort)


def _done_ticket(ticket: QueueTicket) -> Fragment:
    html = render_to_string("bar/_done.html", {"ticket": ticket})
    return Fragment(ticket.done_element_id, html, "done", ticket.done_sort)


def _summary() -> list[Fragment]:
    lines = open_lines()
    counts = {"all_day": all_day_of(order.lines for order in lines)}
    return [
        Fragment("all-day", render_to_string("bar/_all_day.html", counts)),
        Fragment("drinks", render_to_string("bar/_drinks.html", {"drinks": drinks(lines)})),
    ]


SCREEN = Screen(
    view=NAME,
    permission="see_queue",
    projection=Projection(name=NAME, version=6, tables=(QueueTicket,), row=ticket_of, view=NAME),
    snapshot=_snapshot,
    is_crowded=_is_crowded,
    changed=_changed,
    summary=_summary,
    pause=0.2,
    page="bar",
    title="Bar",
)
