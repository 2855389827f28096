"""Where the bar is with an order: the columns that several screens share, and how facts move them.

The same rules as `orders.domain.ticket`, on a row instead of a frozen state: tests hold the two
against each other.
"""

from typing import ClassVar

from django.db import models

from orders.domain.event import Event
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
)
from orders.domain.order_status import Progress
from orders.domain.ticket import Stage
from projections.read_row import ReadRow
from staff.names import name_of

BAR_EVENTS: tuple[type[Event], ...] = (
    OrderCancelled,
    OrderServed,
    OrderNotCollected,
    PreparationStarted,
    CoffeePrepared,
    PreparationReleased,
    BroughtBack,
    PreparationStopped,
)
"""The events that `move` answers."""


class AtTheBar(ReadRow):
    """A row about one order that follows what the bar and the counter do with it."""

    KEY: ClassVar = ("order",)

    order = models.CharField(max_length=32, help_text="The hexadecimal id of the order.")
    stage = models.CharField(
        max_length=10, default=Stage.QUEUED.value, help_text="queued, making, ready or stopped"
    )
    barista = models.CharField(max_length=64, blank=True, help_text="Who has it: staff-<id>.")
    cancelled = models.BooleanField(default=False)
    served = models.BooleanField(default=False)
    not_collected = models.BooleanField(default=False)

    class Meta:
        abstract = True

    @property
    def progress(self) -> Progress:
        """How far the order is, in the words people use."""
        if self.cancelled or self.stage == Stage.STOPPED:
            return Progress.CANCELLED
        if self.served:
            return Progress.SERVED
        if self.not_collected:
            return Progress.NOT_COLLECTED
        match self.stage:
            case Stage.MAKING:
                return Progress.MAKING
            case Stage.READY:
                return Progress.READY
            case _:
                return Progress.WAITING

    @property
    def barista_name(self) -> str:
        """The first name of who makes or made it, or an empty text."""
        return staff_name(self.barista)

    def move(self, event: Event) -> None:
        """Follow one of `BAR_EVENTS`; other events change nothing here."""
        match event:
            case OrderCancelled():
                self.cancelled = True
            case OrderServed():
                self.served, self.not_collected = True, False
            case OrderNotCollected():
                self.not_collected = True
            case PreparationStarted(barista=barista):
                self.stage, self.barista = Stage.MAKING.value, barista
            case CoffeePrepared():
                self.stage = Stage.READY.value
            case PreparationReleased():
                self.stage, self.barista = Stage.QUEUED.value, ""
            case BroughtBack(reason=reason):
                self._bring_back(reason)
            case PreparationStopped():
                self.stage = Stage.STOPPED.value

    def _bring_back(self, reason: BringBackReason) -> None:
        self.served = self.not_collected = False
        if reason is BringBackReason.REMAKE:
            self.barista = ""
        self.stage = Stage.MAKING.value if self.barista else Stage.QUEUED.value


def staff_name(actor: str) -> str:
    """The first name behind `staff-<id>`; empty for nobody."""
    return name_of(actor) if actor else ""
