"""How long people wait: what was learned, the work before them, and who is there."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from orders.domain.events import CoffeePrepared, OrderHeld, OrderServed, PreparationStarted
from orders.domain.shop import Shop
from orders.links import order_url
from projections.screens.barista_queue import pace
from projections.screens.sales.figures import SalesOfDay
from projections.tests.at_a_screen import BOTH, page, shown
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.some_orders import order_hex, order_stream_number, ordered
from projections.waiting import START_SECONDS, BarWait, bar_wait, learned

pytestmark = pytest.mark.django_db(databases=BOTH)

ESPRESSO = [{"item": "espresso", "quantity": 1, "ticked": False}]
TWO_LATTES = [{"item": "latte", "quantity": 2, "ticked": False}]


@pytest.fixture
def log() -> InMemoryLog:
    bar_wait.cache_clear()
    return InMemoryLog()


@pytest.fixture(autouse=True)
def at_that_time(monkeypatch: pytest.MonkeyPatch, log: InMemoryLog) -> None:
    monkeypatch.setattr("projections.waiting.timezone.now", lambda: log.now)


def queued(log: InMemoryLog, count: int, first: int = 1, promised: int = 240) -> None:
    for number in range(first, first + count):
        log.write(order_stream_number(number), replace(ordered(number), promised_seconds=promised))


def test_nothing_is_learned_from_a_handful() -> None:
    pace = learned([(ESPRESSO, 10.0)] * 4)

    assert pace.seconds({"espresso": 2}) == 2 * START_SECONDS


def test_an_item_takes_as_long_as_it_did_when_it_was_ordered_alone() -> None:
    pace = learned([(ESPRESSO, 20.0)] * 5 + [(TWO_LATTES, 100.0)] * 5 + [(ESPRESSO, 900.0)])

    assert pace.seconds({"espresso": 3}) == 60.0
    assert pace.left(TWO_LATTES) == 100.0
    assert pace.seconds({"tea": 1}) == 50.0  # as long as any, in the middle
    assert pace.left([{**ESPRESSO[0], "ticked": True}]) == 0


def test_the_wait_follows_the_open_work(log: InMemoryLog) -> None:
    assert str(BarWait().wait({})) == "1–4 min"
    queued(log, 5)
    shown(log)
    assert str(BarWait().wait({})) == "6–9 min"  # five of a minute, and one's own


def test_the_shop_chooses_what_it_promises_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Shop(chosen={"promise_minutes": "10"})
    monkeypatch.setattr("projections.waiting.shop_as_known", lambda: chosen)

    assert str(BarWait().wait({})) == "1–10 min"


def test_more_baristas_make_the_wait_shorter(log: InMemoryLog) -> None:
    queued(log, 9)
    for number, barista in ((1, "staff-1"), (2, "staff-2"), (3, "staff-3")):
        log.write(order_stream_number(number), PreparationStarted(barista=barista))
    shown(log)
    assert str(BarWait().wait({})) == "4–6 min"


def test_the_wait_is_looked_up_once_a_second(log: InMemoryLog) -> None:
    now = [0.0]
    wait = BarWait(clock=lambda: now[0])
    assert str(wait.wait({})) == "1–4 min"
    queued(log, 5)
    shown(log)
    assert str(wait.wait({})) == "1–4 min"
    now[0] = 1.0
    assert str(wait.wait({})) == "6–9 min"


def test_a_waiting_order_knows_how_many_are_before_it(log: InMemoryLog) -> None:
    queued(log, 3)
    shown(log)
    third = BarWait().wait_of_order(order_hex(3), log.now)
    assert third is not None
    assert (third.before, third.is_late) == (2, False)
    log.write(order_stream_number(1), PreparationStarted(barista="staff-1"))
    log.write(order_stream_number(1), CoffeePrepared(desk=1), OrderServed())
    shown(log)
    third = BarWait().wait_of_order(order_hex(3), log.now)
    assert third is not None
    assert third.before == 1


def test_it_says_that_it_will_be_late_before_it_is(log: InMemoryLog) -> None:
    queued(log, 5)
    shown(log)
    last = BarWait().wait_of_order(order_hex(5), OPENING + timedelta(minutes=2))
    assert last is not None
    assert last.is_late
    assert last.about == OPENING + timedelta(minutes=8)  # two past, five to make, rounded up


def test_a_young_shop_learns_every_few_seconds(log: InMemoryLog) -> None:
    now = [0.0]
    wait = BarWait(clock=lambda: now[0])
    assert wait.work({"tea": 1}) == START_SECONDS
    for number in range(1, 6):
        log.write(order_stream_number(number), ordered(number))
        log.write(order_stream_number(number), PreparationStarted(barista="staff-1"), after=0)
        log.write(order_stream_number(number), CoffeePrepared(desk=1), after=8)
    shown(log)

    now[0] = 4.0
    assert wait.work({"tea": 1}) == START_SECONDS
    now[0] = 5.0
    assert wait.work({"tea": 1}) < START_SECONDS


def test_what_took_one_tap_teaches_nothing(log: InMemoryLog) -> None:
    for number in range(1, 7):
        log.write(order_stream_number(number), ordered(number))
        log.write(order_stream_number(number), PreparationStarted(barista="staff-1"), after=0)
        log.write(order_stream_number(number), CoffeePrepared(desk=1), after=0)
    queued(log, 5, first=10)
    shown(log)
    assert str(BarWait().wait({})) == "6–9 min"


def test_what_was_only_called_ready_by_closing_teaches_nothing(log: InMemoryLog) -> None:
    queued(log, 10)
    for number in range(1, 11):
        stream = order_stream_number(number)
        log.write(stream, PreparationStarted(barista="staff-1"))
        log.write(stream, CoffeePrepared(desk=1, at_closing=True), after=3600)
    shown(log)
    assert pace.made_last(20) == []
    assert pace.bar_pace(log.now, minutes=1000).made == 0
    (day,) = SalesOfDay.objects.all()
    assert (day.made, day.on_time, day.seconds_to_ready) == (0, 0, 0)


def test_a_held_order_has_no_wait_and_is_before_nobody(log: InMemoryLog) -> None:
    queued(log, 2)
    log.write(order_stream_number(1), OrderHeld(reason="on the way", minutes=0))
    shown(log)
    assert BarWait().wait_of_order(order_hex(1), log.now) is None
    second = BarWait().wait_of_order(order_hex(2), log.now)
    assert second is not None
    assert second.before == 0


def test_a_finished_order_has_no_wait(log: InMemoryLog) -> None:
    log.write(order_stream_number(1), ordered(1), PreparationStarted(barista="staff-1"))
    log.write(order_stream_number(1), CoffeePrepared(desk=1))
    shown(log)
    assert BarWait().wait_of_order(order_hex(1), log.now) is None


def test_the_customer_reads_position_and_time_and_an_apology(log: InMemoryLog) -> None:
    queued(log, 3)
    shown(log)
    address = order_url(UUID(order_hex(3)))
    html = page(Client(), address)
    assert "2 before yours" in html
    assert "Ready about" in html
    log.now += timedelta(minutes=5)
    bar_wait.cache_clear()
    part = page(Client(), f"{address}wait/")
    assert "Sorry, this takes longer than we said." in part
    assert "Ready about" not in part
