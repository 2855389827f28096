"""Promises: what was promised to those who ordered, and how much of it was kept, over some days.

Whether a promise is kept has one definition, `OrderStatus.was_on_time`: from the order to the first
time it was ready, without the time for which it was on hold. What was called off before, or called
ready only when the bar closed, is counted as promised and not measured. Knows no person.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median
from typing import ClassVar, NamedTuple

from django.db import models
from django.utils import timezone

from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import unique_in_generation
from projections.folded_order import FoldedOrder
from projections.order_row import OrderRow
from projections.screen import Screen

NAME = "promises"

BENCHMARK_SECONDS = 240
BENCHMARK_PERCENT = 75
"""What a large chain reported of its pilot cafés: three quarters of the orders within four minutes,
about half of them before (Wall Street Journal of 30 April 2025)."""

BUCKETS = (-240, -120, -60, 0, 60, 120, 300)
"""Seconds after the promised moment that part the early from the late, and those among themselves.
An order that is ready in the very second of its promise is early."""


class PromiseOfOrder(OrderRow):
    """What became of one order's promise; there from the moment when that is known."""

    PROJECTION: ClassVar = NAME

    promised_seconds = models.IntegerField()
    seconds = models.FloatField(null=True, help_text="From the order to ready, without holds.")
    kept = models.BooleanField(null=True, help_text="Empty where it was not measured.")
    items = models.JSONField(default=dict, help_text="item: [name, quantity]")
    known_at = models.DateTimeField(help_text="When it was ready, or called off.")

    class Meta:
        verbose_name = "promise"
        constraints: ClassVar = [unique_in_generation("promise_of_order", "order")]
        indexes: ClassVar = [models.Index(fields=["generation", "day"], name="promise_day")]

    def __str__(self) -> str:
        return f"{self.number_text} {self.promised_seconds} s"


def promise_of(order: FoldedOrder) -> PromiseOfOrder | None:
    """The row of an order; None while nobody knows, and where nothing was promised."""
    status, times = order.state, order.state.times
    placed = status.placed
    known_at = times.first_ready or times.cancelled
    if placed is None or not placed.promised_seconds or times.ordered is None or known_at is None:
        return None
    items: dict[str, tuple[str, int]] = {}
    for line in placed.lines:
        _, before = items.get(line.item, ("", 0))
        items[line.item] = (line.name, before + line.quantity)
    return PromiseOfOrder(
        order=order.id,
        number=placed.number,
        day=placed.day,
        customer=placed.customer,
        ordered_at=times.ordered,
        promised_seconds=placed.promised_seconds,
        seconds=status.seconds_to_ready,
        kept=status.was_on_time,
        items={item: list(named) for item, named in items.items()},
        known_at=known_at,
    )


# --- what the page asks for ----------------------------------------------------------------------


class Outcome(NamedTuple):
    """One promise that was measured."""

    kept: bool
    seconds: float  # from the order to ready
    late: float  # seconds after the promised moment; below zero: before it


@dataclass
class Share:
    """Some promises together."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def measured(self) -> int:
        """How many there are."""
        return len(self.outcomes)

    @property
    def kept(self) -> int:
        """How many of them were kept."""
        return sum(outcome.kept for outcome in self.outcomes)

    @property
    def kept_percent(self) -> int | None:
        """How many of a hundred; None where there is none."""
        return round(100 * self.kept / self.measured) if self.outcomes else None

    @property
    def usually_late(self) -> float | None:
        """Half of them were ready so many seconds after the promised moment, or sooner."""
        return median(outcome.late for outcome in self.outcomes) if self.outcomes else None

    @property
    def within_benchmark_percent(self) -> int | None:
        """How many of a hundred were ready within `BENCHMARK_SECONDS`, whatever was promised."""
        if not self.outcomes:
            return None
        soon = sum(outcome.seconds <= BENCHMARK_SECONDS for outcome in self.outcomes)
        return round(100 * soon / self.measured)


@dataclass
class Promises:
    """The promises of some days."""

    given: int = 0
    all: Share = field(default_factory=Share)
    by_hour: dict[int, Share] = field(default_factory=lambda: defaultdict(Share))
    by_item: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    by_lateness: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))

    @property
    def not_measured(self) -> int:
        """Called off before they were ready, or nobody knows when they were."""
        return self.given - self.all.measured


def promises_between(
    first: date,
    last: date,
    seconds_of: Callable[[Mapping[str, int]], float],
    at: datetime | None = None,
) -> Promises:
    """The promises of orders of these days, as far as they were known at a moment or are now.

    `seconds_of` says how long so many of an item take: an order counts for the item of its longest
    line. Hours are those of the shop's clock at which people ordered.
    """
    rows = active_rows(PromiseOfOrder).filter(day__range=(first.isoformat(), last.isoformat()))
    if at is not None:
        rows = rows.filter(known_at__lte=at)
    promises = Promises()
    columns = ("ordered_at", "promised_seconds", "seconds", "kept", "items")
    for ordered_at, promised, seconds, kept, items in rows.values_list(*columns).iterator():
        promises.given += 1
        if kept is None or seconds is None:
            continue
        outcome = Outcome(kept, seconds, seconds - promised)
        promises.all.outcomes.append(outcome)
        promises.by_hour[timezone.localtime(ordered_at).hour].outcomes.append(outcome)
        promises.by_item[_longest(items, seconds_of)].outcomes.append(outcome)
        promises.by_lateness[bucket_of(outcome.late)] += 1
    return promises


def bucket_of(late: float) -> int:
    """Which of the `BUCKETS` (and one more) so many seconds belong to."""
    return sum(late > edge for edge in BUCKETS)


def _longest(
    items: Mapping[str, tuple[str, int]], seconds_of: Callable[[Mapping[str, int]], float]
) -> str:
    """The name of the item that takes the longest; of equal ones the first by name."""
    longest: Iterable[tuple[float, str]] = (
        (-seconds_of({item: quantity}), name) for item, (name, quantity) in items.items()
    )
    return min(longest)[1]


SCREEN = Screen(
    view="",
    permission="see_sales",
    projection=Projection(name=NAME, version=1, tables=(PromiseOfOrder,), row=promise_of),
    page="promises",
    title="Promises",
)
