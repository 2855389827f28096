"""How far the reactor is: what it has not looked at, what is not finished, what it had to park.

For pages and metrics. Reads the reactor's position and the log behind it, and no read model: it is
right also while the projector is away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from orders.domain.event import type_of
from orders.domain.events import (
    CoffeeOrdered,
    OrderPaid,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    RefundStarted,
)
from orders.domain.streams import id_of
from orders.event_codec import Undecodable, decode
from orders.event_store import StoredEvent, StoreUnavailable, event_store
from orders.reactions.checkpoint import NAME, ReactorCheckpoint
from orders.reactions.parking import ParkedReaction, ParkedState

OVERDUE_AFTER = timedelta(minutes=1)
"""A card payment takes seconds: what is open for longer needs somebody's eyes."""

BEHIND_AFTER = 5.0
"""Seconds: a reactor that is further behind than that is said to be."""

COUNTED_TO = 1_000
"""Events behind are counted up to here; more than that is "many"."""

NAMED = 10
"""So many overdue payments are named by their order's number; the rest is counted."""

STARTED = frozenset(type_of(event).name for event in (PaymentStarted, RefundStarted))
ENDED = frozenset(
    type_of(event).name
    for event in (OrderPaid, PaymentDeclined, PaymentRolledBack, PaymentRefunded)
)


@dataclass(frozen=True, kw_only=True)
class OpenPayment:
    """A payment or refund that was started and has no outcome."""

    stream: str
    type_name: str
    since: datetime
    number: int | None = None  # of the order; None if it was not looked up or cannot be read

    @property
    def order(self) -> str:
        """The id of the order, hexadecimal."""
        return id_of(self.stream)

    @property
    def is_refund(self) -> bool:
        """Whether the money is to go back."""
        return self.type_name == type_of(RefundStarted).name


@dataclass(frozen=True, kw_only=True)
class ReactorProgress:
    """The reactor as seen from outside. None: the log cannot be reached, so nobody knows."""

    events_behind: int | None  # counted up to COUNTED_TO
    seconds_behind: float | None  # the age of the oldest event it has not looked at
    overdue: tuple[OpenPayment, ...]  # open for longer than OVERDUE_AFTER, oldest first
    parked: int  # events parked or waiting behind one

    @property
    def is_behind(self) -> bool:
        """Whether it is so far behind that somebody should know."""
        return self.seconds_behind is not None and self.seconds_behind > BEHIND_AFTER

    @property
    def is_many(self) -> bool:
        """Whether there are more events behind than were counted."""
        return self.events_behind == COUNTED_TO


class ReadLog(Protocol):
    """What is needed of the event store."""

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        """Events beyond a commit position, in the order of the log."""

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """All events of a stream, oldest first."""


def reactor_progress(now: datetime, store: ReadLog | None = None) -> ReactorProgress:
    """How far the reactor is at this moment. Raises database errors only."""
    store = store or event_store()
    checkpoint = ReactorCheckpoint.objects.filter(name=NAME).first()
    position, seen = (checkpoint.position, checkpoint.seen) if checkpoint else (None, 0)
    parked = list(ParkedReaction.objects.exclude(state=ParkedState.SKIPPED.value))
    try:
        pending = store.read_all(after=position, limit=COUNTED_TO)
        unseen = [event for event in pending if event.position > seen]
        if not unseen and len(pending) == COUNTED_TO:
            unseen = store.read_all(after=seen, limit=COUNTED_TO)
        overdue = _named(_overdue(parked, pending, now - OVERDUE_AFTER), store)
    except StoreUnavailable:
        return ReactorProgress(
            events_behind=None, seconds_behind=None, overdue=(), parked=len(parked)
        )
    age = (now - unseen[0].recorded_at).total_seconds() if unseen else 0.0
    return ReactorProgress(
        events_behind=len(unseen),
        seconds_behind=max(0.0, age),
        overdue=overdue,
        parked=len(parked),
    )


def _overdue(
    parked: Iterable[ParkedReaction], pending: Iterable[StoredEvent], before: datetime
) -> list[OpenPayment]:
    """What was started before this moment and is open: parked, or behind the checkpoint.

    By the names of the events alone, so that one that cannot be read counts as well.
    """
    opened: dict[str, OpenPayment] = {}
    events: list[ParkedReaction | StoredEvent] = [*parked, *pending]
    for event in events:
        if event.type_name in STARTED:
            opened[event.stream] = OpenPayment(
                stream=event.stream, type_name=event.type_name, since=event.recorded_at
            )
        elif event.type_name in ENDED:
            opened.pop(event.stream, None)
    return sorted(
        (payment for payment in opened.values() if payment.since <= before),
        key=lambda payment: payment.since,
    )


def _named(overdue: Sequence[OpenPayment], store: ReadLog) -> tuple[OpenPayment, ...]:
    named = [
        OpenPayment(
            stream=payment.stream,
            type_name=payment.type_name,
            since=payment.since,
            number=_number_in(store.read_stream(payment.stream)),
        )
        for payment in overdue[:NAMED]
    ]
    return (*named, *overdue[NAMED:])


def _number_in(stored: Sequence[StoredEvent]) -> int | None:
    try:
        fact = decode(stored[0]) if stored else None
    except Undecodable:
        return None
    return fact.event.number if fact and isinstance(fact.event, CoffeeOrdered) else None
