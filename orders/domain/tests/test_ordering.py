"""What may be ordered, called off and handed over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CancellationRequested,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
    Disposition,
    LinePrepared,
    OrderCancelled,
    OrderHeld,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    StopDeclined,
    Tender,
    WaitsFor,
)
from orders.domain.ordering import (
    SERVICE,
    AskToStop,
    CancelOrder,
    MarkNotCollected,
    NoteStop,
    PlaceOrder,
    SayHere,
    ServeOrder,
)
from orders.domain.payment import WriteOff
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyNotCollected,
    AlreadyOrdered,
    AlreadyPrepared,
    AlreadyServed,
    AlreadyStarted,
    BadInput,
    NotPaid,
    NotReady,
    TooEarly,
    TooLateToStop,
    UnknownCommand,
    UnknownOrder,
)
from orders.domain.tests.cast import (
    BAO,
    COOKIE,
    ENVELOPE,
    LATTE,
    ORDERED,
    TOTAL,
)
from orders.domain.tests.specification import given

PLACE = PlaceOrder(
    **ENVELOPE,
    number=ORDERED.number,
    day=ORDERED.day,
    customer=ORDERED.customer,
    name=ORDERED.name,
    note=ORDERED.note,
    lines=ORDERED.lines,
    currency=ORDERED.currency,
    promised_seconds=ORDERED.promised_seconds,
)
CHANGE_OF_MIND = CancelOrder(**ENVELOPE, reason="", by_shop=False)
OUT_OF_OATS = CancelOrder(**ENVELOPE, reason="out of oat milk", by_shop=True)
SERVE = ServeOrder(**ENVELOPE)
STARTED = PreparationStarted(barista=BAO)
READY = CoffeePrepared(desk=3)
PAID = OrderPaid(payment="p1", amount=TOTAL, tender=Tender.CASH, given=TOTAL, change=0)
CANCELLED = OrderCancelled(reason="", by_shop=False)


def test_a_customer_orders_coffee() -> None:
    given(SERVICE).when(PLACE).then(ORDERED)


def test_the_price_of_an_order_is_that_of_all_its_lines() -> None:
    assert ORDERED.total == TOTAL


def test_a_stream_holds_one_order() -> None:
    given(SERVICE, ORDERED).when(PLACE).then_refused(AlreadyOrdered)


@pytest.mark.parametrize(
    "nonsense",
    [
        replace(PLACE, lines=()),
        replace(PLACE, lines=tuple(replace(LATTE, line=n) for n in range(1, 52))),
        replace(PLACE, lines=(replace(LATTE, quantity=0),)),
        replace(PLACE, lines=(replace(LATTE, quantity=21),)),
        replace(PLACE, lines=(replace(LATTE, unit_price=0),)),
        replace(PLACE, lines=(replace(LATTE, unit_price=-450),)),
        replace(PLACE, lines=(COOKIE,)),
        replace(PLACE, name="x" * 41),
        replace(PLACE, note="x" * 201),
        replace(PLACE, number=0),
        replace(PLACE, day="4 May"),
        replace(PLACE, currency=""),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(nonsense: PlaceOrder) -> None:
    given(SERVICE).when(nonsense).then_refused(BadInput)


def test_the_largest_order_is_50_lines_of_20() -> None:
    lines = tuple(replace(LATTE, line=n, quantity=20) for n in range(1, 51))

    given(SERVICE).when(replace(PLACE, lines=lines)).then(replace(ORDERED, lines=lines))


def test_the_smallest_order_is_one_cheap_thing() -> None:
    lines = (replace(LATTE, quantity=1, unit_price=1),)
    smallest = replace(PLACE, number=1, lines=lines, promised_seconds=1)

    given(SERVICE).when(smallest).then(replace(ORDERED, number=1, lines=lines, promised_seconds=1))


def test_the_customer_calls_it_off_while_nobody_has_started() -> None:
    given(SERVICE, ORDERED).when(CHANGE_OF_MIND).then(CANCELLED)


def test_the_customer_may_call_off_a_paid_order() -> None:
    given(SERVICE, ORDERED, PAID).when(CHANGE_OF_MIND).then(CANCELLED)


def test_the_customer_may_call_it_off_when_the_barista_gave_it_back_untouched() -> None:
    released = PreparationReleased(barista=BAO)

    given(SERVICE, ORDERED, STARTED, released).when(CHANGE_OF_MIND).then(CANCELLED)


@pytest.mark.parametrize(
    "bar",
    [
        [STARTED],
        [STARTED, READY],
        [STARTED, LinePrepared(line=1), PreparationReleased(barista=BAO)],
        [STARTED, READY, BroughtBack(reason=BringBackReason.REMAKE, lines=())],
        [READY],
    ],
)
def test_the_customer_comes_too_late_once_something_is_made(bar: list[LinePrepared]) -> None:
    given(SERVICE, ORDERED, *bar).when(CHANGE_OF_MIND).then_refused(AlreadyStarted)


def test_the_customer_asks_the_bar_to_stop() -> None:
    ask, asked = AskToStop(**ENVELOPE), CancellationRequested()

    given(SERVICE, ORDERED, STARTED).when(ask).then(asked)
    given(SERVICE, ORDERED, STARTED, asked).when(ask).then_nothing()
    given(SERVICE, ORDERED).when(ask).then(CANCELLED)  # nobody has started: nobody has to be asked
    given(SERVICE, ORDERED, STARTED, READY).when(ask).then_refused(AlreadyPrepared)
    given(SERVICE, ORDERED, STARTED, asked, StopDeclined()).when(ask).then_refused(TooLateToStop)


def test_an_order_that_the_bar_stopped_when_asked_is_off() -> None:
    asked, note = CancellationRequested(), NoteStop(**ENVELOPE)
    stopped = PreparationStopped(disposition=Disposition.WASTED)

    given(SERVICE, ORDERED, STARTED, asked, stopped).when(note).then(CANCELLED)
    given(SERVICE, ORDERED, STARTED, asked, stopped, CANCELLED).when(note).then_nothing()
    given(SERVICE, ORDERED, STARTED, CANCELLED, stopped).when(note).then_nothing()
    given(SERVICE, ORDERED, STARTED, asked).when(note).then_nothing()


def test_what_was_made_may_be_asked_again_after_a_remake() -> None:
    again = BroughtBack(reason=BringBackReason.WRONG, lines=())
    history = (ORDERED, STARTED, CancellationRequested(), StopDeclined(), READY, again, STARTED)

    given(SERVICE, *history).when(AskToStop(**ENVELOPE)).then(CancellationRequested())


def test_what_was_handed_over_once_cannot_be_stopped_for_all_its_money() -> None:
    again = BroughtBack(reason=BringBackReason.WRONG, lines=(2,))
    history = (ORDERED, PAID, STARTED, READY, OrderServed(), again, STARTED)

    given(SERVICE, *history).when(AskToStop(**ENVELOPE)).then_refused(TooLateToStop)


@pytest.mark.parametrize("bar", [[], [STARTED], [STARTED, READY]])
def test_the_shop_calls_it_off_until_it_is_served(bar: list[LinePrepared]) -> None:
    cancelled = OrderCancelled(reason="out of oat milk", by_shop=True)

    given(SERVICE, ORDERED, *bar).when(OUT_OF_OATS).then(cancelled)


def test_the_shop_says_why() -> None:
    given(SERVICE, ORDERED).when(replace(OUT_OF_OATS, reason=" ")).then_refused(BadInput)
    given(SERVICE, ORDERED).when(replace(OUT_OF_OATS, reason="x" * 201)).then_refused(BadInput)


def test_a_served_order_is_not_called_off() -> None:
    given(SERVICE, ORDERED, READY, PAID, OrderServed()).when(OUT_OF_OATS).then_refused(
        AlreadyServed
    )


def test_an_order_is_called_off_once() -> None:
    given(SERVICE, ORDERED, CANCELLED).when(OUT_OF_OATS).then_refused(AlreadyCancelled)


def test_a_ready_and_paid_order_is_handed_over() -> None:
    given(SERVICE, ORDERED, PAID, READY).when(SERVE).then(OrderServed())


def test_an_order_is_handed_over_when_the_shop_wrote_the_money_off() -> None:
    written_off = PaymentWrittenOff(amount=TOTAL, reason="long wait")

    given(SERVICE, ORDERED, READY, written_off).when(SERVE).then(OrderServed())


def test_an_order_of_the_article_is_paid_in_full_without_an_amount() -> None:
    paid = OrderPaid(payment="", amount=None, tender=Tender.CARD, given=0, change=0)

    given(SERVICE, ORDERED, paid, READY).when(SERVE).then(OrderServed())


def test_an_unpaid_order_stays_at_the_counter() -> None:
    refusal = given(SERVICE, ORDERED, READY).when(SERVE).then_refused(NotPaid)

    assert refusal.due == TOTAL
    assert refusal.sentence == "€11.50 is still to be paid."


def test_an_order_is_handed_over_only_when_ready() -> None:
    given(SERVICE, ORDERED, PAID, STARTED).when(SERVE).then_refused(NotReady)


def test_an_order_brought_back_is_not_ready() -> None:
    back = BroughtBack(reason=BringBackReason.MISBUMP, lines=())

    given(SERVICE, ORDERED, PAID, STARTED, READY, back).when(SERVE).then_refused(NotReady)


def test_a_remade_order_is_handed_over_again() -> None:
    back = BroughtBack(reason=BringBackReason.REMAKE, lines=())
    history = (ORDERED, PAID, STARTED, READY, OrderServed(), back, STARTED, READY)

    given(SERVICE, *history).when(SERVE).then(OrderServed())


def test_an_order_is_handed_over_once() -> None:
    given(SERVICE, ORDERED, PAID, READY, OrderServed()).when(SERVE).then_refused(AlreadyServed)


def test_a_cancelled_order_is_not_handed_over() -> None:
    given(SERVICE, ORDERED, PAID, READY, CANCELLED).when(SERVE).then_refused(AlreadyCancelled)


def test_nobody_came() -> None:
    given(SERVICE, ORDERED, READY).when(MarkNotCollected(**ENVELOPE)).then(OrderNotCollected())


def test_nobody_can_come_for_an_order_that_is_not_ready() -> None:
    given(SERVICE, ORDERED).when(MarkNotCollected(**ENVELOPE)).then_refused(NotReady)


def test_nobody_came_only_once() -> None:
    history = (ORDERED, READY, OrderNotCollected())

    given(SERVICE, *history).when(MarkNotCollected(**ENVELOPE)).then_refused(AlreadyNotCollected)
    given(SERVICE, *history).when(OUT_OF_OATS).then_refused(AlreadyNotCollected)


def test_the_customer_who_comes_late_gets_it_all_the_same() -> None:
    history = (ORDERED, PAID, READY, OrderNotCollected())

    given(SERVICE, *history).when(SERVE).then(OrderServed())
    given(SERVICE, *history, OrderServed()).when(OUT_OF_OATS).then_refused(AlreadyServed)


@pytest.mark.parametrize("command", [CHANGE_OF_MIND, SERVE, MarkNotCollected(**ENVELOPE)])
def test_what_nobody_ordered_is_unknown(command: CancelOrder) -> None:
    given(SERVICE).when(command).then_refused(UnknownOrder)


def test_ordering_leaves_money_to_the_payment_service() -> None:
    given(SERVICE, ORDERED).when(WriteOff(**ENVELOPE, reason="no")).then_refused(UnknownCommand)


FOR_WHEN_HERE = replace(ORDERED, waits_for=WaitsFor.CUSTOMER)
HERE = SayHere(**ENVELOPE)


def test_who_says_that_they_are_here_is_waited_for_no_longer() -> None:
    held_by_the_bar = OrderHeld(reason="on the way", minutes=10)
    for_later = replace(ORDERED, waits_for=WaitsFor.TIME, pick_up_at="2026-05-04T13:05+02:00")

    given(SERVICE, FOR_WHEN_HERE).when(HERE).then(CustomerArrived())
    given(SERVICE, FOR_WHEN_HERE, CustomerArrived()).when(HERE).then_nothing()
    given(SERVICE, ORDERED, held_by_the_bar).when(HERE).then(CustomerArrived())
    given(SERVICE, ORDERED).when(HERE).then_nothing()
    soon = replace(HERE, at=datetime(2026, 5, 4, 10, 50, tzinfo=UTC))
    given(SERVICE, for_later).when(replace(soon, at=soon.at - timedelta(seconds=1))).then_refused(
        TooEarly
    )
    given(SERVICE, for_later).when(soon).then(CustomerArrived())
    when_paid = replace(ORDERED, waits_for=WaitsFor.PAYMENT)
    given(SERVICE, when_paid).when(HERE).then_nothing()
    given(SERVICE).when(HERE).then_refused(UnknownOrder)
    off = OrderCancelled(reason="", by_shop=False)
    given(SERVICE, FOR_WHEN_HERE, off).when(HERE).then_refused(AlreadyCancelled)


def test_an_order_for_later_says_when() -> None:
    later = replace(PLACE, waits_for=WaitsFor.TIME, pick_up_at="2026-05-04T13:05+02:00")

    given(SERVICE).when(replace(later, pick_up_at="")).then_refused(BadInput)
    given(SERVICE).when(replace(later, pick_up_at="2026-05-04T13:05")).then_refused(BadInput)
    (placed,) = given(SERVICE).when(later).events
    assert isinstance(placed, CoffeeOrdered)
    assert placed.begins_at == datetime(2026, 5, 4, 11, 1, tzinfo=UTC)  # four minutes before
