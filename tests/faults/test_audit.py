"""Tests of the audit itself: a log with a known fault must not pass it."""

from typing import Any

import pytest

from tests.faults.audit import audit
from tests.faults.money_audit import unsettled
from tests.faults.recorded import Recorded

HELEN, MAX = "41" * 16, "42" * 16
LINES = [{"unit_price": 320, "quantity": 2}, {"unit_price": 150, "quantity": 1}]
TOTAL = 790


class Log:
    """Writes synthetic logs, sound unless a test spoils them."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []

    def append(self, order: str, type_name: str, command: str = "", **data: Any) -> "Log":
        stream = f"order-{order}"
        position = len(self.events)
        self.events.append(
            Recorded(
                stream=stream,
                revision=sum(event.stream == stream for event in self.events),
                position=position,
                event_id=f"event-{position}",
                type_name=type_name,
                data=data,
                metadata={"command_id": command or f"command-{position}", "schema": 1},
            )
        )
        return self

    def ordered(self, order: str, command: str = "", number: int = 0) -> "Log":
        number = number or len(self.events) + 1
        return self.append(
            order, "CoffeeOrdered", command, day="2019-06-23", number=number, lines=LINES
        )

    def paid(self, order: str, amount: int = TOTAL, given: int = 1000) -> "Log":
        return self.append(
            order,
            "OrderPaid",
            payment="p",
            amount=amount,
            tender="cash",
            given=given,
            change=given - amount,
        )

    def made(self, order: str) -> "Log":
        self.append(order, "PreparationStarted", barista="staff-1")
        self.append(order, "LinePrepared", line=1)
        return self.append(order, "CoffeePrepared", desk=1)


def whole_story() -> Log:
    log = Log().ordered(HELEN).ordered(MAX).paid(HELEN).made(HELEN)
    log.append(HELEN, "OrderServed")
    log.append(MAX, "PaymentStarted", payment="q", amount=TOTAL)
    log.append(MAX, "OrderPaid", payment="q", amount=TOTAL, tender="card", given=TOTAL, change=0)
    log.append(MAX, "OrderCancelled", reason="", by_shop=False)
    log.append(MAX, "RefundStarted", refund="r", payment="q", amount=TOTAL)
    log.append(MAX, "PreparationStopped", disposition="not started")
    log.append(MAX, "PaymentRefunded", refund="r", payment="q", amount=TOTAL, tender="card")
    return log


def test_a_sound_log_passes() -> None:
    assert audit(whole_story().events, [HELEN, MAX]) == []


def test_a_lost_order_is_found() -> None:
    assert "does not know it" in audit(Log().ordered(HELEN).events, [HELEN, MAX])[0]


def test_an_order_written_twice_in_its_stream_is_found() -> None:
    assert audit(Log().ordered(HELEN).ordered(HELEN).events, [HELEN])


def test_one_form_that_made_two_orders_is_found() -> None:
    twice = Log().ordered(HELEN, "same form").ordered(MAX, "same form")
    assert "One form made 2 orders" in audit(twice.events, [HELEN])[0]


def test_an_order_number_given_twice_is_found() -> None:
    assert audit(Log().ordered(HELEN, number=7).ordered(MAX, number=7).events)


@pytest.mark.parametrize(
    "spoilt",
    [
        Log().ordered(HELEN).paid(HELEN, amount=TOTAL - 1),
        Log().ordered(HELEN).paid(HELEN).paid(HELEN),
        Log().ordered(HELEN).made(HELEN).append(HELEN, "OrderServed"),
        Log()
        .ordered(HELEN)
        .append(
            HELEN, "OrderPaid", payment="p", amount=TOTAL, tender="cash", given=1000, change=300
        ),
        Log()
        .ordered(HELEN)
        .append(
            HELEN, "OrderPaid", payment="p", amount=TOTAL, tender="card", given=TOTAL, change=0
        ),
        Log()
        .ordered(HELEN)
        .append(HELEN, "PaymentRefunded", refund="r", payment="p", amount=5, tender="cash"),
        Log()
        .ordered(HELEN)
        .append(HELEN, "PaymentStarted", payment="p", amount=TOTAL)
        .append(HELEN, "PaymentDeclined", payment="p", reason="no")
        .append(HELEN, "PaymentRolledBack", payment="p", reason="no"),
    ],
    ids=[
        "too little",
        "paid twice",
        "served unpaid",
        "wrong change",
        "card never asked",
        "refund of nothing",
        "two outcomes",
    ],
)
def test_wrong_money_is_found(spoilt: Log) -> None:
    assert audit(spoilt.events, [HELEN])


@pytest.mark.parametrize(
    "spoilt",
    [
        Log().made(HELEN),
        Log()
        .ordered(HELEN)
        .append(HELEN, "PreparationStarted", barista="staff-1")
        .append(HELEN, "PreparationStarted", barista="staff-2"),
        Log().ordered(HELEN).append(HELEN, "CoffeePrepared", desk=1),
        Log().ordered(HELEN).paid(HELEN).append(HELEN, "OrderServed"),
        Log().ordered(HELEN).append(HELEN, "PreparationStopped", disposition="wasted"),
    ],
    ids=["never ordered", "two baristas", "made by nobody", "served before ready", "not cancelled"],
)
def test_an_illegal_life_is_found(spoilt: Log) -> None:
    assert audit(spoilt.events)


def test_a_gap_in_a_stream_and_a_doubled_event_are_found() -> None:
    gap = whole_story().events
    del gap[3]
    assert any("revisions" in said for said in audit(gap))
    doubled = whole_story().events
    assert any("stands 2 times" in said for said in audit([*doubled, doubled[-1]]))


def test_a_payment_without_an_outcome_is_unsettled() -> None:
    started = Log().ordered(HELEN).append(HELEN, "PaymentStarted", payment="p", amount=TOTAL)
    assert unsettled(started.events) == ["payment p"]
    assert unsettled(whole_story().events) == []
