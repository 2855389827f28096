"""Tracking: one row an order with its facts in compact form. Feeds the customer's page.

The row also says from when to when the order could be seen on the shop's screens: the screens of
the past are made from these rows (`projections/past.py`).
"""

from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

import msgspec
from django.conf import settings
from django.db import models
from django.template.loader import render_to_string

from orders.domain.event import FORGOTTEN
from orders.domain.events import Line
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus, fold
from orders.domain.order_words import headline_of, money_sentence, sentence
from orders.domain.progress import Progress
from orders.domain.streams import ORDER
from orders.languages import translated
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import unique_in_generation
from projections.folded_order import NEW_VERSIONS, FoldedOrder, Words, dump, load, words_in
from projections.order_row import OrderRow
from projections.screen import Fragment, Room, Screen
from staff.names import name_of

NAME = "order-tracking"

STILL_TO_BE_SEEN = -1
"""The span of an order that has not left the staff's screens."""

MADE_AGAIN_WITHIN = timedelta(minutes=30)
"""So long after the hand-over its customer may find that something is wrong with it."""

STEPS = (Progress.WAITING, Progress.MAKING, Progress.READY, Progress.SERVED)


class TrackedOrder(OrderRow):
    """One order as its customer follows it: its compact facts, from which all else is derived.

    It could be seen on a screen in `[since, until)`. `span` is the whole part of the binary
    logarithm of that length in seconds (-1 while it can still be seen): "who was on a screen at
    T" is then a handful of short index ranges, however long the shop's history is.
    """

    PROJECTION: ClassVar = NAME
    PERSONAL: ClassVar = ("name", "note", "allergies", "cups", "words")

    name = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    cups = models.TextField(blank=True, help_text="Whose each line is (`cups.py`).")
    allergies = models.TextField(blank=True, help_text="What the customer must not have.")
    words = models.TextField(
        blank=True, help_text="Of a changed order: what was written in each of its facts, as JSON."
    )
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField(help_text="cents")
    progress = models.CharField(max_length=20, help_text="How far it is, in the domain's words.")
    money = models.CharField(max_length=20, help_text="The money in the domain's words.")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    span = models.SmallIntegerField(default=STILL_TO_BE_SEEN)
    facts = models.JSONField(default=list, help_text="Its compact facts, without names.")

    class Meta:
        constraints: ClassVar = [unique_in_generation("tracked_order_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "customer", "ordered_at"], name="tracked_customer"),
            models.Index(fields=["generation", "span", "since"], name="tracked_span"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.progress}, {self.money}"

    def loaded_facts(self) -> list[Fact]:
        """The facts of the order, its customer's words put back in."""
        if self.words and self.words != FORGOTTEN:
            words = _words.decode(self.words)
        else:
            latest = {
                "name": self.name,
                "note": self.note,
                "allergies": self.allergies,
                "cups": self.cups,
            }
            words = dict.fromkeys((fact[4] for fact in self.facts), latest)  # by revision
        return load(self.facts, self.order, words)

    @cached_property
    def status(self) -> OrderStatus:
        """Everything that can be said about the order: the fold of its facts."""
        return fold(self.loaded_facts())

    @property
    def headline(self) -> str:
        """The derived status in one line."""
        return translated(headline_of(self.status))

    @property
    def sentence(self) -> str:
        """What the customer reads first."""
        barista = name_of(self.status.barista) if self.status.barista else ""
        return translated(sentence(self.status, barista=barista, place=settings.SERVING_DESK_NAME))

    @property
    def money_sentence(self) -> str:
        """What the customer reads about the money."""
        return translated(money_sentence(self.status))

    @property
    def lines(self) -> list[dict[str, object]]:
        """What was ordered: name, size, options, quantity, amount, ticked."""
        ticked, cups = self.status.ticket.ticked, self.status.cups
        return [
            {
                "cup": cups.get(line.line),
                "name": line.name,
                "size": line.size,
                "options": list(line.words),
                "quantity": line.quantity,
                "amount": line.unit_price * line.quantity,
                "ticked": line.line in ticked,
            }
            for line in self.status.lines
        ]

    @property
    def lines_to_make(self) -> list[Line]:
        """What is still to be made."""
        ticked = self.status.ticket.ticked
        return [line for line in self.status.lines if line.line not in ticked]

    @property
    def is_to_be_made(self) -> bool:
        """Whether something is still to be made."""
        return self.status.ticket.is_to_be_made

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
        return self.status.is_over

    @property
    def is_settled(self) -> bool:
        """Whether its money has come to rest, too."""
        return self.status.is_settled

    def is_followed(self, at: datetime) -> bool:
        """Whether its page follows it at this time: it is not settled, or may yet be made again."""
        served = self.status.times.served if self.progress == Progress.SERVED else None
        return not self.is_settled or (served is not None and at - served < MADE_AGAIN_WITHIN)

    @property
    def can_cancel(self) -> bool:
        """Whether the customer may still cancel: nobody has started."""
        return self.status.can_cancel

    @property
    def can_change(self) -> bool:
        """Whether the customer may still change it: nobody has started."""
        return self.status.can_amend

    @property
    def pick_up_at(self) -> datetime | None:
        """The time that its customer chose, if they did."""
        placed = self.status.placed
        return datetime.fromisoformat(placed.pick_up_at) if placed and placed.pick_up_at else None

    @property
    def can_say_here_from(self) -> datetime | None:
        """From when on its customer may say that they are here; None if nobody is waited for."""
        return self.status.can_say_here_from

    def can_say_here(self, at: datetime) -> bool:
        """Whether they may at this time."""
        return self.can_say_here_from is not None and self.can_say_here_from <= at

    @property
    def can_be_taken(self) -> bool:
        """Whether the customer may say that they have it: ready, and nothing left to pay."""
        return self.status.can_serve

    @property
    def can_pay(self) -> bool:
        """Whether the customer may pay now."""
        return self.status.can_pay

    @property
    def can_ask_to_stop(self) -> bool:
        """Whether the customer may ask the bar to stop."""
        return self.status.can_ask_to_stop

    @property
    def step(self) -> int:
        """1 in the queue or on hold, 2 being made, 3 ready, 4 served; 0 when it is off."""
        progress = Progress(self.progress)
        if progress is Progress.HELD:
            return 1
        return STEPS.index(progress) + 1 if progress in STEPS else 0


def tracked_order_of(order: FoldedOrder) -> TrackedOrder | None:
    """The row of an order; None while nobody has ordered."""
    status = order.state
    placed = status.placed
    if placed is None or status.times.ordered is None:
        return None
    times = [fact.occurred_at for fact in order.facts]
    is_seen = not status.is_settled or status.must_be_stopped
    since, until = min(times), None if is_seen else max(times)
    return TrackedOrder(
        order=order.id,
        number=placed.number,
        day=placed.day,
        name=placed.name,
        note=placed.note,
        allergies=placed.allergies,
        cups=placed.cups,
        words=_written(order) if status.amendment else "",
        customer=placed.customer,
        currency=placed.currency,
        total=placed.total,
        progress=status.progress.value,
        money=status.money.value,
        ordered_at=status.times.ordered,
        since=since,
        until=until,
        span=STILL_TO_BE_SEEN if until is None else span_of((until - since).total_seconds()),
        facts=[dump(fact) for fact in order.facts],
    )


_words = msgspec.json.Decoder(dict[int, dict[str, str]])


def _written(order: FoldedOrder) -> str:
    words: Words = words_in(order.facts)
    if not words:
        return ""
    if any(FORGOTTEN in fields.values() for fields in words.values()):
        return FORGOTTEN
    return msgspec.json.encode(words).decode()


def span_of(seconds: float) -> int:
    """The whole part of the binary logarithm of a length in seconds; 0 for less than two."""
    return max(0, int(seconds).bit_length() - 1)


def tracked_order(order: str) -> TrackedOrder | None:
    """One order (a hexadecimal id) as its customer sees it now; None if there is none."""
    return active_rows(TrackedOrder).filter(order=order).first()


def orders_of_customer(customer: str, limit: int = 20) -> list[TrackedOrder]:
    """A customer's orders, the latest first."""
    rows = active_rows(TrackedOrder).filter(customer=customer)
    return list(rows.order_by("-ordered_at")[:limit])


def _snapshot(order: str, _room: Room) -> list[Fragment]:
    found = tracked_order(order)
    if found is None:
        return []
    return [Fragment("tracking", render_to_string("ordering/_tracking.html", {"order": found}))]


SCREEN = Screen(
    view=ORDER,
    permission=None,
    projection=Projection(
        name=NAME,
        version=2 + NEW_VERSIONS,
        tables=(TrackedOrder,),
        row=tracked_order_of,
        view=ORDER,
        view_per_row=True,  # order:<hex>
    ),
    snapshot=_snapshot,
)
