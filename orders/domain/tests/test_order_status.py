"""The status of one order, now or at any time before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orders.domain.event import Event
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    Disposition,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RefundStarted,
    Tender,
)
from orders.domain.order_status import OrderStatus, facts_at, fold
from orders.domain.progress import Money, Progress
from orders.domain.tests.cast import AMENDED, AMENDED_TOTAL, BAO, OPENING, ORDERED, TOTAL, recorded

TAKEN = PreparationStarted(barista=BAO)
READY = CoffeePrepared(desk=3)
STARTED = PaymentStarted(payment="p1", amount=TOTAL, currency="EUR", card_token="demo-approve")
PAID = OrderPaid(payment="p1", amount=TOTAL, tender=Tender.CARD, given=TOTAL, change=0)
DECLINED = PaymentDeclined(payment="p1", reason="limit")
CANCELLED = OrderCancelled(reason="", by_shop=False)
REFUND_STARTED = RefundStarted(refund="r1", payment="p1", amount=TOTAL, reason="cancelled")
REFUNDED = PaymentRefunded(refund="r1", payment="p1", amount=TOTAL, tender=Tender.CARD)
WRITTEN_OFF = PaymentWrittenOff(amount=TOTAL, reason="long wait")
STOPPED = PreparationStopped(disposition=Disposition.NOT_STARTED)
REMAKE = BroughtBack(reason=BringBackReason.REMAKE, lines=())
DAY = (ORDERED, STARTED, TAKEN, PAID, READY, OrderServed())


def status_after(*events: Event) -> OrderStatus:
    return fold(recorded(*events))


@pytest.mark.parametrize(
    ("history", "progress"),
    [
        ([], Progress.WAITING),
        ([TAKEN], Progress.MAKING),
        ([TAKEN, PreparationReleased(barista=BAO)], Progress.WAITING),
        ([TAKEN, READY], Progress.READY),
        ([READY], Progress.READY),
        ([TAKEN, READY, BroughtBack(reason=BringBackReason.MISBUMP, lines=())], Progress.MAKING),
        ([TAKEN, READY, OrderServed()], Progress.SERVED),
        ([TAKEN, READY, OrderServed(), REMAKE], Progress.WAITING),
        ([TAKEN, READY, OrderNotCollected()], Progress.NOT_COLLECTED),
        ([TAKEN, READY, OrderNotCollected(), OrderServed()], Progress.SERVED),
        ([CANCELLED], Progress.CANCELLED),
        ([TAKEN, CANCELLED], Progress.CANCELLED),
        ([STOPPED], Progress.CANCELLED),
    ],
)
def test_an_order_goes_its_way(history: list[Event], progress: Progress) -> None:
    assert status_after(ORDERED, *history).progress is progress


@pytest.mark.parametrize(
    ("history", "money"),
    [
        ([], Money.DUE),
        ([STARTED], Money.UNDER_WAY),
        ([STARTED, DECLINED], Money.DUE),
        ([STARTED, PAID], Money.PAID),
        ([WRITTEN_OFF], Money.WRITTEN_OFF),
        ([CANCELLED], Money.NOTHING_DUE),
        ([STARTED, CANCELLED], Money.UNDER_WAY),
        ([STARTED, PAID, CANCELLED], Money.REFUND_DUE),
        ([STARTED, CANCELLED, PAID], Money.REFUND_DUE),
        ([STARTED, PAID, REFUND_STARTED], Money.REFUND_UNDER_WAY),
        ([STARTED, PAID, CANCELLED, REFUND_STARTED, REFUNDED], Money.REFUNDED),
    ],
)
def test_money_goes_its_own_way(history: list[Event], money: Money) -> None:
    assert status_after(ORDERED, *history).money is money


def test_a_day_in_the_life_of_an_order() -> None:
    status = status_after(*DAY)

    assert (status.number, status.lines, status.due) == (41, ORDERED.lines, 0)
    assert (status.barista, status.desk, status.version) == (BAO, 3, 6)
    assert status.times.ordered == OPENING
    assert status.times.started == OPENING + timedelta(minutes=2)
    assert status.times.paid == OPENING + timedelta(minutes=3)
    assert status.times.ready == OPENING + timedelta(minutes=4)
    assert status.times.served == OPENING + timedelta(minutes=5)
    assert status.promised_at == OPENING + timedelta(seconds=240)


def test_a_remake_has_its_own_clock_and_promise() -> None:
    status = status_after(*DAY, REMAKE, TAKEN)

    assert status.remakes == 1
    assert status.times.clock_since == OPENING + timedelta(minutes=6)
    assert status.promised_at == OPENING + timedelta(minutes=10)
    assert status.times.started == OPENING + timedelta(minutes=7)
    assert (status.times.ready, status.times.served, status.desk) == (None, None, None)


def test_what_is_made_again_goes_first_until_it_is_done() -> None:
    assert not status_after(*DAY).goes_first
    assert status_after(*DAY, REMAKE).goes_first
    too_early = BroughtBack(reason=BringBackReason.MISBUMP, lines=())
    back_again = status_after(*DAY, REMAKE, TAKEN, READY, too_early)
    assert (back_again.goes_first, back_again.brought_back) == (True, REMAKE.reason)
    once_more = BroughtBack(reason=BringBackReason.SPILLED, lines=())
    assert status_after(*DAY, too_early, READY, once_more).brought_back is once_more.reason


def test_whether_it_was_on_time_is_decided_the_first_time() -> None:
    quick, just_in_time = status_after(ORDERED, TAKEN, READY), status_after(*DAY)

    assert (quick.seconds_to_ready, quick.was_on_time) == (120, True)
    assert (just_in_time.seconds_to_ready, just_in_time.was_on_time) == (240, True)
    assert status_after(ORDERED, TAKEN).was_on_time is None
    remade = status_after(ORDERED, TAKEN, READY, OrderServed(), REMAKE, TAKEN, TAKEN, READY)
    assert (remade.seconds_to_ready, remade.was_on_time) == (120, True)
    slow = status_after(ORDERED, TAKEN, TAKEN, TAKEN, TAKEN, READY)
    assert (slow.seconds_to_ready, slow.was_on_time) == (300, False)


def test_an_order_of_before_the_shop_was_promised_nothing() -> None:
    status = status_after(replace(ORDERED, promised_seconds=0), TAKEN, READY)

    assert (status.promised_at, status.was_on_time) == (None, None)
    assert status.seconds_to_ready == 120


def test_the_clock_of_an_order_called_too_early_goes_on() -> None:
    too_early = BroughtBack(reason=BringBackReason.MISBUMP, lines=())
    status = status_after(ORDERED, TAKEN, READY, too_early)

    assert status.times.clock_since == OPENING
    assert status.times.started == OPENING + timedelta(minutes=1)
    assert status.times.ready is None


def test_what_may_be_done_follows_from_the_status() -> None:
    def may(*events: Event) -> tuple[bool, bool, bool]:
        status = status_after(*events)
        return status.can_cancel, status.can_pay, status.can_serve

    assert may() == (False, False, False)
    assert may(ORDERED) == (True, True, False)
    assert may(ORDERED, STARTED) == (True, False, False)
    assert may(ORDERED, TAKEN) == (False, True, False)
    assert may(ORDERED, TAKEN, READY) == (False, True, False)
    assert may(ORDERED, STARTED, PAID, READY) == (False, False, True)
    assert may(ORDERED, CANCELLED) == (False, False, False)
    assert may(*DAY) == (False, False, False)


def test_the_reason_of_a_declined_card_stays_until_the_next_try() -> None:
    again = PaymentStarted(payment="p2", amount=TOTAL, currency="EUR", card_token="other")
    came_to_nothing = PaymentRolledBack(payment="p2", reason="no answer")

    assert status_after(ORDERED, STARTED, DECLINED).declined == "limit"
    assert status_after(ORDERED, STARTED, DECLINED, again).declined == ""
    assert status_after(ORDERED, STARTED, DECLINED, again, came_to_nothing).rolled_back


def test_a_cancellation_says_who_and_why_and_what_became_of_the_drinks() -> None:
    status = status_after(ORDERED, OrderCancelled(reason="no milk", by_shop=True), STOPPED)

    assert status.cancellation == OrderCancelled(reason="no milk", by_shop=True)
    assert status.disposition is Disposition.NOT_STARTED


def test_before_the_first_fact_the_order_is_unknown() -> None:
    assert facts_at([]) == []
    assert facts_at(recorded(*DAY), at=OPENING - timedelta(seconds=1)) == []
    assert facts_at(recorded(*DAY), version=0) == []
    assert fold([]).number is None


def test_the_first_facts_up_to_a_version() -> None:
    status = fold(facts_at(recorded(*DAY), version=3))

    assert (status.progress, status.money) == (Progress.MAKING, Money.UNDER_WAY)


def test_what_had_happened_by_then() -> None:
    status = fold(facts_at(recorded(*DAY), at=OPENING + timedelta(minutes=4)))

    assert status.progress is Progress.READY


def test_what_was_known_by_then_is_less_than_what_had_happened() -> None:
    facts = recorded(*DAY, delay=2)

    happened = fold(facts_at(facts, at=OPENING + timedelta(minutes=4)))
    known = fold(facts_at(facts, as_of=OPENING + timedelta(minutes=4)))

    assert happened.progress is Progress.READY
    assert known.progress is Progress.MAKING


def test_a_fact_recorded_late_counts_for_when_it_happened_not_for_what_was_known() -> None:
    first, paid, ready = recorded(ORDERED, PAID, READY)
    late = [first, ready, *recorded(ORDERED, PAID, minutes=1, delay=9)[1:]]

    assert facts_at(late, at=paid.occurred_at) == [first, late[2]]
    assert facts_at(late, as_of=ready.recorded_at) == [first, ready]


def test_facts_without_an_order_are_still_a_history() -> None:
    status = status_after(READY, PAID)

    assert (status.number, status.lines, status.promised_at) == (None, (), None)
    assert status.progress is Progress.READY


def test_what_was_only_called_ready_when_the_bar_closed_has_no_speed() -> None:
    by_closing = CoffeePrepared(desk=3, at_closing=True)
    closed = fold(recorded(ORDERED, TAKEN, by_closing))

    assert closed.progress is Progress.READY
    assert (closed.seconds_to_ready, closed.was_on_time) == (None, None)
    remade = BroughtBack(reason=BringBackReason.WRONG, lines=())
    again = fold(recorded(ORDERED, TAKEN, READY, remade, TAKEN, by_closing))
    assert again.seconds_to_ready == 120


def test_a_changed_order_is_what_it_is_now_and_knows_what_it_was() -> None:
    status = fold(recorded(ORDERED, AMENDED))

    assert status.lines == AMENDED.lines
    assert (status.due, status.number) == (AMENDED_TOTAL, ORDERED.number)
    assert status.amendment is not None
    assert (status.amendment.before, status.amendment.at) == (
        ORDERED.lines,
        OPENING + timedelta(minutes=1),
    )
    assert status.promised_at == OPENING + timedelta(seconds=ORDERED.promised_seconds)
