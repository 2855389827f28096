"""What the services do about one another's events: the shop's process managers.

Intention in the log → call with a fixed key → outcome in the log. A step may be cut off anywhere
and run again: keys and command ids follow from the event, and the deciders refuse what has already
happened. Knows no threads and no checkpoint: `reactor.py` brings the events.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.timezone import localtime

from orders import tracing
from orders.command_handler import Conflict, Log, UnreadableFact, handle, readable_facts
from orders.domain import ordering, payment, pick_ups, preparation
from orders.domain.balance import Balance
from orders.domain.command import Command
from orders.domain.event import Event, type_of
from orders.domain.events import (
    CoffeeOrdered,
    OrderAmended,
    OrderCancelled,
    OrderHeld,
    OrderPaid,
    PaymentRefunded,
    PaymentStarted,
    PreparationStopped,
    RefundStarted,
)
from orders.domain.fact import Fact
from orders.domain.refused import Refused
from orders.domain.streams import id_of, pick_ups_stream
from orders.event_codec import Undecodable, decode
from orders.event_store import EventStoreError, StoredEvent
from orders.payments.gateway import (
    Approved,
    Cancelled,
    Declined,
    GatewayTimeout,
    NotFound,
    PaymentGateway,
)
from orders.reactions.timers import StoredTimers, Timer, Timers

NAMESPACE = UUID("0d0a5c7e-5d53-5f0c-8b52-1f4f6ac2d7b1")
"""The name space of the reactor's refunds; never to change."""

REACTOR = "reactor"
HELD = (type_of(OrderHeld).name, type_of(CoffeeOrdered).name)
"""What may have set an order aside: the bar, or the order itself."""

CANCELLED_REASON = "The order was cancelled."
CHANGED_REASON = "The order was changed and costs less."
CALLED_OFF_REASON = "The card terminal did not answer in time; nothing was charged."

PASSING = (
    EventStoreError,
    Conflict,
    GatewayTimeout,
    OperationalError,
    InterfaceError,
    OSError,
)
"""What passes by itself: tried again for as long as it takes."""

UNREADABLE = (Undecodable, UnreadableFact)
"""What no further try makes readable."""

TRIES_OF_THE_UNREADABLE = 3
TRIES_OF_ALL_ELSE = 12
"""About 80 seconds of tries: longer than a card payment may stay without a word."""

log = structlog.get_logger(__name__)


def tries_of(error: BaseException) -> float:
    """How often a reaction that fails like this is tried, before a person has to look at it."""
    if isinstance(error, PASSING):
        return math.inf
    return TRIES_OF_THE_UNREADABLE if isinstance(error, UNREADABLE) else TRIES_OF_ALL_ELSE


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Reactions:
    """The steps. `give_up` is how long a card payment may stay without a word from the gateway.

    `attempt` counts the tries of one event from 0 in this process.
    """

    store: Log
    gateway: PaymentGateway
    give_up: timedelta
    clock: Callable[[], datetime] = _utc_now
    timers: Timers = field(default_factory=StoredTimers)

    def react(self, stored: StoredEvent, attempt: int) -> None:
        """Do what is to be done about one event.

        Raises `GatewayTimeout`, `StoreUnavailable`, `OutcomeUnknown`, … : then try again later.
        """
        fact = decode(stored)
        if fact is not None:
            with tracing.span_behind(f"react to {stored.type_name}", [stored], attempt=attempt):
                for step in REACTIONS[type(fact.event)].steps:
                    step(self, fact, attempt)

    def recorded(self, stream: str, event_id: UUID) -> StoredEvent | None:
        """An event of the log; None if the log does not have it (any more)."""
        events = self.store.read_stream(stream)
        return next((event for event in events if event.event_id == event_id), None)

    def stop_preparation(self, fact: Fact, _attempt: int) -> None:
        """Let preparation know that the order is cancelled."""
        command = preparation.NoteCancellation(
            command_id=uuid5(fact.event_id, "bar"), at=self.clock(), actor=REACTOR
        )
        self._append(fact, command)

    def time_the_hold(self, fact: Fact, _attempt: int) -> None:
        """Have a held order go on by itself when its time is over."""
        held = fact.event
        assert isinstance(held, OrderHeld)
        if held.minutes:
            due = fact.occurred_at + timedelta(minutes=held.minutes)
            self.timers.start(fact.event_id, fact.stream, due)

    def time_the_start(self, fact: Fact, _attempt: int) -> None:
        """Have the bar begin with an order for later, so that it is ready at its time."""
        placed = fact.event
        assert isinstance(placed, CoffeeOrdered)
        if placed.begins_at is not None:
            self.timers.start(fact.event_id, fact.stream, placed.begins_at)

    def begin_when_paid(self, fact: Fact, _attempt: int) -> None:
        """Let preparation know that the order is paid: it may have waited for that."""
        command = preparation.NotePayment(
            command_id=uuid5(fact.event_id, "bar"), at=self.clock(), actor=REACTOR
        )
        self._append(fact, command)

    def free_the_slot(self, fact: Fact, _attempt: int) -> None:
        """Give back the time at which a cancelled order was to be picked up."""
        first = self.store.read_stream(fact.stream)[0]
        ordered = decode(first)
        if ordered is None or not isinstance(ordered.event, CoffeeOrdered):
            return
        if ordered.event.pick_up_at:
            command = pick_ups.FreeSlot(
                command_id=uuid5(fact.event_id, "slot"),
                at=self.clock(),
                actor=REACTOR,
                order=id_of(fact.stream),
            )
            day = localtime(datetime.fromisoformat(ordered.event.pick_up_at)).date()
            self._append(fact, command, stream=pick_ups_stream(day))

    def end_the_hold(self, timer: Timer) -> None:
        """Go on with the order, if it is still this hold that it waits for."""
        stored = self.store.read_stream(timer.stream)
        holds = [event for event in stored if event.type_name in HELD]
        if holds and holds[-1].event_id == timer.event_id:
            fact = decode(holds[-1])
            assert fact is not None
            command = preparation.ResumeOrder(
                command_id=uuid5(timer.event_id, "resume"), at=self.clock(), actor=REACTOR
            )
            # Only on what was read: somebody may resume it and hold it anew meanwhile.
            self._append(fact, command, seen_revision=stored[-1].revision)
        self.timers.done(timer.event_id)

    def cancel_what_was_stopped(self, fact: Fact, _attempt: int) -> None:
        """Let ordering know that the bar stopped what the customer had asked to be stopped."""
        command = ordering.NoteStop(
            command_id=uuid5(fact.event_id, "stopped"), at=self.clock(), actor=REACTOR
        )
        self._append(fact, command)

    def start_refund(self, fact: Fact, _attempt: int) -> None:
        """Refund by card what is owed: of an order that is cancelled, or costs less by now.

        Whichever was known first. What was paid in another way, the till gives back.
        """
        balance = self._balance(fact)
        paid = balance.goes_back_first
        is_under_way = balance.refund_under_way is not None
        if not balance.owed or paid is None or is_under_way or not paid.through_gateway:
            return
        before = f" after {len(balance.refunded)}" if balance.refunded else ""
        refund = uuid5(NAMESPACE, f"{fact.stream} {paid.payment}{before}")
        command = payment.StartRefund(
            command_id=uuid5(refund, "start"),
            at=self.clock(),
            actor=REACTOR,
            refund=refund.hex,
            reason=CANCELLED_REASON if balance.cancelled else CHANGED_REASON,
        )
        self._append(fact, command)

    def charge(self, fact: Fact, attempt: int) -> None:
        """Bring a started card payment to its outcome."""
        started = fact.event
        assert isinstance(started, PaymentStarted)
        if started.payment in self._balance(fact).ended:
            return
        outcome = self._outcome_of(fact, started, attempt)
        step = uuid5(fact.event_id, type(outcome).__name__)
        match outcome:
            case Approved():
                command: Command = payment.RecordApproval(
                    command_id=step, at=self.clock(), actor=REACTOR, payment=started.payment
                )
            case Declined(reason=reason):
                command = payment.RecordDecline(
                    command_id=step,
                    at=self.clock(),
                    actor=REACTOR,
                    payment=started.payment,
                    reason=reason,
                )
            case Cancelled():
                command = payment.RecordRollBack(
                    command_id=step,
                    at=self.clock(),
                    actor=REACTOR,
                    payment=started.payment,
                    reason=CALLED_OFF_REASON,
                )
        self._append(fact, command)

    def _outcome_of(
        self, fact: Fact, started: PaymentStarted, attempt: int
    ) -> Approved | Declined | Cancelled:
        """Charge; or, when tried before or too late, first find out what became of it."""
        late = self.clock() - fact.occurred_at > self.give_up
        if attempt or late:
            known = self.gateway.status(started.payment)
            if not isinstance(known, NotFound):
                return known
        if late:
            return self.gateway.cancel(started.payment)
        return self.gateway.charge(
            started.payment, started.amount, started.currency, started.card_token
        )

    def refund(self, fact: Fact, _attempt: int) -> None:
        """Give the money of a started refund back."""
        started = fact.event
        assert isinstance(started, RefundStarted)
        if started.refund in self._balance(fact).refunded:
            return
        self.gateway.refund(started.refund, started.payment, started.amount)
        command = payment.RecordRefund(
            command_id=uuid5(fact.event_id, "refunded"),
            at=self.clock(),
            actor=REACTOR,
            refund=started.refund,
        )
        self._append(fact, command)

    def _balance(self, fact: Fact) -> Balance:
        service = payment.SERVICE
        facts = readable_facts(self.store.read_stream(fact.stream), service.owner)
        return service.fold([fact.event for fact in facts])

    def _append(
        self, fact: Fact, command: Command, seen_revision: int | None = None, stream: str = ""
    ) -> None:
        caused = replace(
            command, correlation_id=fact.correlation_id, causation_id=str(fact.event_id)
        )
        try:
            handle(stream or fact.stream, caused, store=self.store, seen_revision=seen_revision)
        except Refused as refused:
            # Somebody was faster, by hand or in another process; what is in the log counts.
            log.info("reaction_refused", code=refused.code, command=type(command).__name__)


@dataclass(frozen=True)
class Reaction:
    """What is done about one type of event; `calls_out` if it calls the gateway, which may hang."""

    steps: tuple[Callable[[Reactions, Fact, int], None], ...]
    calls_out: bool = False


REACTIONS: Mapping[type[Event], Reaction] = {
    CoffeeOrdered: Reaction((Reactions.time_the_start,)),
    OrderCancelled: Reaction(
        (Reactions.stop_preparation, Reactions.start_refund, Reactions.free_the_slot)
    ),
    OrderAmended: Reaction((Reactions.start_refund,)),
    OrderPaid: Reaction((Reactions.start_refund, Reactions.begin_when_paid)),
    PaymentRefunded: Reaction((Reactions.start_refund,)),
    OrderHeld: Reaction((Reactions.time_the_hold,)),
    PreparationStopped: Reaction((Reactions.cancel_what_was_stopped,)),
    PaymentStarted: Reaction((Reactions.charge,), calls_out=True),
    RefundStarted: Reaction((Reactions.refund,), calls_out=True),
}

BY_TYPE_NAME = {type_of(event).name: reaction for event, reaction in REACTIONS.items()}
"""The same by published name: the reactor passes over the other events without decoding them."""
