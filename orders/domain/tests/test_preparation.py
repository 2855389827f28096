"""Who makes an order, what of it is done, and when it is ready."""

from dataclasses import replace

import pytest

from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CancellationRequested,
    CoffeePrepared,
    Disposition,
    LineBroughtBack,
    LinePrepared,
    OrderCancelled,
    OrderHeld,
    OrderNotCollected,
    OrderResumed,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RushReason,
    Station,
    StopDeclined,
)
from orders.domain.ordering import ServeOrder
from orders.domain.preparation import (
    SERVICE,
    BringBack,
    DeclineStop,
    FinishPreparation,
    HoldOrder,
    NoteCancellation,
    PrepareAtClosing,
    PrepareLine,
    PrepareStation,
    PrioritiseOrder,
    ReleasePreparation,
    StartPreparation,
    StopPreparation,
    TickLine,
    UntickLine,
)
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyNotCollected,
    AlreadyReady,
    AlreadyServed,
    AlreadyStopped,
    AlreadyTaken,
    BadInput,
    LineIsDone,
    NotAsked,
    NotCancelled,
    NotReady,
    NotTaken,
    NotYours,
    Refused,
    UnknownCommand,
    UnknownLine,
    UnknownOrder,
)
from orders.domain.tests.cast import AMENDED, ANA, BAO, ENVELOPE, ORDERED
from orders.domain.tests.specification import given

TAKE = StartPreparation(**ENVELOPE, barista=BAO, take_over=False)
FINISH = FinishPreparation(**ENVELOPE, barista=BAO, desk=3)
GIVE_BACK = ReleasePreparation(**ENVELOPE, barista=BAO)
CALLED_TOO_EARLY = BringBack(**ENVELOPE, reason=BringBackReason.MISBUMP)
MAKE_AGAIN = BringBack(**ENVELOPE, reason=BringBackReason.SPILLED)
NOTE = NoteCancellation(**ENVELOPE)
WASTED = StopPreparation(**ENVELOPE, disposition=Disposition.WASTED)
TAKEN = PreparationStarted(barista=BAO)
READY = CoffeePrepared(desk=3)
CANCELLED = OrderCancelled(reason="out of oat milk", by_shop=True)
MISBUMPED = BroughtBack(reason=BringBackReason.MISBUMP, lines=())
REMAKE = BroughtBack(reason=BringBackReason.SPILLED, lines=())
ASKED = CancellationRequested()
TOO_LATE = DeclineStop(**ENVELOPE)
ON_THE_WAY = "the customer is on the way"
HOLD = HoldOrder(**ENVELOPE, barista=BAO, reason=ON_THE_WAY, minutes=10)
HELD = OrderHeld(reason=ON_THE_WAY, minutes=10)
RUSH = PrioritiseOrder(**ENVELOPE, reason=RushReason.WAITED_LONG)


def test_a_barista_takes_an_order() -> None:
    given(SERVICE, ORDERED).when(TAKE).then(TAKEN)


def test_an_order_needs_somebody_who_makes_it() -> None:
    given(SERVICE, ORDERED).when(StartPreparation(**ENVELOPE, barista="")).then_refused(BadInput)


def test_taking_the_same_order_twice_changes_nothing() -> None:
    given(SERVICE, ORDERED, TAKEN).when(TAKE).then_nothing()


def test_an_order_has_one_barista() -> None:
    late = StartPreparation(**ENVELOPE, barista=ANA, take_over=False)

    refusal = given(SERVICE, ORDERED, TAKEN).when(late).then_refused(AlreadyTaken)

    assert refusal.barista == BAO


def test_a_barista_takes_over_on_purpose() -> None:
    take_over = StartPreparation(**ENVELOPE, barista=ANA, take_over=True)

    given(SERVICE, ORDERED, TAKEN).when(take_over).then(
        PreparationReleased(barista=BAO), PreparationStarted(barista=ANA)
    )


def test_taking_over_what_nobody_has_is_taking() -> None:
    take_over = StartPreparation(**ENVELOPE, barista=BAO, take_over=True)

    given(SERVICE, ORDERED).when(take_over).then(TAKEN)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([CANCELLED], AlreadyCancelled),
        ([TAKEN, READY], AlreadyReady),
        ([TAKEN, READY, OrderServed()], AlreadyServed),
        ([PreparationStopped(disposition=Disposition.NOT_STARTED)], AlreadyStopped),
    ],
)
def test_what_is_not_to_be_made_cannot_be_taken(
    history: list[Event], reason: type[Refused]
) -> None:
    given(SERVICE, ORDERED, *history).when(TAKE).then_refused(reason)


def test_lines_are_ticked_one_by_one() -> None:
    tick = TickLine(**ENVELOPE, barista=BAO, line=2)

    given(SERVICE, ORDERED, TAKEN).when(tick).then(LinePrepared(line=2))
    given(SERVICE, ORDERED, TAKEN, LinePrepared(line=2)).when(tick).then_nothing()


def test_a_tick_is_taken_back() -> None:
    untick = UntickLine(**ENVELOPE, barista=BAO, line=2)

    given(SERVICE, ORDERED, TAKEN, LinePrepared(line=2)).when(untick).then(LineBroughtBack(line=2))
    given(SERVICE, ORDERED, TAKEN).when(untick).then_nothing()


@pytest.mark.parametrize("command", [TickLine, UntickLine])
def test_a_line_must_be_on_the_order(command: type[TickLine]) -> None:
    unknown = command(**ENVELOPE, barista=BAO, line=3)

    given(SERVICE, ORDERED, TAKEN).when(unknown).then_refused(UnknownLine)


def test_each_station_makes_its_lines_and_the_last_one_makes_the_order_ready() -> None:
    drinks = PrepareStation(**ENVELOPE, barista=BAO, desk=3, station=Station.BAR)
    food = PrepareStation(**ENVELOPE, barista=ANA, desk=3, station=Station.FOOD)
    half = (ORDERED, TAKEN, LinePrepared(line=1))

    given(SERVICE, ORDERED).when(drinks).then(PreparationStarted(barista=BAO), LinePrepared(line=1))
    given(SERVICE, *half).when(food).then(LinePrepared(line=2), CoffeePrepared(desk=3))
    given(SERVICE, *half).when(drinks).then_refused(LineIsDone)
    given(SERVICE, *half, LinePrepared(line=2), READY).when(food).then_refused(AlreadyReady)
    cold = PrepareStation(**ENVELOPE, barista=BAO, desk=3, station=Station.COLD)
    given(SERVICE, ORDERED).when(cold).then_refused(UnknownLine)
    given(SERVICE, ORDERED, AMENDED).when(food).then_refused(UnknownLine)


def test_one_line_is_made_by_whoever_makes_it() -> None:
    made = PrepareLine(**ENVELOPE, barista=ANA, desk=3, line=2)

    given(SERVICE, ORDERED, TAKEN).when(made).then(LinePrepared(line=2))
    given(SERVICE, ORDERED, TAKEN, LinePrepared(line=1)).when(made).then(
        LinePrepared(line=2), CoffeePrepared(desk=3)
    )
    given(SERVICE, ORDERED, TAKEN, LinePrepared(line=2)).when(made).then_refused(LineIsDone)
    given(SERVICE, ORDERED, HELD).when(made).then(
        OrderResumed(), PreparationStarted(barista=ANA), LinePrepared(line=2)
    )
    given(SERVICE, ORDERED).when(replace(made, line=9)).then_refused(UnknownLine)
    given(SERVICE, ORDERED).when(replace(made, barista="")).then_refused(BadInput)


def test_an_order_is_ready_also_with_lines_that_nobody_ticked() -> None:
    given(SERVICE, ORDERED, TAKEN).when(FINISH).then(READY)


def test_serving_desks_count_from_1() -> None:
    nowhere = FinishPreparation(**ENVELOPE, barista=BAO, desk=0)

    given(SERVICE, ORDERED, TAKEN).when(nowhere).then_refused(BadInput)
    given(SERVICE, ORDERED, TAKEN).when(replace(nowhere, desk=1)).then(CoffeePrepared(desk=1))


def test_an_order_is_prepared_once() -> None:
    given(SERVICE, ORDERED, TAKEN, READY).when(FINISH).then_refused(AlreadyReady)


def test_a_barista_gives_an_order_back_to_the_queue() -> None:
    given(SERVICE, ORDERED, TAKEN).when(GIVE_BACK).then(PreparationReleased(barista=BAO))
    given(SERVICE, ORDERED, TAKEN, PreparationReleased(barista=BAO)).when(TAKE).then(TAKEN)


IN_HAND = [
    TickLine(**ENVELOPE, barista=BAO, line=1),
    UntickLine(**ENVELOPE, barista=BAO, line=1),
    FINISH,
    GIVE_BACK,
]


@pytest.mark.parametrize("command", IN_HAND)
def test_only_the_barista_who_has_it_works_on_it(command: Command) -> None:
    refusal = (
        given(SERVICE, ORDERED, PreparationStarted(barista=ANA))
        .when(command)
        .then_refused(NotYours)
    )

    assert refusal.barista == ANA


@pytest.mark.parametrize("command", IN_HAND)
def test_nobody_works_on_what_nobody_has(command: Command) -> None:
    given(SERVICE, ORDERED).when(command).then_refused(NotTaken)


@pytest.mark.parametrize("command", IN_HAND)
def test_work_on_a_cancelled_order_stops(command: Command) -> None:
    given(SERVICE, ORDERED, TAKEN, CANCELLED).when(command).then_refused(AlreadyCancelled)


def test_an_order_called_too_early_returns_to_its_barista() -> None:
    history = (ORDERED, TAKEN, LinePrepared(line=1), READY)

    given(SERVICE, *history).when(CALLED_TOO_EARLY).then(MISBUMPED)
    given(SERVICE, *history, MISBUMPED).when(FINISH).then(READY)
    given(SERVICE, *history, MISBUMPED).when(
        TickLine(**ENVELOPE, barista=BAO, line=1)
    ).then_nothing()


def test_an_order_that_nobody_took_returns_to_the_queue() -> None:
    given(SERVICE, ORDERED, READY, MISBUMPED).when(TAKE).then(TAKEN)


def test_a_remake_returns_to_the_queue_and_begins_anew() -> None:
    history = (ORDERED, TAKEN, LinePrepared(line=1), READY, OrderServed())
    tick = TickLine(**ENVELOPE, barista=BAO, line=1)

    given(SERVICE, *history).when(MAKE_AGAIN).then(REMAKE)
    given(SERVICE, *history, REMAKE).when(TAKE).then(TAKEN)
    given(SERVICE, *history, REMAKE, TAKEN).when(tick).then(LinePrepared(line=1))


def test_only_the_lines_that_are_named_are_made_again() -> None:
    served = (ORDERED, TAKEN, READY, OrderServed())
    cookie = BringBack(**ENVELOPE, reason=BringBackReason.WRONG, lines=(2, 2))
    remade = BroughtBack(reason=BringBackReason.WRONG, lines=(2,))

    given(SERVICE, *served).when(cookie).then(remade)
    made = TickLine(**ENVELOPE, barista=BAO, line=1)
    given(SERVICE, *served, remade, TAKEN).when(made).then_nothing()
    again = TickLine(**ENVELOPE, barista=BAO, line=2)
    given(SERVICE, *served, remade, TAKEN).when(again).then(LinePrepared(line=2))


def test_what_is_made_again_was_on_the_order() -> None:
    unknown = BringBack(**ENVELOPE, reason=BringBackReason.WRONG, lines=(1, 3))

    given(SERVICE, ORDERED, TAKEN, READY).when(unknown).then_refused(UnknownLine)


def test_an_order_called_too_early_comes_back_whole() -> None:
    named = BringBack(**ENVELOPE, reason=BringBackReason.MISBUMP, lines=(1,))

    given(SERVICE, ORDERED, TAKEN, READY).when(named).then(MISBUMPED)


def test_a_drink_that_went_cold_is_made_again() -> None:
    given(SERVICE, ORDERED, TAKEN, READY, OrderNotCollected()).when(MAKE_AGAIN).then(REMAKE)


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ([TAKEN], NotReady),
        ([TAKEN, READY, OrderServed()], AlreadyServed),
        ([TAKEN, READY, OrderNotCollected()], AlreadyNotCollected),
        ([TAKEN, READY, CANCELLED], AlreadyCancelled),
    ],
)
def test_only_what_stands_ready_was_called_too_early(
    history: list[Event], reason: type[Refused]
) -> None:
    given(SERVICE, ORDERED, *history).when(CALLED_TOO_EARLY).then_refused(reason)


def test_the_barista_answers_a_cancellation() -> None:
    stopped = PreparationStopped(disposition=Disposition.WASTED)

    given(SERVICE, ORDERED, TAKEN, CANCELLED).when(WASTED).then(stopped)
    given(SERVICE, ORDERED, TAKEN, CANCELLED, stopped).when(WASTED).then_refused(AlreadyStopped)


def test_only_a_cancellation_is_answered() -> None:
    given(SERVICE, ORDERED, TAKEN).when(WASTED).then_refused(NotCancelled)


def test_a_cancelled_order_leaves_the_queue_by_itself() -> None:
    stopped = PreparationStopped(disposition=Disposition.NOT_STARTED)

    given(SERVICE, ORDERED, CANCELLED).when(NOTE).then(stopped)
    given(SERVICE, ORDERED, CANCELLED, stopped).when(NOTE).then_nothing()


def test_the_reactor_does_not_answer_for_a_barista() -> None:
    given(SERVICE, ORDERED, TAKEN, CANCELLED).when(NOTE).then_nothing()


@pytest.mark.parametrize(
    "bar",
    [
        [TAKEN, READY],
        [TAKEN, LinePrepared(line=1), PreparationReleased(barista=BAO)],
    ],
)
def test_what_was_made_for_a_cancelled_order_is_wasted(bar: list[Event]) -> None:
    stopped = PreparationStopped(disposition=Disposition.WASTED)

    given(SERVICE, ORDERED, *bar, CANCELLED).when(NOTE).then(stopped)


def test_the_barista_answers_a_customer_who_asks_to_stop() -> None:
    wasted = PreparationStopped(disposition=Disposition.WASTED)

    given(SERVICE, ORDERED, TAKEN, ASKED).when(WASTED).then(wasted)
    given(SERVICE, ORDERED, TAKEN, ASKED).when(TOO_LATE).then(StopDeclined())
    given(SERVICE, ORDERED, TAKEN, ASKED, StopDeclined()).when(FINISH).then(READY)
    given(SERVICE, ORDERED, TAKEN, ASKED, READY).when(TOO_LATE).then_refused(NotAsked)
    given(SERVICE, ORDERED, TAKEN, ASKED, StopDeclined()).when(WASTED).then_refused(NotCancelled)


def test_only_a_question_can_be_declined() -> None:
    stopped = PreparationStopped(disposition=Disposition.STOPPED_IN_TIME)

    given(SERVICE, ORDERED, TAKEN).when(TOO_LATE).then_refused(NotAsked)
    given(SERVICE, ORDERED, TAKEN, ASKED, CANCELLED).when(TOO_LATE).then_refused(AlreadyCancelled)
    given(SERVICE, ORDERED, TAKEN, ASKED, stopped).when(TOO_LATE).then_refused(AlreadyStopped)


def test_there_is_nothing_to_note_without_a_cancellation() -> None:
    given(SERVICE, ORDERED).when(NOTE).then_nothing()


@pytest.mark.parametrize("command", [TAKE, FINISH, MAKE_AGAIN, WASTED, NOTE, HOLD, RUSH])
def test_what_nobody_ordered_is_unknown(command: Command) -> None:
    given(SERVICE).when(command).then_refused(UnknownOrder)


def test_the_bar_leaves_serving_to_the_ordering_service() -> None:
    given(SERVICE, ORDERED).when(ServeOrder(**ENVELOPE)).then_refused(UnknownCommand)


AT_CLOSING = PrepareAtClosing(**ENVELOPE, barista=BAO, desk=3)
READY_BY_CLOSING = CoffeePrepared(desk=3, at_closing=True)


def test_what_is_open_when_the_bar_closes_is_ready_whoever_had_it() -> None:
    given(SERVICE, ORDERED).when(AT_CLOSING).then(TAKEN, READY_BY_CLOSING)
    given(SERVICE, ORDERED, HELD).when(AT_CLOSING).then(OrderResumed(), TAKEN, READY_BY_CLOSING)
    given(SERVICE, ORDERED, PreparationStarted(barista=ANA)).when(AT_CLOSING).then(READY_BY_CLOSING)


def test_what_is_ready_or_off_is_not_made_ready_by_closing() -> None:
    given(SERVICE, ORDERED, TAKEN, READY).when(AT_CLOSING).then_refused(AlreadyReady)
    given(SERVICE, ORDERED, CANCELLED).when(AT_CLOSING).then_refused(AlreadyCancelled)
    given(SERVICE, ORDERED).when(replace(AT_CLOSING, barista="")).then_refused(BadInput)


def test_the_bar_makes_what_the_order_has_become() -> None:
    given(SERVICE, ORDERED, AMENDED, TAKEN).when(
        TickLine(**ENVELOPE, barista=BAO, line=2)
    ).then_refused(UnknownLine)
