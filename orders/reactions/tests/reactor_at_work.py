"""A shop with a reactor that runs step by step, on a clock that a test moves."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import OperationalError

from orders.command_handler import handle
from orders.domain import ordering, payment
from orders.domain.balance import Balance
from orders.event_codec import decode
from orders.event_store import NewStoredEvent, Place, StoredEvent
from orders.reactions.parking import ParkedReaction, ParkedState, words_of
from orders.reactions.reactions import Reactions
from orders.reactions.reactor import Reactor
from orders.reactions.tests.bank import Bank, Killed
from orders.reactions.timers import Timer
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import LATTE, NOON, envelope, latte_order

STREAM = "order-" + "0a" * 16
PAYMENT = "0f" * 16
PRICE = 570


class FollowedLogInMemory(LogInMemory):
    """The log, with subscriptions that end when they have caught up."""

    def __init__(self) -> None:
        super().__init__()
        self.killed_before_append = ""
        self.killed_after_append = ""

    def append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        name = events[0].type_name
        if self.killed_before_append == name:
            self.killed_before_append = ""
            raise Killed
        position = super().append(stream, expected_revision, events)
        if self.killed_after_append == name:
            self.killed_after_append = ""
            raise Killed
        return position

    def subscribe(self, after: int | None) -> "Caught":
        return Caught([e for e in self.events if e.position > (after or 0)])

    def head(self) -> int:
        return self.events[-1].position if self.events else 0

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        """As the event store does."""
        there = (event.position == position and event.event_id == event_id for event in self.events)
        return event_id is None or any(there)


@dataclass
class Caught:
    """What a subscription has to bring."""

    events: list[StoredEvent]

    def __iter__(self) -> Iterator[StoredEvent]:
        return iter(self.events)

    def stop(self) -> None:
        self.events = []


@dataclass
class KeptCheckpoint:
    """A checkpoint that survives the reactor. `killed` ends the process at the next save."""

    position: int | None = None
    seen: int | None = None
    event_id: UUID | None = None
    killed: bool = False

    def load(self) -> Place | None:
        return None if self.position is None else Place(self.position, self.event_id)

    def save(self, place: Place) -> None:
        if self.killed:
            self.killed = False
            raise Killed
        if self.position is None or place.position > self.position:
            self.position, self.event_id = place.position, place.event_id

    def note_seen(self, position: int) -> None:
        self.seen = position

    def start_over(self) -> None:
        self.position = self.event_id = None


@dataclass
class KeptParking:
    """What is parked survives the reactor. `away` refuses to park."""

    events: list[ParkedReaction] = field(default_factory=list)
    away: bool = False

    def load(self) -> list[ParkedReaction]:
        return sorted(self.events, key=lambda event: event.position)

    def park(self, stored: StoredEvent, error: BaseException | None) -> None:
        if self.away:
            raise OperationalError("database or disk is full")
        if all(event.event_id != stored.event_id for event in self.events):
            self.events.append(
                ParkedReaction(
                    event_id=stored.event_id,
                    stream=stored.stream,
                    revision=stored.revision,
                    position=stored.position,
                    type_name=stored.type_name,
                    recorded_at=stored.recorded_at,
                    error="" if error is None else words_of(error),
                )
            )

    def dealt_with(self, event_id: UUID) -> None:
        self.events = [event for event in self.events if event.event_id != event_id]

    def failed_again(self, event_id: UUID, error: BaseException) -> None:
        for event in self.events:
            if event.event_id == event_id:
                event.state, event.error = ParkedState.PARKED.value, words_of(error)
                event.attempts += 1


@dataclass
class KeptTimers:
    """Timers that survive the reactor."""

    timers: dict[UUID, Timer] = field(default_factory=dict)

    def start(self, event_id: UUID, stream: str, due: datetime) -> None:
        self.timers.setdefault(event_id, Timer(event_id=event_id, stream=stream, due=due))

    def over(self, now: datetime) -> list[Timer]:
        return [timer for timer in self.timers.values() if timer.due <= now]

    def later(self, event_id: UUID, due: datetime) -> None:
        self.timers[event_id].due = due

    def done(self, event_id: UUID) -> None:
        self.timers.pop(event_id, None)


@dataclass
class ShopAtWork:
    """Log, bank and checkpoint last; the reactor may be killed and started anew."""

    log: FollowedLogInMemory = field(default_factory=FollowedLogInMemory)
    bank: Bank = field(default_factory=Bank)
    checkpoint: KeptCheckpoint = field(default_factory=KeptCheckpoint)
    parking: KeptParking = field(default_factory=KeptParking)
    timers: KeptTimers = field(default_factory=KeptTimers)
    now: datetime = NOON

    def order(self) -> None:
        handle(STREAM, latte_order(), store=self.log)

    def pay(self) -> None:
        command = payment.StartCardPayment(**envelope(), payment=PAYMENT, card_token="card")
        handle(STREAM, command, store=self.log)

    def amend(self, price: int) -> None:
        """The customer has one latte at this price instead."""
        facts = [decode(event) for event in self.log.events]
        changed = ordering.SERVICE.fold([fact.event for fact in facts if fact]).amendments
        command = ordering.AmendOrder(
            **envelope(),
            lines=(replace(LATTE, unit_price=price),),
            note="",
            allergies="",
            replaces=changed,
            added_seconds=0,
        )
        handle(STREAM, command, store=self.log)

    def cancel(self) -> None:
        command = ordering.CancelOrder(**envelope(), reason="no milk", by_shop=True)
        handle(STREAM, command, store=self.log)

    def start_refund(self) -> None:
        command = payment.StartRefund(**envelope(), refund=uuid4().hex, reason="cold")
        handle(STREAM, command, store=self.log)

    def reactor(self) -> Reactor:
        def at_once(work: Callable[[], None]) -> None:
            work()

        return Reactor(
            self.log,
            Reactions(
                self.log,
                self.bank,
                give_up=timedelta(seconds=60),
                clock=lambda: self.now,
                timers=self.timers,
            ),
            self.checkpoint,
            self.parking,
            clock=lambda: (self.now - NOON).total_seconds(),
            call=at_once,
            append=at_once,
            timers=True,
        )

    def react(self, reactor: Reactor | None = None) -> Reactor:
        """Let a reactor (a new one, as after a restart) handle everything there is, then save."""
        reactor = reactor or self.reactor()
        while news := self.log.subscribe(reactor.load(self.log.head)).events:
            for event in news:
                reactor.handle([event])
        reactor.save()
        return reactor

    def later(self, reactor: Reactor, seconds: float) -> None:
        """Time goes by, and the reactor does what is due."""
        self.now += timedelta(seconds=seconds)
        reactor.each_turn()
        self.react(reactor)

    @property
    def types(self) -> list[str]:
        return [event.type_name for event in self.log.events]

    @property
    def balance(self) -> Balance:
        facts = [decode(event) for event in self.log.events]
        return payment.SERVICE.fold([fact.event for fact in facts if fact])
