"""The ticket: one order as the bar sees it, and how it follows from the order.

Knows no money beyond "paid or not".
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from django.db import models

from orders.domain.cups import cups_in
from orders.domain.events import BringBackReason, Line, WaitsFor
from orders.domain.order_status import CHANGE_SHOWN, WAITS, OrderStatus
from orders.domain.progress import Progress
from projections.changed_lines import Difference, difference
from projections.engine.read_row import unique_in_generation
from projections.folded_order import FoldedOrder
from projections.order_row import OrderRow
from projections.screen import (
    newest_first,
    oldest_first,
)
from staff.names import name_of

NAME = "barista-queue"


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
    def is_for_later(self) -> bool:
        """Whether it waits for the time at which its customer wants to have it."""
        return self.is_held and self.hold_reason == WAITS[WaitsFor.TIME]

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
