"""The published language keeps its own rules."""

from dataclasses import fields

import pytest

from orders.domain import ordering, payment, preparation, refused
from orders.domain.command import Command
from orders.domain.event import Event, EventType, Owner, published_types, type_of
from orders.domain.events import CoffeePrepared, LinePrepared, OrderCancelled
from orders.domain.order_status import OrderStatus
from orders.domain.refused import Refused
from orders.domain.tests import test_amending as amending
from orders.domain.tests import test_customer as people
from orders.domain.tests import test_ordering as counter
from orders.domain.tests import test_payment as till
from orders.domain.tests import test_pick_ups as slots
from orders.domain.tests import test_place_in_the_queue as queue
from orders.domain.tests import test_preparation as bar
from orders.domain.tests import test_shop as shop
from orders.domain.tests.cast import BAO, ENVELOPE, ORDERED

HISTORIES: list[tuple[list[Event], Command]] = [
    ([], people.RESERVE),
    ([people.RESERVED], people.RELEASE),
    ([], people.REGISTER),
    ([], people.FORGET),
    ([], people.BLOCK),
    ([], counter.PLACE),
    ([ORDERED], counter.CHANGE_OF_MIND),
    ([ORDERED], amending.WITHOUT_THE_COOKIE),
    ([ORDERED, counter.PAID, counter.READY], counter.SERVE),
    ([ORDERED, counter.READY], ordering.MarkNotCollected(**ENVELOPE)),
    ([ORDERED], bar.TAKE),
    ([ORDERED, bar.TAKEN], bar.FINISH),
    ([ORDERED, bar.TAKEN], bar.GIVE_BACK),
    (
        [ORDERED, bar.TAKEN],
        preparation.TickLine(**ENVELOPE, barista=BAO, line=1),
    ),
    (
        [ORDERED, bar.TAKEN, LinePrepared(line=1)],
        preparation.UntickLine(**ENVELOPE, barista=BAO, line=1),
    ),
    ([ORDERED, bar.TAKEN, bar.READY], bar.MAKE_AGAIN),
    ([ORDERED, bar.CANCELLED], bar.NOTE),
    ([ORDERED, bar.TAKEN], ordering.AskToStop(**ENVELOPE)),
    ([ORDERED, bar.TAKEN, bar.ASKED], bar.TOO_LATE),
    ([ORDERED], bar.HOLD),
    ([counter.FOR_WHEN_HERE], ordering.SayHere(**ENVELOPE)),
    ([], slots.TAKE),
    ([slots.TAKEN], slots.FREE),
    ([ORDERED, bar.HELD], queue.RESUME),
    ([ORDERED], bar.RUSH),
    ([ORDERED, queue.RUSHED], preparation.DeprioritiseOrder(**ENVELOPE)),
    ([], shop.SELL_OUT),
    ([shop.SOLD_OUT], shop.RESTOCK),
    ([], shop.SLOW),
    ([], shop.PAUSE),
    ([shop.PAUSED], shop.USUAL),
    ([], shop.CHOOSE),
    ([ORDERED], till.CARD),
    ([ORDERED], till.CASH),
    ([ORDERED, till.STARTED], till.DECLINED),
    ([ORDERED, till.STARTED], till.ROLLED_BACK),
    ([ORDERED, till.STARTED, till.PAID_BY_CARD], till.REFUND),
    ([ORDERED, till.PAID_IN_CASH], till.HAND_BACK),
    ([ORDERED], till.WRITE_OFF),
]


def test_every_published_fact_follows_from_some_command() -> None:
    stated = {
        type_of(event)
        for history, command in HISTORIES
        for event in command.service.decide(command.service.fold(history), command)
    }

    assert stated == set(published_types())


def test_each_service_states_only_its_own_facts() -> None:
    for history, command in HISTORIES:
        service = command.service
        for event in service.decide(service.fold(history), command):
            assert type_of(event).owner is service.owner


def test_each_service_owns_facts() -> None:
    assert {event_type.owner for event_type in published_types()} == set(Owner)


@pytest.mark.parametrize("event_type", published_types(), ids=lambda event_type: event_type.name)
def test_a_fact_is_named_after_what_happened_and_says_little(event_type: EventType) -> None:
    assert not event_type.name.endswith(("Updated", "Changed", "Deleted", "Saved", "Event"))
    assert event_type.version >= 1
    assert len(fields(event_type.event_class)) <= 13


def test_a_cancellation_is_read_by_every_service() -> None:
    off = [ORDERED, OrderCancelled(reason="", by_shop=False)]

    for service in (ordering.SERVICE, preparation.SERVICE, payment.SERVICE):
        assert service.fold(off) != service.fold(off[:1])


def test_facts_and_commands_and_states_stay_as_they_are() -> None:
    states = [command.service.initial for _, command in HISTORIES]
    commands = [command for _, command in HISTORIES]

    for kind in {type(value) for value in (*states, *commands, OrderStatus())}:
        assert issubclass(kind, tuple) or kind.__dataclass_params__.frozen, kind
    for event_type in published_types():
        assert event_type.event_class.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_folding_leaves_the_earlier_state_alone() -> None:
    service = preparation.SERVICE
    before = service.fold([ORDERED])

    service.evolve(before, CoffeePrepared(desk=1))

    assert before == service.fold([ORDERED])


def test_each_refusal_has_its_own_code_and_a_sentence() -> None:
    reasons = [
        reason
        for reason in vars(refused).values()
        if isinstance(reason, type) and issubclass(reason, Refused)
    ]

    assert len({reason.code for reason in reasons}) == len(reasons)
    assert all(reason.words.endswith(".") for reason in reasons)
