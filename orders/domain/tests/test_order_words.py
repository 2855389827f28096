"""What people read about one order."""

import pytest

from orders.domain.event import Event
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CancellationRequested,
    OrderCancelled,
    OrderHeld,
    OrderNotCollected,
    OrderPrioritised,
    OrderServed,
    PaymentRolledBack,
    RushReason,
    StopDeclined,
)
from orders.domain.money import in_words
from orders.domain.order_status import fold
from orders.domain.order_words import REMADE, headline, headline_of, money_sentence, sentence
from orders.domain.progress import Money, Progress
from orders.domain.tests import test_order_status as seen
from orders.domain.tests.cast import ORDERED, recorded
from orders.domain.tests.test_payment import PAID_IN_CASH

OFF = OrderCancelled(reason="out of oat milk", by_shop=True)


@pytest.mark.parametrize(
    ("progress", "money", "words"),
    [
        (Progress.WAITING, Money.DUE, "Waiting · pay any time"),
        (Progress.WAITING, Money.UNDER_WAY, "Waiting · card payment under way"),
        (Progress.WAITING, Money.PAID, "Waiting"),
        (Progress.WAITING, Money.REFUNDED, "Waiting · free"),
        (Progress.MAKING, Money.DUE, "Making · pay any time"),
        (Progress.MAKING, Money.PAID, "Making"),
        (Progress.MAKING, Money.WRITTEN_OFF, "Making · free"),
        (Progress.READY, Money.DUE, "Ready · please pay €3.90"),
        (Progress.READY, Money.PAID, "Ready"),
        (Progress.READY, Money.WRITTEN_OFF, "Ready"),
        (Progress.SERVED, Money.DUE, "Served · unpaid"),
        (Progress.SERVED, Money.PAID, "Done"),
        (Progress.SERVED, Money.REFUNDED, "Done · refunded"),
        (Progress.SERVED, Money.WRITTEN_OFF, "Done · written off"),
        (Progress.NOT_COLLECTED, Money.DUE, "Not collected · unpaid"),
        (Progress.NOT_COLLECTED, Money.PAID, "Not collected"),
        (Progress.CANCELLED, Money.NOTHING_DUE, "Cancelled"),
        (Progress.CANCELLED, Money.REFUND_DUE, "Cancelled · refund due"),
        (Progress.CANCELLED, Money.REFUND_UNDER_WAY, "Cancelled · refund under way"),
        (Progress.CANCELLED, Money.REFUNDED, "Cancelled · refunded"),
    ],
)
def test_one_line_says_how_far_it_is_and_what_became_of_the_money(
    progress: Progress, money: Money, words: str
) -> None:
    assert headline(progress, money, 390, "EUR") == words


def test_every_pair_of_progress_and_money_has_a_line() -> None:
    lines = {headline(p, m, 390, "EUR") for p in Progress for m in Money}

    assert all(line[0].isupper() and "None" not in line for line in lines)


def words_after(*events: Event, **known: object) -> str:
    return sentence(fold(recorded(ORDERED, *events)), **known)  # type: ignore[arg-type]


def test_the_customer_reads_where_the_order_is() -> None:
    assert words_after() == "In the queue."
    assert words_after(before=2) == "In the queue – 2 before yours."
    assert words_after(before=0) == "In the queue – yours is next."
    assert words_after(seen.TAKEN, barista="Ana") == "Ana is making it."
    assert words_after(seen.TAKEN) == "It is being made."
    assert words_after(PAID_IN_CASH, seen.READY, place="the end of the bar") == (
        "Ready at the end of the bar."
    )
    assert words_after(PAID_IN_CASH, seen.READY) == "Ready at serving desk 3."
    assert words_after(seen.READY) == "Ready – please pay €11.50."
    assert words_after(PAID_IN_CASH, seen.READY, OrderServed()) == "Enjoy!"
    assert words_after(seen.READY, OrderNotCollected()) == "We kept it 1 minute."


def test_the_customer_reads_that_and_why_it_is_made_again() -> None:
    spilled = BroughtBack(reason=BringBackReason.SPILLED, lines=())

    assert words_after(seen.TAKEN, seen.READY, spilled) == (
        "We make it again, before all others: it was spilled."
    )
    assert (
        words_after(seen.TAKEN, seen.READY, seen.REMAKE) == "We make it again, before all others."
    )
    rushed = OrderPrioritised(reason=RushReason.WAITED_LONG)
    assert words_after(rushed) == "In the queue."
    assert words_after(seen.TAKEN, seen.READY, spilled, seen.TAKEN, barista="Ana") == (
        "Ana is making it again."
    )


def test_the_customer_reads_why_it_waits_and_what_the_bar_answered() -> None:
    held = OrderHeld(reason="something is missing", minutes=0)

    assert words_after(held) == "On hold: something is missing."
    assert words_after(seen.TAKEN, CancellationRequested()) == (
        "You asked us to stop. We look whether it can still be stopped."
    )
    assert words_after(seen.TAKEN, CancellationRequested(), StopDeclined(), barista="Ana") == (
        "It was too late to stop; it is being made."
    )


def test_every_reason_of_a_remake_but_the_unrecorded_has_words() -> None:
    reasons = {reason for reason in BringBackReason if reason.is_remake}

    assert reasons - set(REMADE) == {BringBackReason.REMAKE}


def test_the_customer_reads_what_a_cancellation_means_for_the_money() -> None:
    assert words_after(seen.CANCELLED) == "Cancelled. Nothing was charged."
    assert words_after(seen.STARTED, seen.CANCELLED) == (
        "Cancelled. The card payment is being undone."
    )
    assert words_after(seen.STARTED, seen.PAID, OFF) == (
        "We had to cancel: out of oat milk. €11.50 is on its way back."
    )
    assert words_after(PAID_IN_CASH, OFF) == (
        "We had to cancel: out of oat milk. €11.50 is waiting for you at the counter."
    )
    assert words_after(seen.STARTED, seen.PAID, OFF, seen.REFUND_STARTED, seen.REFUNDED) == (
        "We had to cancel: out of oat milk. €11.50 was given back."
    )


def test_the_customer_reads_about_the_money() -> None:
    def money_after(*events: Event) -> str:
        return money_sentence(fold(recorded(ORDERED, *events)))

    rolled_back = PaymentRolledBack(payment="p1", reason="no answer")
    assert money_after() == "€11.50 to pay, at any time."
    assert money_after(seen.STARTED) == "Your card payment is under way."
    assert money_after(seen.STARTED, seen.PAID) == "Paid."
    assert money_after(seen.STARTED, seen.DECLINED) == (
        "The card was declined. Your coffee continues; pay at the bar."
    )
    assert money_after(seen.STARTED, rolled_back) == (
        "The card payment came to nothing and nothing was charged; pay at the bar."
    )
    assert money_after(seen.WRITTEN_OFF) == "There is nothing to pay."


def test_the_headline_of_an_order_comes_from_its_facts() -> None:
    assert headline_of(fold(recorded(ORDERED, seen.READY))) == "Ready · please pay €11.50"


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (520, "EUR", "€5.20"),
        (5, "GBP", "£0.05"),
        (-250, "EUR", "-€2.50"),
        (123456, "SEK", "1234.56 SEK"),
        (0, "CHF", "CHF 0.00"),
    ],
)
def test_money_is_said_with_its_currency(cents: int, currency: str, words: str) -> None:
    assert in_words(cents, currency) == words
