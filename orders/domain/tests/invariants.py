"""What is true of every order, whatever was pressed by whom in which order.

Each function looks at what happened to one order, step by step. Money in cents. Knows the facts and
the status, and no command: so it cannot share a mistake with the decisions.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from orders.domain.event import Event, Owner, type_of
from orders.domain.events import (
    BroughtBack,
    CancellationRequested,
    CoffeePrepared,
    LinePrepared,
    OrderAmended,
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
    StopDeclined,
)
from orders.domain.order_status import OrderStatus, evolve
from orders.domain.progress import MONEY_AT_REST, Progress
from orders.domain.tests.cast import recorded

TO_BE_MADE = (Progress.WAITING, Progress.HELD, Progress.MAKING)


class Step(NamedTuple):
    """One fact, with the status of the order before and after it."""

    before: OrderStatus
    event: Event
    after: OrderStatus


Steps = Sequence[Step]


def steps_of(history: Sequence[Event]) -> list[Step]:
    """What happened, step by step, a minute apart."""
    steps: list[Step] = []
    status = OrderStatus()
    for fact in recorded(*history):
        after = evolve(status, fact)
        steps.append(Step(status, fact.event, after))
        status = after
    return steps


def nobody_pays_more_than_is_due(steps: Steps) -> None:
    for before, event, after in steps:
        match event:
            case PaymentStarted(amount=amount):
                assert before.balance.under_way is None
                assert 0 < amount == before.due
            case OrderPaid(amount=amount, given=given, change=change):
                under_way = before.balance.under_way
                assert amount == (under_way.amount if under_way else before.due)
                assert given - change == amount
                assert change >= 0
            case PaymentWrittenOff(amount=amount):
                assert 0 < amount == before.due
        assert after.due == 0 or after.balance.owed == 0
        assert after.balance.kept <= after.balance.total + after.balance.owed


def a_payment_has_one_outcome(steps: Steps) -> None:
    started = [event.payment for _, event, _ in steps if isinstance(event, PaymentStarted)]
    outcomes = [
        event.payment
        for _, event, _ in steps
        if isinstance(event, OrderPaid | PaymentDeclined | PaymentRolledBack)
    ]
    assert len(set(started)) == len(started)
    assert len(set(outcomes)) == len(outcomes)


def no_more_goes_back_than_was_paid(steps: Steps) -> None:
    on_its_way = ""
    for before, event, after in steps:
        match event:
            case RefundStarted(refund=refund, amount=amount):
                assert not on_its_way
                assert amount <= before.paid - before.refunded
                on_its_way = refund
            case PaymentRefunded(refund=refund, amount=amount):
                assert amount <= before.paid - before.refunded
                on_its_way = "" if refund == on_its_way else on_its_way
        assert after.refunded <= after.paid


def the_balance_is_what_came_less_what_went(steps: Steps) -> None:
    came = sum(event.amount or 0 for _, event, _ in steps if isinstance(event, OrderPaid))
    went = sum(event.amount for _, event, _ in steps if isinstance(event, PaymentRefunded))
    end = steps[-1].after
    assert end.paid - end.refunded == came - went
    was_changed = any(isinstance(event, OrderAmended) for _, event, _ in steps)
    if end.money in MONEY_AT_REST and end.is_over and not was_changed:
        kept = came - went
        assert kept in (0, end.balance.total)
        is_free = end.written_off or end.refunded or end.progress is Progress.CANCELLED
        assert kept == end.balance.total or is_free


def what_is_off_is_not_made_and_not_handed_over(steps: Steps) -> None:
    for before, event, after in steps:
        if before.cancellation is not None or before.disposition is not None:
            is_answer = isinstance(event, PreparationStopped | OrderCancelled)
            assert is_answer or type_of(event).owner is Owner.PAYMENT, event
        if after.cancellation is not None:
            assert after.progress is Progress.CANCELLED
            assert not after.can_serve
    facts = [type(event) for _, event, _ in steps]
    assert facts.count(OrderCancelled) <= 1
    assert facts.count(PreparationStopped) <= 1


def what_is_handed_over_stays_so_until_it_is_made_again(steps: Steps) -> None:
    for before, event, after in steps:
        if isinstance(event, OrderServed):
            assert before.progress in (Progress.READY, Progress.NOT_COLLECTED)
            assert before.due == 0
        if before.progress is Progress.SERVED:
            is_remake = isinstance(event, BroughtBack) and event.reason.is_remake
            assert is_remake or after.progress is Progress.SERVED, event
            assert not isinstance(event, OrderServed | OrderNotCollected | OrderCancelled)


def it_is_ready_once_a_round(steps: Steps) -> None:
    for before, event, after in steps:
        if isinstance(event, CoffeePrepared):
            assert before.progress is Progress.MAKING
            assert after.progress is Progress.READY
        if isinstance(event, BroughtBack):
            assert before.times.ready is not None


def one_barista_has_it_at_a_time(steps: Steps) -> None:
    has_it = None
    for _, event, _ in steps:
        match event:
            case PreparationStarted(barista=barista):
                assert has_it is None
                has_it = barista
            case PreparationReleased(barista=barista):
                assert has_it == barista
                has_it = None
            case BroughtBack(reason=reason) if reason.is_remake:
                has_it = None


def what_is_on_hold_is_not_made(steps: Steps) -> None:
    for before, event, after in steps:
        if before.progress is Progress.HELD:
            assert not isinstance(event, PreparationStarted | LinePrepared | CoffeePrepared), event
        if after.progress in (Progress.MAKING, Progress.READY):
            assert not after.ticket.held


def nobody_loses_their_place(steps: Steps) -> None:
    """The promise that the queue is sorted by moves only by a hold or a larger order.

    Or with a remake, which has a new one and goes first.
    """
    for before, event, after in steps:
        assert after.promised_at is not None
        if after.progress in TO_BE_MADE:
            assert after.ticket.is_to_be_made or after.stop_is_asked
        if before.promised_at is None or before.progress is Progress.SERVED:
            continue
        moved = after.promised_at - before.promised_at
        if isinstance(event, BroughtBack) and event.reason.is_remake:
            assert after.goes_first
        else:
            added = promised_seconds(after) - promised_seconds(before)
            assert moved == after.times.held - before.times.held + timedelta(seconds=added)
            assert added == 0 or isinstance(event, OrderAmended)
            assert moved >= timedelta()


def promised_seconds(status: OrderStatus) -> int:
    return status.placed.promised_seconds if status.placed else 0


def what_is_started_is_not_changed(steps: Steps) -> None:
    for before, event, _ in steps:
        if isinstance(event, OrderAmended):
            assert before.progress in (Progress.WAITING, Progress.HELD)
            assert not before.ticket.ticked
            assert not before.remakes


def a_question_to_stop_has_one_answer(steps: Steps) -> None:
    for before, event, _ in steps:
        match event:
            case CancellationRequested():
                assert before.progress in TO_BE_MADE
                assert not before.ticket.stop_asked
            case StopDeclined():
                assert before.stop_is_asked
            case PreparationStopped():
                assert before.stop_is_asked or before.progress is Progress.CANCELLED


INVARIANTS: tuple[Callable[[Steps], None], ...] = (
    nobody_pays_more_than_is_due,
    a_payment_has_one_outcome,
    no_more_goes_back_than_was_paid,
    the_balance_is_what_came_less_what_went,
    what_is_off_is_not_made_and_not_handed_over,
    what_is_handed_over_stays_so_until_it_is_made_again,
    it_is_ready_once_a_round,
    one_barista_has_it_at_a_time,
    what_is_on_hold_is_not_made,
    nobody_loses_their_place,
    what_is_started_is_not_changed,
    a_question_to_stop_has_one_answer,
)


def assert_all_invariants(history: Sequence[Event]) -> None:
    """Every one of them."""
    steps = steps_of(history)
    for invariant in INVARIANTS:
        invariant(steps)
