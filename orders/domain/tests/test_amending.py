"""A customer changes an order, as long as nobody has started to make it."""

from dataclasses import replace

import pytest

from orders.domain.event import Event
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CancellationRequested,
    CoffeePrepared,
    Disposition,
    LinePrepared,
    OrderCancelled,
    OrderPaid,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    Tender,
)
from orders.domain.ordering import (
    SERVICE,
    AmendOrder,
    ServeOrder,
)
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyServed,
    BadInput,
    ChangedElsewhere,
    NotPaid,
    Refused,
    TooLateToChange,
    UnknownOrder,
)
from orders.domain.tests.cast import (
    AMENDED,
    AMENDED_TOTAL,
    BAO,
    COOKIE,
    ENVELOPE,
    LATTE,
    ORDERED,
    TOTAL,
)
from orders.domain.tests.specification import given

SERVE = ServeOrder(**ENVELOPE)
STARTED = PreparationStarted(barista=BAO)
READY = CoffeePrepared(desk=3)
PAID = OrderPaid(payment="p1", amount=TOTAL, tender=Tender.CASH, given=TOTAL, change=0)
CANCELLED = OrderCancelled(reason="", by_shop=False)
WITHOUT_THE_COOKIE = AmendOrder(
    **ENVELOPE, lines=(LATTE,), note="", allergies="", replaces=0, added_seconds=0
)


def test_a_customer_changes_what_nobody_has_started() -> None:
    given(SERVICE, ORDERED).when(WITHOUT_THE_COOKIE).then(AMENDED)


def test_more_to_make_moves_the_promise_and_no_more_does_not() -> None:
    more = replace(WITHOUT_THE_COOKIE, lines=(LATTE, COOKIE), added_seconds=90)
    outcome = given(SERVICE, ORDERED).when(more)

    outcome.then(replace(AMENDED, lines=(LATTE, COOKIE), promised_seconds=240 + 90))
    again = replace(more, replaces=1)
    given(SERVICE, ORDERED, *outcome.events).when(again).then(
        replace(AMENDED, lines=(LATTE, COOKIE), promised_seconds=240 + 180)
    )


def test_an_order_without_a_promise_gets_none_by_a_change() -> None:
    from_before = replace(ORDERED, promised_seconds=0)

    given(SERVICE, from_before).when(replace(WITHOUT_THE_COOKIE, added_seconds=90)).then(
        replace(AMENDED, promised_seconds=0)
    )


@pytest.mark.parametrize(
    "history",
    [
        [STARTED],
        [LinePrepared(line=1)],
        [STARTED, READY],
        [PreparationStopped(disposition=Disposition.NOT_STARTED)],
        [STARTED, CancellationRequested(), PreparationReleased(barista=BAO)],
        [STARTED, READY, OrderServed(), BroughtBack(reason=BringBackReason.WRONG, lines=())],
    ],
)
def test_what_was_started_or_given_up_is_not_changed(history: list[Event]) -> None:
    given(SERVICE, ORDERED, *history).when(WITHOUT_THE_COOKIE).then_refused(TooLateToChange)


def test_the_refusal_names_who_was_faster() -> None:
    refusal = given(SERVICE, ORDERED, STARTED).when(WITHOUT_THE_COOKIE)

    assert refusal.then_refused(TooLateToChange).barista == BAO


def test_what_was_given_back_to_the_queue_may_be_changed() -> None:
    released = PreparationReleased(barista=BAO)

    given(SERVICE, ORDERED, STARTED, released).when(WITHOUT_THE_COOKIE).then(AMENDED)


def test_of_two_changes_from_the_same_page_one_counts() -> None:
    given(SERVICE, ORDERED, AMENDED).when(WITHOUT_THE_COOKIE).then_refused(ChangedElsewhere)


@pytest.mark.parametrize(
    "nonsense",
    [
        replace(WITHOUT_THE_COOKIE, lines=()),
        replace(WITHOUT_THE_COOKIE, lines=(COOKIE,)),
        replace(WITHOUT_THE_COOKIE, lines=(replace(LATTE, unit_price=-1),)),
        replace(WITHOUT_THE_COOKIE, note="x" * 201),
        replace(WITHOUT_THE_COOKIE, allergies="x" * 201),
        replace(WITHOUT_THE_COOKIE, added_seconds=-1),
        replace(WITHOUT_THE_COOKIE, added_seconds=24 * 3600 + 1),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(nonsense: AmendOrder) -> None:
    given(SERVICE, ORDERED).when(nonsense).then_refused(BadInput)


@pytest.mark.parametrize(
    ("last", "reason"),
    [(CANCELLED, AlreadyCancelled), (OrderServed(), AlreadyServed)],
)
def test_what_is_over_is_not_changed(last: Event, reason: type[Refused]) -> None:
    given(SERVICE, ORDERED, STARTED, READY, last).when(WITHOUT_THE_COOKIE).then_refused(reason)


def test_what_nobody_ordered_is_not_changed() -> None:
    given(SERVICE).when(WITHOUT_THE_COOKIE).then_refused(UnknownOrder)


def test_what_a_change_made_dearer_is_paid_before_it_is_handed_over() -> None:
    dearer = replace(AMENDED, lines=(replace(LATTE, quantity=4),))
    refusal = given(SERVICE, ORDERED, PAID, dearer, STARTED, READY).when(SERVE)

    assert refusal.then_refused(NotPaid).due == dearer.total - TOTAL
    rest = replace(PAID, payment="p2", amount=dearer.total - TOTAL)
    given(SERVICE, ORDERED, PAID, dearer, STARTED, READY, rest).when(SERVE).then(OrderServed())


def test_what_a_change_made_cheaper_is_paid_for() -> None:
    less = replace(PAID, amount=AMENDED_TOTAL)

    given(SERVICE, ORDERED, AMENDED, less, STARTED, READY).when(SERVE).then(OrderServed())
    given(SERVICE, ORDERED, PAID, AMENDED, STARTED, READY).when(SERVE).then(OrderServed())
