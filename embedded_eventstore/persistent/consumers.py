"""Which consumer gets the next message: the four consumer strategies. Pure rules.

A consumer has room while it holds fewer messages than its buffer takes, and not too many bytes.
"""

import zlib
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from embedded_eventstore.persistent.settings import (
    DISPATCH_TO_SINGLE,
    PINNED,
    PINNED_BY_CORRELATION,
    ROUND_ROBIN,
)

BUCKETS = 1024
MAX_HELD_BYTES = 32 * 1024 * 1024
"""Ours: a consumer's buffer of a million messages does not fill the memory with them."""


@dataclass(eq=False, slots=True)
class Consumer:
    """One connected consumer and how many messages it holds."""

    capacity: int
    held: int = 0
    held_bytes: int = 0
    received: int = 0

    @property
    def has_room(self) -> bool:
        return self.held < self.capacity and self.held_bytes < MAX_HELD_BYTES

    def take(self, size: int) -> None:
        self.held += 1
        self.held_bytes += size
        self.received += 1

    def let_go(self, size: int) -> None:
        self.held -= 1
        self.held_bytes -= size


class Strategy(Protocol):
    """Knows the consumers and chooses among them."""

    def add(self, consumer: Consumer, busy: Iterable[str]) -> None:
        """A consumer joins while messages with the pins ``busy`` are being worked on."""

    def remove(self, consumer: Consumer) -> None: ...

    def choose(self, pin: str) -> Consumer | None:
        """The consumer for a message with this pin; None when none may have it now."""


class InTurn:
    """RoundRobin: one message each. DispatchToSingle: one consumer until it is full."""

    def __init__(self, *, fill: bool) -> None:
        self._fill = fill
        self._queue: deque[Consumer] = deque()

    def add(self, consumer: Consumer, busy: Iterable[str]) -> None:
        self._queue.append(consumer)

    def remove(self, consumer: Consumer) -> None:
        self._queue.remove(consumer)

    def choose(self, pin: str) -> Consumer | None:
        for _ in range(len(self._queue)):
            consumer = self._queue[0]
            if consumer.has_room:
                if not self._fill:
                    self._queue.rotate(-1)
                return consumer
            self._queue.rotate(-1)
        return None


class Pinned:
    """Messages with the same pin go to the same consumer, for as long as it stays.

    Pins fall into buckets; a bucket gets its consumer with its first message.
    """

    def __init__(self) -> None:
        self._consumers: list[Consumer] = []
        self._assigned: dict[int, Consumer] = {}

    def add(self, consumer: Consumer, busy: Iterable[str]) -> None:
        """Take idle buckets from those with more than their share; busy ones keep their order."""
        self._consumers.append(consumer)
        share = -(-len(self._assigned) // len(self._consumers))
        busy_buckets = {_bucket(pin) for pin in busy}
        counts = Counter(self._assigned.values())
        for bucket, owner in list(self._assigned.items()):
            if counts[owner] > share and bucket not in busy_buckets:
                del self._assigned[bucket]
                counts[owner] -= 1

    def remove(self, consumer: Consumer) -> None:
        self._consumers.remove(consumer)
        self._assigned = {
            bucket: owner for bucket, owner in self._assigned.items() if owner is not consumer
        }

    def choose(self, pin: str) -> Consumer | None:
        if not self._consumers:
            return None
        bucket = _bucket(pin)
        owner = self._assigned.get(bucket)
        if owner is None:
            counts = Counter(self._assigned.values())
            owner = min(self._consumers, key=lambda consumer: counts[consumer])
            self._assigned[bucket] = owner
        return owner if owner.has_room else None


def strategy_named(name: str) -> Strategy:
    """Raises ValueError."""
    match name:
        case _ if name == ROUND_ROBIN:
            return InTurn(fill=False)
        case _ if name == DISPATCH_TO_SINGLE:
            return InTurn(fill=True)
        case _ if name in (PINNED, PINNED_BY_CORRELATION):
            return Pinned()
        case _:
            raise ValueError(f"There is no consumer strategy {name!r}.")


def _bucket(pin: str) -> int:
    return zlib.crc32(pin.encode()) % BUCKETS
