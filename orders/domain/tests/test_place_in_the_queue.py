"""What puts an order before or behind others: held, in a hurry, waiting from the beginning."""

from dataclasses import replace
from typing import Any

import pytest

from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.events import (
    CoffeePrepared,
    CustomerArrived,
    OrderCancelled,
    OrderDeprioritised,
    OrderHeld,
    OrderPrioritised,
    OrderResumed,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    RushReason,
    WaitsFor,
)
from orders.domain.preparation import (
    SERVICE,
    DeprioritiseOrder,
    HoldOrder,
    NotePayment,
    PrioritiseOrder,
    ResumeOrder,
    StartPreparation,
)
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyReady,
    AlreadyServed,
    BadInput,
    NotYours,
    Refused,
)
from orders.domain.tests.cast import ANA, BAO, ENVELOPE, ORDERED
from orders.domain.tests.specification import given

TAKE = StartPreparation(**ENVELOPE, barista=BAO, take_over=False)
TAKEN = PreparationStarted(barista=BAO)
READY = CoffeePrepared(desk=3)
CANCELLED = OrderCancelled(reason="out of oat milk", by_shop=True)
ON_THE_WAY = "the customer is on the way"
HOLD = HoldOrder(**ENVELOPE, barista=BAO, reason=ON_THE_WAY, minutes=10)
HELD = OrderHeld(reason=ON_THE_WAY, minutes=10)
RUSH = PrioritiseOrder(**ENVELOPE, reason=RushReason.WAITED_LONG)
RESUME = ResumeOrder(**ENVELOPE)
RUSHED = OrderPrioritised(reason=RushReason.WAITED_LONG)


def test_an_order_is_held_and_goes_on() -> None:
    given(SERVICE, ORDERED).when(HOLD).then(HELD)
    given(SERVICE, ORDERED, HELD).when(HOLD).then_nothing()
    given(SERVICE, ORDERED, HELD).when(RESUME).then(OrderResumed())
    given(SERVICE, ORDERED).when(RESUME).then_nothing()


def test_who_makes_an_order_gives_it_back_with_the_hold() -> None:
    given(SERVICE, ORDERED, TAKEN).when(HOLD).then(PreparationReleased(barista=BAO), HELD)
    given(SERVICE, ORDERED, PreparationStarted(barista=ANA)).when(HOLD).then_refused(NotYours)


def test_taking_a_held_order_ends_the_hold() -> None:
    given(SERVICE, ORDERED, HELD).when(TAKE).then(OrderResumed(), TAKEN)


@pytest.mark.parametrize(
    "wrong", [{"reason": " "}, {"reason": "x" * 201}, {"minutes": -1}, {"minutes": 241}]
)
def test_a_hold_needs_a_reason_and_an_end_in_sight(wrong: dict[str, Any]) -> None:
    given(SERVICE, ORDERED).when(replace(HOLD, **wrong)).then_refused(BadInput)


@pytest.mark.parametrize(
    "command", [RESUME, DeprioritiseOrder(**ENVELOPE)], ids=["resume", "no rush"]
)
def test_an_order_that_is_off_keeps_no_place_in_the_queue(command: Command) -> None:
    given(SERVICE, ORDERED, HELD, RUSHED, CANCELLED).when(command).then_nothing()


def test_an_order_goes_before_others_and_waits_its_turn_again() -> None:
    no_rush = DeprioritiseOrder(**ENVELOPE)

    given(SERVICE, ORDERED).when(RUSH).then(RUSHED)
    given(SERVICE, ORDERED, RUSHED).when(RUSH).then_nothing()
    given(SERVICE, ORDERED, RUSHED).when(no_rush).then(OrderDeprioritised())
    given(SERVICE, ORDERED).when(no_rush).then_nothing()


@pytest.mark.parametrize("command", [HOLD, RUSH])
@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([CANCELLED], AlreadyCancelled),
        ([TAKEN, READY], AlreadyReady),
        ([TAKEN, READY, OrderServed()], AlreadyServed),
    ],
)
def test_what_is_not_to_be_made_has_no_place_in_the_queue(
    command: Command, history: list[Event], reason: type[Refused]
) -> None:
    given(SERVICE, ORDERED, *history).when(command).then_refused(reason)


def test_an_order_may_wait_from_the_beginning() -> None:
    for_later = replace(ORDERED, waits_for=WaitsFor.TIME, pick_up_at="2026-05-04T13:05+02:00")
    until_paid = replace(ORDERED, waits_for=WaitsFor.PAYMENT)
    when_here = replace(ORDERED, waits_for=WaitsFor.CUSTOMER)
    paid = NotePayment(**ENVELOPE)
    resume = ResumeOrder(**ENVELOPE)

    given(SERVICE, for_later).when(resume).then(OrderResumed())
    given(SERVICE, for_later).when(TAKE).then(OrderResumed(), TAKEN)
    given(SERVICE, until_paid).when(paid).then(OrderResumed())
    given(SERVICE, until_paid, OrderResumed()).when(paid).then_nothing()
    given(SERVICE, for_later).when(paid).then_nothing()
    given(SERVICE, until_paid, HELD).when(paid).then_nothing()
    given(SERVICE, when_here, CustomerArrived()).when(resume).then_nothing()
