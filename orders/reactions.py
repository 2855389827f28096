"""What the services do about one another's facts. Each step appends or calls out, never both.

Intention in the log → call with a fixed key → outcome in the log. A step may be cut off anywhere
and run again: keys and command ids follow from the fact, and the deciders refuse what has already
happened. Knows no threads and no checkpoint: `reactor.py` brings the facts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import structlog

from orders.command_handler import Log, handle
from orders.domain import payment, preparation
from orders.domain.balance import Balance
from orders.domain.command import Command, Service
from orders.domain.events import OrderCancelled, OrderPaid, PaymentStarted, RefundStarted
from orders.domain.fact import Fact
from orders.domain.refused import Refused
from orders.event_codec import decode
from orders.event_store import StoredEvent
from orders.payment_gateway import (
    Approved,
    Cancelled,
    Declined,
    NotFound,
    PaymentGateway,
)

CALLS_OUT = frozenset({"PaymentStarted", "RefundStarted"})
"""Facts that are answered by a call to the gateway, which may hang."""

APPENDS_ONLY = frozenset({"OrderCancelled", "OrderPaid"})

WANTED = CALLS_OUT | APPENDS_ONLY
"""The published names of the facts that somebody reacts to."""

NAMESPACE = UUID("0d0a5c7e-5d53-5f0c-8b52-1f4f6ac2d7b1")
"""The name space of the reactor's refunds; never to change."""

REACTOR = "reactor"
CANCELLED_REASON = "The order was cancelled."
CALLED_OFF_REASON = "The card terminal did not answer in time; nothing was charged."

log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Reactions:
    """The steps. `give_up` is how long a card payment may stay without a word from the gateway."""

    store: Log
    gateway: PaymentGateway
    give_up: timedelta
    clock: Callable[[], datetime] = _utc_now

    def react(self, stored: StoredEvent, attempt: int) -> bool:
        """Do what is to be done about one fact; True when nothing is left to do.

        `attempt` counts from 0 in this process. Raises `GatewayTimeout`, `StoreUnavailable`,
        `OutcomeUnknown`, … : then try again later.
        """
        fact = decode(stored)
        match fact.event if fact else None:
            case OrderCancelled() if fact:
                self._tell_the_bar(fact)
                self._give_back(fact)
            case OrderPaid() if fact:
                self._give_back(fact)
            case PaymentStarted() as started if fact:
                return self._charge(fact, started, attempt)
            case RefundStarted() as started if fact:
                self._refund(fact, started)
        return True

    def _tell_the_bar(self, fact: Fact) -> None:
        command = preparation.NoteCancellation(
            command_id=uuid5(fact.event_id, "bar"), at=self.clock(), actor=REACTOR
        )
        self._append(fact, preparation.SERVICE, command)

    def _give_back(self, fact: Fact) -> None:
        """Refund what was paid by card for an order that is off, whichever was known first."""
        balance = self._balance(fact)
        paid = balance.paid
        settled = balance.refunded or balance.refund_under_way
        if not balance.cancelled or paid is None or settled or not paid.through_gateway:
            return
        refund = uuid5(NAMESPACE, f"{fact.stream} {paid.payment}")
        command = payment.StartRefund(
            command_id=uuid5(refund, "start"),
            at=self.clock(),
            actor=REACTOR,
            refund=refund.hex,
            reason=CANCELLED_REASON,
        )
        self._append(fact, payment.SERVICE, command)

    def _charge(self, fact: Fact, started: PaymentStarted, attempt: int) -> bool:
        if started.payment in self._balance(fact).ended:
            return True
        answer = self._ask(fact, started, attempt)
        step = uuid5(fact.event_id, type(answer).__name__)
        match answer:
            case Approved():
                outcome: Command = payment.RecordApproval(
                    command_id=step, at=self.clock(), actor=REACTOR, payment=started.payment
                )
            case Declined(reason=reason):
                outcome = payment.RecordDecline(
                    command_id=step,
                    at=self.clock(),
                    actor=REACTOR,
                    payment=started.payment,
                    reason=reason,
                )
            case Cancelled():
                outcome = payment.RecordRollBack(
                    command_id=step,
                    at=self.clock(),
                    actor=REACTOR,
                    payment=started.payment,
                    reason=CALLED_OFF_REASON,
                )
        self._append(fact, payment.SERVICE, outcome)
        return True

    def _ask(
        self, fact: Fact, started: PaymentStarted, attempt: int
    ) -> Approved | Declined | Cancelled:
        """Charge; or, when asked before or too long ago, first find out what became of it."""
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

    def _refund(self, fact: Fact, started: RefundStarted) -> None:
        if started.refund in self._balance(fact).refunded:
            return
        self.gateway.refund(started.refund, started.payment, started.amount)
        command = payment.RecordRefund(
            command_id=uuid5(fact.event_id, "refunded"),
            at=self.clock(),
            actor=REACTOR,
            refund=started.refund,
        )
        self._append(fact, payment.SERVICE, command)

    def _balance(self, fact: Fact) -> Balance:
        facts = (decode(stored) for stored in self.store.read_stream(fact.stream))
        return payment.SERVICE.fold([one.event for one in facts if one is not None])

    def _append(self, fact: Fact, service: Service[Any], command: Command) -> None:
        try:
            handle(
                fact.stream,
                service,
                command,
                store=self.store,
                correlation=fact.correlation_id,
                causation=str(fact.event_id),
            )
        except Refused as refused:
            # Somebody was faster, by hand or in another process; the log has the last word.
            log.info("reaction_refused", code=refused.code, command=type(command).__name__)
