"""The rows about one order for its customer, and for finding a stream.

They know no page: templates read the properties.
"""

from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models

from orders.domain.order_status import OrderStatus, Progress, fold
from orders.domain.order_words import headline_of, money_sentence, sentence
from projections import story
from projections.at_the_bar import staff_name
from projections.read_row import ReadRow, shown_number, unique_in_generation

STILL_TO_BE_SEEN = -1
"""The span of an order that has not left the staff's screens."""


class TrackedOrder(ReadRow):
    """One order as its customer follows it: its facts in short, from which all else is derived.

    It could be seen on a screen in `[since, until)`. `span` is the whole part of the binary
    logarithm of that length in seconds (-1 while it can still be seen): "who was on a screen at
    T" is then a handful of short index ranges, however long the shop's history is.
    """

    KEY: ClassVar = ("order",)

    order = models.CharField(max_length=32)
    number = models.IntegerField()
    day = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    customer = models.CharField(max_length=64)
    channel = models.CharField(max_length=10, help_text="web or counter")
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(help_text="cents")
    progress = models.CharField(max_length=20, help_text="How far it is, in the domain's words.")
    money = models.CharField(max_length=20, help_text="The money in the domain's words.")
    ordered_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    span = models.SmallIntegerField(default=STILL_TO_BE_SEEN)
    revision = models.IntegerField(help_text="Of the last fact folded into this row.")
    facts = models.JSONField(default=list, help_text="Its facts in short, without names.")

    before: int | None = None
    """How many orders stand before this one in the queue; set by who asks for it."""

    class Meta:
        constraints: ClassVar = [unique_in_generation("tracked_order_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "customer", "ordered_at"], name="tracked_customer"),
            models.Index(fields=["generation", "span", "since"], name="tracked_span"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.progress}, {self.money}"

    @cached_property
    def status(self) -> OrderStatus:
        """Everything that can be said about the order: the fold of its facts."""
        return fold(story.told_by(self.facts, self.order, self.name, self.note))

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it."""
        return shown_number(self.number)

    @property
    def headline(self) -> str:
        """The derived status in one line, for the staff."""
        return headline_of(self.status)

    @property
    def sentence(self) -> str:
        """What the customer reads first."""
        return sentence(
            self.status,
            barista=self.barista_name,
            before=self.before,
            place=settings.SERVING_DESK_NAME,
        )

    @property
    def money_sentence(self) -> str:
        """What the customer reads about the money."""
        return money_sentence(self.status)

    @property
    def lines(self) -> list[dict[str, object]]:
        """What was ordered: line, name, size, options, quantity, unit_price, amount, ticked."""
        ticked = self.status.ticket.ticked
        return [
            {
                "line": line.line,
                "item": line.item,
                "name": line.name,
                "size": line.size,
                "options": list(line.options),
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "amount": line.unit_price * line.quantity,
                "ticked": line.line in ticked,
            }
            for line in self.status.lines
        ]

    @property
    def due(self) -> int:
        """What is still to be paid, in cents."""
        return self.status.due

    @property
    def is_ready(self) -> bool:
        """Whether it waits for its customer."""
        return self.progress == Progress.READY

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected to happen at the bar."""
        return self.progress in (Progress.SERVED, Progress.NOT_COLLECTED, Progress.CANCELLED)

    @property
    def can_cancel(self) -> bool:
        """Whether the customer may still cancel: nobody has started."""
        return self.status.can_cancel

    @property
    def can_pay(self) -> bool:
        """Whether the customer may pay now."""
        return self.status.can_pay

    @property
    def step(self) -> int:
        """1 in the queue, 2 being made, 3 ready, 4 served; 0 when it is off."""
        steps = (Progress.WAITING, Progress.MAKING, Progress.READY, Progress.SERVED)
        progress = Progress(self.progress)
        return steps.index(progress) + 1 if progress in steps else 0

    @property
    def barista_name(self) -> str:
        """The first name of who makes or made it, or an empty text."""
        return staff_name(self.status.barista)


class DirectoryEntry(ReadRow):
    """A line in the shop's address book: how people find a stream by number, name or id."""

    KEY: ClassVar = ("stream",)

    stream = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, help_text="order or customer")
    number = models.IntegerField(null=True, help_text="of an order")
    day = models.CharField(max_length=10, blank=True, help_text="of an order")
    name = models.CharField(max_length=200, blank=True)
    customer = models.CharField(max_length=64)
    first_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "directory entries"
        constraints: ClassVar = [unique_in_generation("directory_stream", "stream")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "number", "first_at"], name="directory_number"),
            models.Index(fields=["generation", "name"], name="directory_name"),
            models.Index(fields=["generation", "customer"], name="directory_customer"),
        ]

    def __str__(self) -> str:
        return self.stream

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it; empty for a customer."""
        return "" if self.number is None else shown_number(self.number)
