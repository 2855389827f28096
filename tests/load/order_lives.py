"""What becomes of one order after it was placed: the commands of its life, drawn by dice.

Most are made, paid and served. Says what people do and when, in seconds after the order; whether
they may, and what follows, the domain decides.
"""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from orders.domain.command import Command
from orders.domain.events import BringBackReason, Disposition
from orders.domain.ordering import CancelOrder, MarkNotCollected, ServeOrder
from orders.domain.payment import (
    GiveCashBack,
    RecordApproval,
    RecordDecline,
    RecordRefund,
    RecordRollBack,
    StartCardPayment,
    StartRefund,
    TakeCardByHand,
    TakeCash,
    WriteOff,
)
from orders.domain.preparation import (
    BringBack,
    FinishPreparation,
    NoteCancellation,
    StartPreparation,
    StopPreparation,
    TickLine,
)

REACTOR = "reactor"
BARISTAS = ("staff-1", "staff-3", "staff-4")
CASHIER = "staff-2"

LIVES = {
    "served": 930,
    "made again": 15,
    "called too early": 10,
    "not collected": 10,
    "cancelled by the customer": 25,
    "cancelled by the shop": 10,
}
"""Of a thousand orders."""


@dataclass(frozen=True)
class Step:
    """One command, so many seconds after the order was placed."""

    after: float
    kind: type[Command]
    actor: str
    of_command: dict[str, Any]


def life_of(
    dice: Random, customer: str, lines: int, total: int, *, at_the_counter: bool
) -> list[Step]:
    """The rest of an order's life; `customer` is the actor who placed it, `total` is in cents."""
    life = dice.choices(list(LIVES), list(LIVES.values()))[0]
    taken = dice.uniform(20, 150)
    if life == "cancelled by the customer":
        return _cancelled_by_the_customer(dice, customer, taken)
    if life == "cancelled by the shop":
        return _cancelled_by_the_shop(dice, total, taken)
    barista = dice.choice(BARISTAS)
    making, ready = _making(dice, barista, lines, taken)
    if life == "called too early":
        back = Step(ready + 8, BringBack, barista, {"reason": BringBackReason.MISBUMP})
        ready += 30
        making += [back, _finished(barista, ready)]
    paying, paid = _paying(dice, customer, total, ready, at_the_counter=at_the_counter)
    if life == "not collected":
        return [*making, *paying, Step(max(ready, paid) + 900, MarkNotCollected, CASHIER, {})]
    served = max(ready, paid) + dice.uniform(10, 180)
    steps = [*making, *paying, Step(served, ServeOrder, CASHIER, {})]
    if life == "made again":
        back = Step(served + 90, BringBack, barista, {"reason": BringBackReason.REMAKE})
        again, ready = _making(dice, barista, 1, served + 100)
        steps += [back, *again, Step(ready + 20, ServeOrder, CASHIER, {})]
    return steps


def _making(dice: Random, barista: str, lines: int, taken: float) -> tuple[list[Step], float]:
    """Take it, tick what is done of several lines, call it ready; and when it is."""
    steps, done = [Step(taken, StartPreparation, barista, {"barista": barista})], taken
    for line in range(1, lines + 1):
        done += dice.uniform(25, 70)
        if lines > 1:
            steps.append(Step(done, TickLine, barista, {"barista": barista, "line": line}))
    done += 2
    return [*steps, _finished(barista, done)], done


def _finished(barista: str, after: float) -> Step:
    return Step(after, FinishPreparation, barista, {"barista": barista, "desk": 1})


def _paying(
    dice: Random, customer: str, total: int, ready: float, *, at_the_counter: bool
) -> tuple[list[Step], float]:
    """How the money is taken, and when it is there."""
    at_once = at_the_counter or dice.random() < 0.5
    begun = dice.uniform(5, 40) if at_once else dice.uniform(30, ready + 60)
    tender = dice.choices(("card", "cash", "by hand", "nothing"), (50, 29, 20, 1))[0]
    if tender == "nothing":
        return [Step(begun, WriteOff, CASHIER, {"reason": "staff drink"})], begun
    if tender == "by hand":
        return [Step(begun, TakeCardByHand, CASHIER, {"payment": _key(dice)})], begun
    if tender == "cash":
        return [_cash(dice, begun, total)], begun
    payment = _key(dice)
    steps = [Step(begun, StartCardPayment, customer, {"payment": payment, "card_token": "demo"})]
    outcome = dice.choices(("approved", "declined", "no answer"), (955, 42, 3))[0]
    if outcome == "approved":
        done = begun + dice.uniform(1, 4)
        return [*steps, Step(done, RecordApproval, REACTOR, {"payment": payment})], done
    if outcome == "declined":
        declined = {"payment": payment, "reason": "declined"}
        steps.append(Step(begun + 2, RecordDecline, REACTOR, declined))
    else:
        given_up = {"payment": payment, "reason": "no answer"}
        steps.append(Step(begun + 60, RecordRollBack, REACTOR, given_up))
    return [*steps, _cash(dice, begun + 100, total)], begun + 100


def _cash(dice: Random, after: float, total: int) -> Step:
    given = -(-total // 500) * 500 if dice.random() < 0.7 else total
    return Step(after, TakeCash, CASHIER, {"payment": _key(dice), "given": given})


def _cancelled_by_the_customer(dice: Random, customer: str, taken: float) -> list[Step]:
    """Before anybody has started; a card that was charged is given its money back."""
    cancelled = dice.uniform(12, taken)
    steps = [
        Step(cancelled, CancelOrder, customer, {"reason": "", "by_shop": False}),
        Step(cancelled + 0.3, NoteCancellation, REACTOR, {}),
    ]
    if dice.random() < 0.4:
        payment, refund = _key(dice), _key(dice)
        back = {"refund": refund, "reason": "cancelled"}
        steps += [
            Step(4, StartCardPayment, customer, {"payment": payment, "card_token": "demo"}),
            Step(6, RecordApproval, REACTOR, {"payment": payment}),
            Step(cancelled + 0.6, StartRefund, REACTOR, back),
            Step(cancelled + 2, RecordRefund, REACTOR, {"refund": refund}),
        ]
    return steps


def _cancelled_by_the_shop(dice: Random, total: int, taken: float) -> list[Step]:
    """While it is made; cash is given back by hand."""
    barista, cancelled = dice.choice(BARISTAS), taken + dice.uniform(10, 60)
    became = dice.choice((Disposition.STOPPED_IN_TIME, Disposition.WASTED))
    return [
        Step(taken, StartPreparation, barista, {"barista": barista}),
        _cash(dice, min(10, taken), total),
        Step(cancelled, CancelOrder, CASHIER, {"reason": "out of oat milk", "by_shop": True}),
        Step(cancelled + 0.3, NoteCancellation, REACTOR, {}),
        Step(cancelled + 15, StopPreparation, barista, {"disposition": became}),
        Step(cancelled + 40, GiveCashBack, CASHIER, {"refund": _key(dice)}),
    ]


def _key(dice: Random) -> str:
    return UUID(int=dice.getrandbits(128), version=4).hex
