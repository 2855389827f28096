"""The status of one order: all facts of its stream, from all three services, folded.

What every order screen is a function of, today's and the past's. Derived, never stored by an
owner, and never decided on: decisions have their own, smaller states. `order_words.py` says it in
words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from orders.domain import balance, order, ticket
from orders.domain.balance import Balance
from orders.domain.cups import Cup, cups_in
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    Disposition,
    Line,
    OrderAmended,
    OrderCancelled,
    OrderHeld,
    OrderPrioritised,
    PaymentWrittenOff,
    PreparationStopped,
    RushReason,
    Tender,
    WaitsFor,
)
from orders.domain.fact import Fact
from orders.domain.order import Order
from orders.domain.order_times import Times
from orders.domain.payment_attempts import (
    AttemptState,
    PaymentAttempt,
    RefundAttempt,
    payments_after,
    refunds_after,
)
from orders.domain.progress import MONEY_AT_REST, Money, Progress, money_of, progress_of
from orders.domain.ticket import Stage, Ticket


class Channel(StrEnum):
    """Which way an order came in."""

    WEB = "web"  # a customer sent it
    COUNTER = "counter"  # the staff took it down


CHANGE_SHOWN = timedelta(seconds=60)
"""How long the bar sees what is different about an order that was changed."""


class Amendment(NamedTuple):
    """That an order was changed: when, and what it was before (all changes of a minute as one)."""

    at: datetime
    before: tuple[Line, ...]


class Hold(NamedTuple):
    """That the bar waits with an order: why, and until when, if that is known."""

    reason: str
    until: datetime | None


WAITS = {
    WaitsFor.TIME: "to be picked up later",
    WaitsFor.CUSTOMER: "waits for its customer",
    WaitsFor.PAYMENT: "waits for its payment",
}


class OrderStatus(NamedTuple):
    """One order at one moment. Money in cents; times are those at which things happened."""

    order: Order = Order()
    ticket: Ticket = Ticket()
    balance: Balance = Balance()
    times: Times = Times()
    placed: CoffeeOrdered | None = None  # with what its customer has changed since
    amendment: Amendment | None = None  # the last one
    placed_by: str = ""  # the actor
    desk: int | None = None  # the serving desk, while the order is ready or served
    brought_back: BringBackReason | None = None  # why it returned to the queue
    remakes: int = 0
    rush: RushReason | None = None  # why it was put before others the last time
    hold: Hold | None = None  # the last one
    cancellation: OrderCancelled | None = None
    disposition: Disposition | None = None
    payments: tuple[PaymentAttempt, ...] = ()
    refunds: tuple[RefundAttempt, ...] = ()
    written_off: int = 0  # cents
    version: int = 0  # how many facts are folded in

    @property
    def number(self) -> int | None:
        """What people call out; None while nobody has ordered."""
        return self.placed.number if self.placed else None

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is ordered, as it is by now."""
        return self.placed.lines if self.placed else ()

    @property
    def cups(self) -> Mapping[int, Cup]:
        """Whose each line is, by the number of the line, where somebody said so."""
        return cups_in(self.placed.cups) if self.placed and self.placed.cups else {}

    @property
    def channel(self) -> Channel:
        """Which way the order came in."""
        return Channel.COUNTER if self.placed_by.startswith("staff-") else Channel.WEB

    @property
    def barista(self) -> str:
        """The opaque id of who makes the order, or made it; "" for nobody."""
        return self.ticket.barista

    @property
    def progress(self) -> Progress:
        """How far the order is."""
        return progress_of(self.ticket)

    @property
    def is_over(self) -> bool:
        """Whether it is served, not collected, or cancelled."""
        return self.progress in (Progress.SERVED, Progress.NOT_COLLECTED, Progress.CANCELLED)

    @property
    def must_be_stopped(self) -> bool:
        """Whether it was cancelled while somebody makes it: the bar has to answer."""
        return self.ticket.cancelled and self.ticket.stage is Stage.MAKING

    @property
    def stop_is_asked(self) -> bool:
        """Whether its customer asked the bar to stop: the bar has to answer."""
        return self.ticket.stop_asked and not self.is_over

    @property
    def can_ask_to_stop(self) -> bool:
        """Whether the customer may ask the bar to stop."""
        return self.order.may_ask_to_stop

    @property
    def held_until(self) -> datetime | None:
        """When a held order goes on by itself; None where somebody has to say so."""
        return self.hold.until if self.hold and self.times.held_since else None

    @property
    def can_say_here_from(self) -> datetime | None:
        """From when on its customer may say that they are here; None if nobody is waited for."""
        return self.order.here_from or self.times.ordered if self.order.may_say_here else None

    @property
    def is_settled(self) -> bool:
        """Whether neither money nor coffee has to change hands any more."""
        return self.is_over and self.money in MONEY_AT_REST

    @property
    def money(self) -> Money:
        """What became of the money."""
        return money_of(self.balance)

    @property
    def due(self) -> int:
        """What is still to be paid, in cents."""
        return self.balance.due

    @property
    def paid(self) -> int:
        """What was paid, in cents, refunds not subtracted."""
        return self.balance.paid

    @property
    def refunded(self) -> int:
        """What was given back, in cents."""
        return sum(a.amount for a in self.refunds if a.state is AttemptState.REFUNDED)

    @property
    def declined(self) -> str:
        """Why the last card was declined; "" if it was not."""
        attempt = self._last_card
        if attempt is None or attempt.state is not AttemptState.DECLINED:
            return ""
        return attempt.reason or "declined"

    @property
    def rolled_back(self) -> bool:
        """Whether the last card payment got no answer, and nothing was charged."""
        attempt = self._last_card
        return attempt is not None and attempt.state is AttemptState.ROLLED_BACK

    @property
    def _last_card(self) -> PaymentAttempt | None:
        return next((p for p in reversed(self.payments) if p.tender is Tender.CARD), None)

    @property
    def can_cancel(self) -> bool:
        """Whether the customer may call it off alone."""
        return self.order.may_be_cancelled_by_customer

    @property
    def can_amend(self) -> bool:
        """Whether the customer may still change it."""
        return self.order.may_be_amended

    @property
    def can_pay(self) -> bool:
        """Whether a payment may be started now."""
        return self.due > 0 and self.balance.under_way is None and not self.balance.stopped

    @property
    def can_serve(self) -> bool:
        """Whether it may be handed over now."""
        return self.order.may_be_served

    @property
    def goes_first(self) -> bool:
        """Whether the bar makes it before those that came earlier: made again, or in a rush."""
        return self.remakes > 0 or self.ticket.rushed

    @property
    def promised_at(self) -> datetime | None:
        """When the order was promised to be ready; a remake has a new promise.

        None where nothing was promised: an order of before, that another system took. The time
        for which an order was held is not the bar's.
        """
        return self._promised_from(self.times.clock_since)

    @property
    def seconds_to_ready(self) -> float | None:
        """From the order to the first time it was called ready; None while it was not.

        A remake changes nothing of it. None, too, where that was only said when the bar closed.
        The clock "to ready" of every figure of the shop.
        """
        ordered, ready = self.times.ordered, self.times.first_ready
        if ordered is None or ready is None or self.times.is_ready_by_closing:
            return None
        return (ready - ordered - self.times.held_before_ready).total_seconds()

    @property
    def was_on_time(self) -> bool | None:
        """Whether it was ready within the promise, the first time; None while nobody can say."""
        seconds = self.seconds_to_ready
        if self.placed is None or not self.placed.promised_seconds or seconds is None:
            return None
        return seconds <= self.placed.promised_seconds

    def _promised_from(self, since: datetime | None) -> datetime | None:
        if self.placed is None or not self.placed.promised_seconds or since is None:
            return None
        return since + self.times.held + timedelta(seconds=self.placed.promised_seconds)


def evolve(status: OrderStatus, fact: Fact) -> OrderStatus:
    """The status after this fact. Accepts any history."""
    event = fact.event
    changes: dict[str, object] = {}
    match event:
        case CoffeeOrdered(waits_for=waits_for):
            hold = Hold(WAITS[waits_for], event.begins_at) if waits_for else None
            changes = {"placed": event, "placed_by": fact.actor, "hold": hold}
        case OrderAmended():
            changes = _amended(status, event, fact.occurred_at)
        case OrderCancelled():
            changes = {"cancellation": event}
        case CoffeePrepared(desk=desk):
            changes = {"desk": desk}
        case BroughtBack(reason=reason):
            remakes = status.remakes + reason.is_remake
            # A remake that was called ready too early is still one: it goes first, and says why.
            why = reason if reason.is_remake or not status.remakes else status.brought_back
            changes = {"desk": None, "brought_back": why, "remakes": remakes}
        case PreparationStopped(disposition=disposition):
            changes = {"disposition": disposition}
        case PaymentWrittenOff(amount=amount):
            changes = {"written_off": status.written_off + amount}
        case OrderHeld(reason=reason, minutes=minutes):
            until = fact.occurred_at + timedelta(minutes=minutes) if minutes else None
            changes = {"hold": Hold(reason, until)}
        case OrderPrioritised(reason=reason):
            changes = {"rush": reason}
    return status._replace(
        order=order.evolve(status.order, event),
        ticket=ticket.evolve(status.ticket, event),
        balance=balance.evolve(status.balance, event),
        times=status.times.after(fact),
        payments=payments_after(status.payments, event, status.balance.total),
        refunds=refunds_after(status.refunds, event),
        version=status.version + 1,
        **changes,  # type: ignore[arg-type]
    )


def _amended(status: OrderStatus, event: OrderAmended, at: datetime) -> dict[str, object]:
    if status.placed is None:
        return {}
    last = status.amendment
    is_one_change = last is not None and timedelta() <= at - last.at < CHANGE_SHOWN
    before = last.before if last is not None and is_one_change else status.placed.lines
    placed = replace(
        status.placed,
        lines=event.lines,
        note=event.note,
        allergies=event.allergies,
        promised_seconds=event.promised_seconds,
        cups=event.cups,
    )
    return {"placed": placed, "amendment": Amendment(at, before)}


def fold(facts: Iterable[Fact]) -> OrderStatus:
    """The status after these facts of one stream, in the order of the stream."""
    status = OrderStatus()
    for fact in facts:
        status = evolve(status, fact)
    return status


def facts_at(
    facts: Sequence[Fact],
    at: datetime | None = None,
    as_of: datetime | None = None,
    version: int | None = None,
) -> list[Fact]:
    """The facts that count: the first `version`, recorded by `as_of`, having happened by `at`.

    `as_of` takes the facts before the first one recorded later (what was *known*); `at` picks by
    when things happened, also things that were recorded late. Times are timezone-aware.
    """
    chosen = list(facts if version is None else facts[: max(version, 0)])
    if as_of is not None:
        later = (index for index, fact in enumerate(chosen) if fact.recorded_at > as_of)
        chosen = chosen[: next(later, len(chosen))]
    if at is not None:
        chosen = [fact for fact in chosen if fact.occurred_at <= at]
    return chosen
