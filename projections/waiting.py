"""How long people wait: from the bar's open tickets, and from how fast the bar was of late.

Answers what ordering asks before it promises (`orders.wait`), and what a customer asks who is
waiting. Learns how many seconds an item takes from the orders that were made last. Writes nothing.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from statistics import median
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from orders.domain.wait import Wait, wait_of
from orders.shop_state import shop_as_known
from projections.screens.barista_queue import pace
from projections.screens.barista_queue.pace import Work

START_SECONDS = 60.0
"""What an item takes as long as nothing is known: one or two coffees a minute is what the trade
says of a practised barista."""

LEARNED_FROM = 400
"""The orders that were made last: some days of a small shop."""

SAMPLES = 5
"""So many orders of one item alone say how long it takes."""

AT_WORK_MINUTES = 15
"""Who took or finished an order since is at work."""

MOST_TICKETS = 300
"""Tickets that are looked at one by one; the rest counts as if it were like them."""

WORK_SECONDS = 1.0
PACE_SECONDS = 60.0
"""How old these figures may be: they are asked for with every page of the menu."""

FIRST_PACE_SECONDS = 5.0
"""How old the pace may be while fewer orders were made than it is learned from: a new shop's
first busy hour would else be promised by what other bars do."""

Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Pace:
    """Seconds that one piece of an item takes; of an unknown one as long as any."""

    of_item: Mapping[str, float] = field(default_factory=dict)
    of_any: float = START_SECONDS

    def seconds(self, items: Mapping[str, int]) -> float:
        """The work of so many of these items."""
        return sum(self.of_item.get(item, self.of_any) * many for item, many in items.items())

    def left(self, lines: Lines) -> float:
        """The work of those lines that are not made yet."""
        return sum(
            self.of_item.get(line["item"], self.of_any) * int(line["quantity"])
            for line in lines
            if not line["ticked"]
        )


@dataclass(frozen=True, kw_only=True)
class OrderWait:
    """What the customer of an open order may know. `about` is when it will be ready."""

    before: int | None  # orders that are made first; None once somebody makes it
    about: datetime
    is_late: bool  # later than was promised, or it is going to be


def learned(made: Iterable[tuple[Lines, float]]) -> Pace:
    """The pace, from the lines of orders and the seconds that their making took."""
    of_item: dict[str, list[float]] = defaultdict(list)
    of_any: list[float] = []
    for lines, seconds in made:
        each = seconds / max(1, sum(line["quantity"] for line in lines))
        of_any.append(each)
        items = {line["item"] for line in lines}
        if len(items) == 1:
            of_item[items.pop()].append(each)
    return Pace(
        {item: median(samples) for item, samples in of_item.items() if len(samples) >= SAMPLES},
        median(of_any) if len(of_any) >= SAMPLES else START_SECONDS,
    )


class BarWait:
    """The wait at the bar, for one process. A database that is away leaves what was known last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looking = threading.Lock()
        self._pace = Pace()
        self._learns_at = self._looked_at = float("-inf")
        self._work = 0.0
        self._baristas = 1
        self._orders: dict[str, tuple[Work, int, float]] = {}
        """By order: its work, how many are made before it, and the seconds until it is made."""

    def wait(self, items: Mapping[str, int]) -> Wait:
        """How long these items would take, ordered now."""
        self._look()
        own = self._pace.seconds(items) if items else self._pace.of_any
        return wait_of(self._work, own, self._baristas, shop_as_known().promise_seconds)

    def work(self, items: Mapping[str, int]) -> float:
        """How many seconds of one barista's work these items are."""
        self._look()
        return self._pace.seconds(items)

    def seconds_of(self, items: Mapping[str, int]) -> float:
        """How long these items take whoever makes them, as far as it is learned."""
        self._look()
        return self._pace.seconds(items)

    def wait_of_order(self, order: str, now: datetime) -> OrderWait | None:
        """How long an order (a hexadecimal id) will still take; None if it is not to be made.

        As it was a second ago at most. None, too, for what stands behind hundreds of others.
        """
        self._look()
        if order not in self._orders:
            return None
        work, before, seconds = self._orders[order]
        expected = now + timedelta(seconds=seconds)
        is_late = max(now, expected) > work.promised_at
        return OrderWait(
            before=None if work.is_being_made else before,
            about=_next_minute(expected) if is_late else work.promised_at,
            is_late=is_late,
        )

    def _look(self) -> None:
        """Bring the figures up to date; while another thread does so, the older ones are used."""
        now = self._clock()
        if now - self._looked_at < WORK_SECONDS or not self._looking.acquire(blocking=False):
            return
        try:
            self._looked_at = now
            if now >= self._learns_at:
                made = pace.made_last(LEARNED_FROM)
                is_young = len(made) < LEARNED_FROM
                self._learns_at = now + (FIRST_PACE_SECONDS if is_young else PACE_SECONDS)
                self._pace = learned(made)
            since = timezone.now() - timedelta(minutes=AT_WORK_MINUTES)
            self._baristas = max(1, len(pace.at_work(since)))
            self._take_in(*pace.work_to_do(MOST_TICKETS))
        except DatabaseError:
            pass  # the shop goes on, and promises what it promised before
        finally:
            self._looking.release()

    def _take_in(self, queue: Sequence[Work], count: int) -> None:
        """What is being made is before all that waits, wherever it stood."""
        ahead, orders = 0.0, {}
        in_turn = sorted(queue, key=lambda work: not work.is_being_made)  # keeps the queue's order
        for before, work in enumerate(in_turn):
            own = self._pace.left(work.lines)
            shared = 0.0 if work.is_being_made else ahead / self._baristas
            orders[work.order] = (work, before, shared + own)
            ahead += own
        self._orders = orders
        self._work = ahead * count / len(queue) if queue else 0.0


@cache
def bar_wait() -> BarWait:
    """The one of this process."""
    return BarWait()


def _next_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
