"""What holds after any sequence of commands, and in any order of independent facts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.domain import ordering, payment, preparation
from orders.domain.balance import Balance, evolve
from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner, type_of
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    Disposition,
    OrderAmended,
    OrderCancelled,
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
    RushReason,
    Station,
)
from orders.domain.fact import Fact
from orders.domain.order_status import fold
from orders.domain.progress import MONEY_AT_REST, Money, Progress
from orders.domain.refused import Refused
from orders.domain.tests.cast import ANA, BAO, ENVELOPE, LATTE, ORDERED, fact, recorded
from orders.domain.tests.invariants import assert_all_invariants
from orders.domain.ticket import Stage

History = Sequence[Event]
ONE_LINE = replace(ORDERED, lines=ORDERED.lines[:1])
Choices = list[int]

BAR: list[Command] = [
    *(
        preparation.StartPreparation(**ENVELOPE, barista=barista, take_over=take_over)
        for barista in (BAO, ANA)
        for take_over in (False, True)
    ),
    *(
        kind(**ENVELOPE, barista=barista, line=line)
        for kind in (preparation.TickLine, preparation.UntickLine)
        for barista in (BAO, ANA)
        for line in (1, 2, 3)
    ),
    *(preparation.FinishPreparation(**ENVELOPE, barista=barista, desk=3) for barista in (BAO, ANA)),
    *(preparation.ReleasePreparation(**ENVELOPE, barista=barista) for barista in (BAO, ANA)),
    *(preparation.BringBack(**ENVELOPE, reason=reason) for reason in BringBackReason),
    *(preparation.StopPreparation(**ENVELOPE, disposition=outcome) for outcome in Disposition),
    preparation.BringBack(**ENVELOPE, reason=BringBackReason.WRONG, lines=(2,)),
    *(preparation.PrepareLine(**ENVELOPE, barista=ANA, desk=3, line=line) for line in (1, 2)),
    *(
        preparation.PrepareStation(**ENVELOPE, barista=BAO, desk=3, station=station)
        for station in (Station.BAR, Station.FOOD)
    ),
    *(preparation.MakeAtOnce(**ENVELOPE, barista=barista, desk=3) for barista in (BAO, ANA)),
    preparation.PrepareAtClosing(**ENVELOPE, barista=ANA, desk=3),
    *(
        preparation.HoldOrder(**ENVELOPE, barista=BAO, reason="wait", minutes=minutes)
        for minutes in (0, 10)
    ),
    preparation.ResumeOrder(**ENVELOPE),
    preparation.PrioritiseOrder(**ENVELOPE, reason=RushReason.SHOP),
    preparation.DeprioritiseOrder(**ENVELOPE),
    preparation.DeclineStop(**ENVELOPE),
    preparation.NoteCancellation(**ENVELOPE),
    preparation.NotePayment(**ENVELOPE),
]
TILL: list[Command] = [
    *(payment.StartCardPayment(**ENVELOPE, payment=p, card_token="card") for p in ("p1", "p2")),
    *(payment.RecordApproval(**ENVELOPE, payment=p) for p in ("p1", "p2")),
    *(payment.RecordDecline(**ENVELOPE, payment=p, reason="limit") for p in ("p1", "p2")),
    *(payment.RecordRollBack(**ENVELOPE, payment=p, reason="silent") for p in ("p1", "p2")),
    *(payment.TakeCash(**ENVELOPE, payment="p3", given=given) for given in (500, 2000)),
    payment.TakeCardByHand(**ENVELOPE, payment="p4"),
    *(payment.StartRefund(**ENVELOPE, refund=r, reason="sorry") for r in ("r1", "r2")),
    *(payment.RecordRefund(**ENVELOPE, refund=r) for r in ("r1", "r2")),
    *(payment.GiveCashBack(**ENVELOPE, refund=r) for r in ("r1", "r2")),
    payment.WriteOff(**ENVELOPE, reason="sorry"),
]
LESS = ordering.AmendOrder(
    **ENVELOPE, lines=(LATTE,), note="", allergies="", replaces=0, added_seconds=60
)
MORE = replace(LESS, lines=(replace(LATTE, quantity=4),))
COUNTER: list[Command] = [
    *(replace(change, replaces=replaces) for change in (LESS, MORE) for replaces in (0, 1)),
    *(ordering.CancelOrder(**ENVELOPE, reason="no milk", by_shop=shop) for shop in (False, True)),
    ordering.AskToStop(**ENVELOPE),
    ordering.SayHere(**ENVELOPE),
    ordering.NoteStop(**ENVELOPE),
    ordering.ServeOrder(**ENVELOPE),
    ordering.MarkNotCollected(**ENVELOPE),
]
ANYWHERE = [*BAR, *TILL, *COUNTER]

choices = st.lists(st.integers(0, 2**16), min_size=20, max_size=40)
thorough = settings(max_examples=100, deadline=None)


SERVICES: tuple[Service[Any], ...] = (ordering.SERVICE, preparation.SERVICE, payment.SERVICE)


def states_after(history: History) -> dict[Owner, Any]:
    """What each of the three services knows of the order."""
    return {service.owner: service.fold(history) for service in SERVICES}


def decided(states: dict[Owner, Any], command: Command) -> Sequence[Event]:
    """What follows from the command; nothing if it is refused."""
    try:
        return command.service.decide(states[command.service.owner], command)
    except Refused:
        return ()


def going_on(states: dict[Owner, Any], commands: Sequence[Command]) -> list[Command]:
    """Those of these commands that lead to something, and do not call the order off."""
    follows = [(command, decided(states, command)) for command in commands]
    return [c for c, events in follows if events and not count_of(events, OrderCancelled)]


def chosen_among(commands: Sequence[Command], choice: int) -> Command | None:
    """One of them: first a kind of command, each as likely as any other, then one of the kind."""
    by_kind: dict[type[Command], list[Command]] = {}
    for command in commands:
        by_kind.setdefault(type(command), []).append(command)
    if not by_kind:
        return None
    kinds = list(by_kind.values())
    kind = kinds[choice % len(kinds)]
    return kind[choice // len(kinds) % len(kind)]


def happening(
    chosen: Choices, commands: Sequence[Command] = ANYWHERE, opening: Event = ORDERED
) -> list[Event]:
    """What happens to an order when these commands are given one after another.

    Three choices of four fall on a command that is not refused and calls nothing off; else a
    history would hardly ever reach its end.
    """
    history = [opening]
    states = states_after(history)
    for choice in chosen:
        command = chosen_among(going_on(states, commands) if choice % 4 else commands, choice // 4)
        for event in decided(states, command) if command else ():
            history.append(event)
            states = {s.owner: s.evolve(states[s.owner], event) for s in SERVICES}
    return history


@thorough
@given(choices)
def test_every_invariant_holds_after_any_commands(chosen: Choices) -> None:
    assert_all_invariants(happening(chosen))
    assert_all_invariants(happening(chosen, opening=ONE_LINE))


def count_of(history: History, *kinds: type[Event]) -> int:
    return sum(isinstance(event, kinds) for event in history)


@thorough
@given(choices)
def test_an_order_is_prepared_once_a_round(chosen: Choices) -> None:
    history = happening(chosen)

    ready = False
    for event in history:
        if isinstance(event, CoffeePrepared):
            assert not ready
            ready = True
        elif isinstance(event, BroughtBack):
            assert ready
            ready = False


@thorough
@given(choices)
def test_after_a_cancellation_the_bar_says_only_what_became_of_it(chosen: Choices) -> None:
    is_off = False
    for event in happening(chosen):
        if is_off and type_of(event).owner is Owner.PREPARATION:
            assert isinstance(event, PreparationStopped)
        is_off = is_off or isinstance(event, OrderCancelled)


@thorough
@given(choices)
def test_what_the_bar_stopped_is_cancelled_or_is_going_to_be(chosen: Choices) -> None:
    history = happening(chosen)
    if count_of(history, PreparationStopped) and not count_of(history, OrderCancelled):
        (off,) = decided(states_after(history), ordering.NoteStop(**ENVELOPE))
        assert isinstance(off, OrderCancelled)


@thorough
@given(choices)
def test_an_order_has_at_most_one_barista_at_a_time(chosen: Choices) -> None:
    has_it = None
    for event in happening(chosen):
        match event:
            case PreparationStarted(barista=barista):
                assert has_it is None
                has_it = barista
            case PreparationReleased(barista=barista):
                assert has_it == barista
                has_it = None
            case BroughtBack(reason=reason) if reason.is_remake:
                has_it = None


@thorough
@given(choices)
def test_a_payment_succeeds_or_is_rolled_back_and_the_customer_pays_once(
    chosen: Choices,
) -> None:
    history = happening(chosen)
    started = [event.payment for event in history if isinstance(event, PaymentStarted)]
    outcomes = [
        event.payment
        for event in history
        if isinstance(event, OrderPaid | PaymentDeclined | PaymentRolledBack)
    ]

    assert len(set(started)) == len(started)
    assert len(set(outcomes)) == len(outcomes)
    balance = Balance()
    for event in history:
        match event:
            case PaymentStarted(amount=asked):
                assert asked == balance.due > 0
            case OrderPaid(amount=int(amount)):
                under_way = balance.under_way
                assert amount == (under_way.amount if under_way else balance.due) > 0
                assert event.given - event.change == amount
                assert event.change >= 0
            case PaymentWrittenOff(amount=amount):
                assert amount == balance.due > 0
        balance = evolve(balance, event)
        assert balance.due == 0 or balance.owed == 0
    if not count_of(history, OrderAmended):
        assert count_of(history, OrderPaid) + count_of(history, PaymentWrittenOff) <= 1


@thorough
@given(choices)
def test_no_more_goes_back_than_was_paid(chosen: Choices) -> None:
    history = happening(chosen)
    paid = sum(event.amount or 0 for event in history if isinstance(event, OrderPaid))
    refunded = sum(event.amount for event in history if isinstance(event, PaymentRefunded))

    assert refunded <= paid
    assert payment.SERVICE.fold(history).kept == paid - refunded
    if not count_of(history, OrderAmended):
        assert count_of(history, RefundStarted) <= 1


@thorough
@given(choices)
def test_an_order_is_changed_only_before_somebody_starts(chosen: Choices) -> None:
    history = happening(chosen)
    for index, event in enumerate(history):
        if isinstance(event, OrderAmended):
            before = fold(recorded(*history[:index]))
            assert before.progress in (Progress.WAITING, Progress.HELD)
            assert not before.ticket.ticked
            assert not before.remakes


@thorough
@given(choices)
def test_what_is_handed_over_is_ready_and_settled_and_not_cancelled(chosen: Choices) -> None:
    history = happening(chosen)

    for index, event in enumerate(history):
        before = fold(recorded(*history[:index]))
        if isinstance(event, OrderServed):
            assert before.progress in (Progress.READY, Progress.NOT_COLLECTED)
            going_back = (Money.REFUND_DUE, Money.REFUND_UNDER_WAY)  # of an order made smaller
            assert before.money in (*MONEY_AT_REST, *going_back)
            assert before.due == 0
        if isinstance(event, OrderCancelled) and not event.by_shop:
            is_stopped = before.ticket.stage is Stage.STOPPED
            assert is_stopped or before.progress in (Progress.WAITING, Progress.HELD)
        if isinstance(event, PreparationStopped):
            assert before.progress is Progress.CANCELLED or before.stop_is_asked
    assert count_of(history, OrderCancelled) <= 1
    assert count_of(history, PreparationStopped) <= 1


@thorough
@given(choices)
def test_the_buttons_of_a_status_are_the_commands_that_are_not_refused(chosen: Choices) -> None:
    history = happening(chosen)
    status, states = fold(recorded(*history)), states_after(history)

    cancel = ordering.CancelOrder(**ENVELOPE, reason="", by_shop=False)
    cash = payment.TakeCash(**ENVELOPE, payment="fresh", given=5000)
    assert status.can_cancel == bool(decided(states, cancel))
    amend = replace(LESS, replaces=states[Owner.ORDERING].amendments)
    assert status.can_amend == bool(decided(states, amend))
    assert status.can_pay == bool(decided(states, cash))
    serve = ordering.ServeOrder(**ENVELOPE)
    assert status.can_serve == bool(decided(states, serve))


@thorough
@given(choices, choices, st.randoms(use_true_random=False))
def test_bar_and_till_work_side_by_side_in_any_order(
    bar: Choices, till: Choices, chance: Random
) -> None:
    opening = recorded(ORDERED)[0].occurred_at
    revisions = count(1)
    prepared, paid = (
        [
            fact(event, (revision := next(revisions)), opening + timedelta(minutes=revision))
            for event in history[1:]
        ]
        for history in (happening(bar, BAR), happening(till, TILL))
    )
    ordered = recorded(ORDERED)
    mixed: list[Fact] = []
    left, right = list(prepared), list(paid)
    while left or right:
        source = left if left and (not right or chance.random() < 0.5) else right
        mixed.append(source.pop(0))

    one_after_the_other = fold([*ordered, *prepared, *paid])

    assert fold([*ordered, *mixed]) == one_after_the_other
    assert fold([*ordered, *paid, *prepared]) == one_after_the_other


@thorough
@given(choices, st.randoms(use_true_random=False))
def test_any_history_can_be_read(chosen: Choices, chance: Random) -> None:
    history = happening(chosen)
    chance.shuffle(history)

    fold(recorded(*history))
    states_after(history)
