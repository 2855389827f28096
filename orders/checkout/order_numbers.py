"""Order numbers of the day, handed out from memory: a block of 20 at a time is reserved in the log.

Numbers begin at 1 each day of the shop and are never given twice; a process that ends leaves the
rest of its block unused.
"""

import threading
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from uuid import uuid4, uuid5

from django.utils.timezone import localtime

from orders.command_handler import Log, handle
from orders.domain.order_numbers import ReserveOrderNumbers, numbers_of_block
from orders.domain.refused import NumbersTaken
from orders.domain.streams import order_numbers_stream
from orders.event_store import StoreUnavailable, event_store

WAIT_SECONDS = 3.0
"""How long a request waits while another one of this process reserves a block."""


@dataclass
class _Day:
    """What this process has of one day: numbers still to be given, and where to look for more."""

    next_block: int = 0
    left: list[int] = field(default_factory=list)


class OrderNumbers:
    """The numbers of one process. Safe to share between threads."""

    def __init__(self, store: Log | None = None) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._process = uuid4()
        # Kept for good: at midnight, and when the clock is set back, an earlier day goes on.
        self._days: dict[date, _Day] = {}

    def take(self, now: datetime) -> tuple[str, int]:
        """The shop's day (ISO) and the next number of it.

        Raises `StoreUnavailable` or `OutcomeUnknown` when a new block is needed and not to be had.
        """
        if not self._lock.acquire(timeout=WAIT_SECONDS):
            raise StoreUnavailable
        try:
            day = localtime(now).date()
            numbers = self._days.setdefault(day, _Day())
            if not numbers.left:
                numbers.left = self._reserve(day, numbers, now)
            return day.isoformat(), numbers.left.pop(0)
        finally:
            self._lock.release()

    def _reserve(self, day: date, numbers: _Day, now: datetime) -> list[int]:
        while True:
            block = numbers.next_block
            # The same id for the same block: if the log did not respond, appending again finds it.
            command = ReserveOrderNumbers(
                command_id=uuid5(self._process, f"{day}:{block}"),
                at=now,
                actor="shop",
                day=day.isoformat(),
                block=block,
            )
            try:
                handle(order_numbers_stream(day, block), command, store=self._store)
            except NumbersTaken:
                numbers.next_block = self._first_free(day, block + 1)
                continue
            numbers.next_block = block + 1
            first, last = numbers_of_block(block)
            return list(range(first, last + 1))

    def _first_free(self, day: date, block: int) -> int:
        """The first block from `block` on that nobody has: doubling steps, then halving ones."""
        step = 1
        while self._is_taken(day, block + step - 1):
            step *= 2
        low, high = block + step // 2 - 1 if step > 1 else block - 1, block + step - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._is_taken(day, middle):
                low = middle
            else:
                high = middle
        return high

    def _is_taken(self, day: date, block: int) -> bool:
        store = self._store or event_store()
        return bool(store.read_stream(order_numbers_stream(day, block)))


@cache
def _numbers() -> OrderNumbers:
    return OrderNumbers()


def next_order_number(now: datetime) -> tuple[str, int]:
    """The shop's day of `now` and this process's next number of it: `OrderNumbers.take`."""
    return _numbers().take(now)
