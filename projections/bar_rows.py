"""The rows that say where an order is: the bar's ticket and the public board's entry.

They know no money beyond "paid or not", and no page: templates read the properties.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from django.db import models

from projections.at_the_bar import AtTheBar
from projections.read_row import shown_number, unique_in_generation


class TicketState(StrEnum):
    """Where the bar is with an order."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    STOPPING = "stopping"  # cancelled while being made: the barista has to answer
    DONE = "done"  # served, not collected, or stopped


OPEN_TICKETS = (TicketState.QUEUED, TicketState.MAKING, TicketState.STOPPING)
"""What stands on the queue. A ready ticket moves to the drawer of what was done last."""


class Ticket(AtTheBar):
    """One order as the bar sees it. Rows of finished orders stay: they can be brought back."""

    KEY: ClassVar = ("order",)

    number = models.IntegerField()
    day = models.CharField(max_length=10, help_text="The shop's day, an ISO date.")
    name = models.CharField(max_length=200, help_text="For the cup; empty if none was given.")
    note = models.TextField(blank=True)
    customer = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, help_text="web or counter")
    lines = models.JSONField(
        default=list,
        help_text="line, item, name, size, options (bar's words), quantity, ticked",
    )
    state = models.CharField(max_length=10)
    paid = models.BooleanField(default=False, help_text="Paid in full, or written off.")
    brought_back = models.CharField(max_length=10, blank=True, help_text="misbump or remake")
    ordered_at = models.DateTimeField()
    clock_from = models.DateTimeField(help_text="The customer's clock; a remake starts it anew.")
    promised_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="Served, not collected or stopped.")
    ending = models.CharField(
        max_length=20,
        blank=True,
        help_text="served, not collected, not started, stopped in time or wasted",
    )
    cancel_reason = models.CharField(max_length=200, blank=True)
    desk = models.IntegerField(null=True, help_text="The serving desk it was put on.")

    class Meta:
        constraints: ClassVar = [unique_in_generation("ticket_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "state", "promised_at"], name="ticket_queue"),
            models.Index(fields=["generation", "ready_at"], name="ticket_ready_at"),
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
    def number_text(self) -> str:
        """`041`: the number as people see it."""
        return shown_number(self.number)

    @property
    def is_open(self) -> bool:
        """Whether the ticket stands on the queue."""
        return self.state in OPEN_TICKETS

    @property
    def sort(self) -> str:
        """First promised, first made; the number decides between equals. Sorts as text."""
        return f"{self.promised_at.isoformat(timespec='microseconds')}-{self.number:06d}"

    @property
    def done_sort(self) -> str:
        """In the drawer: what was called ready last comes first. Sorts as text."""
        return newest_first(self.ready_at or self.ordered_at)

    @property
    def ticked_count(self) -> int:
        """How many lines are done."""
        return sum(1 for line in self.lines if line["ticked"])

    @property
    def unticked_count(self) -> int:
        """How many lines are still to be made."""
        return len(self.lines) - self.ticked_count

    @property
    def is_remake(self) -> bool:
        """Whether it is made a second time."""
        return self.brought_back == "remake"

    @property
    def seconds_to_ready(self) -> float | None:
        """From the order to ready, in seconds; None while it is not ready."""
        if self.ready_at is None:
            return None
        return (self.ready_at - self.clock_from).total_seconds()


class BoardState(StrEnum):
    """Where a waiting customer's eyes find the number."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    GONE = "gone"


class BoardEntry(AtTheBar):
    """One number on the public board. Gone orders keep their row: one can be brought back."""

    KEY: ClassVar = ("order",)

    number = models.IntegerField()
    day = models.CharField(max_length=10)
    name = models.CharField(max_length=12, help_text="The first 12 characters of the name.")
    customer = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    desk = models.IntegerField(null=True)
    ordered_at = models.DateTimeField()
    promised_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "board entries"
        constraints: ClassVar = [unique_in_generation("board_entry_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "state", "ordered_at"], name="board_state"),
            models.Index(fields=["generation", "customer"], name="board_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.state}"

    @property
    def element_id(self) -> str:
        """The id of this entry's element on the board."""
        return f"entry-{self.order}"

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it."""
        return shown_number(self.number)

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched."""
        return self.state == BoardState.READY

    @property
    def slot(self) -> str:
        """The column it stands in: `making` (queued ones too) or `ready`; empty when gone."""
        match self.state:
            case BoardState.READY:
                return "ready"
            case BoardState.GONE:
                return ""
            case _:
                return "making"

    @property
    def sort(self) -> str:
        """Making: oldest first. Ready: newest first. Sorts as text."""
        if self.is_ready and self.ready_at is not None:
            return newest_first(self.ready_at)
        return f"{self.ordered_at.isoformat(timespec='microseconds')}-{self.number:06d}"


def newest_first(moment: datetime) -> str:
    """A text that sorts later moments first (20 digits: microseconds before the year 5138)."""
    return f"{100_000_000_000_000_000 - int(moment.timestamp() * 1_000_000):020d}"
