"""What was promised and what was kept: one definition, by hour, by item, early and late."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    OrderCancelled,
    OrderHeld,
    OrderResumed,
    PreparationStarted,
)
from projections.screens.promises import BUCKETS, Promises, bucket_of, promises_between
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.some_orders import order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=BOTH)

DAY = date(2026, 5, 4)
READY = CoffeePrepared(desk=1)
TAKEN = PreparationStarted(barista="staff-1")


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture
def log() -> InMemoryLog:
    return InMemoryLog()


def made_in(log: InMemoryLog, number: int, seconds: int, items: int = 1) -> None:
    """An order, promised within 240 s, that is ready after so many."""
    stream = order_stream_number(number)
    log.write(stream, ordered(number, items=items))
    log.write(stream, TAKEN, after=0)
    log.write(stream, READY, after=seconds)


def promises(log: InMemoryLog) -> Promises:
    shown(log)
    return promises_between(DAY, DAY, lambda items: sum(items.values()))


def test_a_promise_is_kept_to_the_second(log: InMemoryLog) -> None:
    made_in(log, 1, 240)
    made_in(log, 2, 241)

    found = promises(log)

    assert (found.given, found.all.kept, found.all.measured) == (2, 1, 2)
    assert found.all.kept_percent == 50
    assert found.all.within_benchmark_percent == 50


def test_what_is_made_again_counts_once_and_a_hold_is_not_the_bars(log: InMemoryLog) -> None:
    made_in(log, 1, 60)
    again = BroughtBack(reason=BringBackReason.SPILLED, lines=())
    log.write(order_stream_number(1), again, after=60)
    log.write(order_stream_number(1), TAKEN, READY, after=900)
    held = order_stream_number(2)
    log.write(held, ordered(2), OrderHeld(reason="on the way", minutes=0), after=30)
    log.write(held, OrderResumed(), after=1800)
    log.write(held, TAKEN, READY, after=60)

    found = promises(log)

    assert (found.given, found.all.kept, found.all.measured) == (2, 2, 2)


def test_what_was_called_off_was_promised_and_is_not_measured(log: InMemoryLog) -> None:
    stream = order_stream_number(1)
    log.write(stream, ordered(1), OrderCancelled(reason="", by_shop=False), after=30)
    log.write(order_stream_number(2), ordered(2), after=30)  # open: nobody knows yet

    found = promises(log)

    assert (found.given, found.all.measured, found.not_measured) == (1, 0, 1)
    assert found.all.kept_percent is None


def test_what_was_promised_by_nobody_is_not_there(log: InMemoryLog) -> None:
    stream = order_stream_number(1)
    log.write(stream, replace(ordered(1), promised_seconds=0), TAKEN, READY, after=30)

    assert promises(log).given == 0


def test_an_order_counts_for_the_item_of_its_longest_line(log: InMemoryLog) -> None:
    made_in(log, 1, 100, items=2)  # one espresso, two lattes
    made_in(log, 2, 400, items=1)

    found = promises(log)

    assert {name: share.kept_percent for name, share in found.by_item.items()} == {
        "Latte": 100,
        "Espresso": 0,
    }


def test_the_hour_is_the_one_of_the_order(log: InMemoryLog) -> None:
    made_in(log, 1, 100)
    log.write(order_stream_number(2), ordered(2), after=3600)
    log.write(order_stream_number(2), TAKEN, READY, after=600)

    found = promises(log)

    assert [share.kept_percent for _, share in sorted(found.by_hour.items())] == [100, 0]
    assert sum(found.by_lateness) == 2


@pytest.mark.parametrize(
    ("late", "bucket"),
    [(-999, 0), (-240, 0), (-239, 1), (-1, 3), (0, 3), (0.5, 4), (301, len(BUCKETS))],
)
def test_early_and_late_are_parted_at_the_promise(late: float, bucket: int) -> None:
    assert bucket_of(late) == bucket


def test_the_page_says_how_many_were_kept_and_by_how_much(ada: Client, log: InMemoryLog) -> None:
    for number, seconds in enumerate((60, 180, 200, 400), start=1):
        made_in(log, number, seconds)
    shown(log)

    html = page(ada, "/manage/promises/?from=2026-05-01&to=2026-05-07")

    assert "75 %" in html
    assert "3 of 4" in html
    assert "0:50 early" in html
    assert "2–5 late" in html


def test_an_open_order_is_not_counted_and_the_page_says_so(ada: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(1), ordered(1), after=30)
    shown(log)

    html = page(ada, "/manage/promises/?from=2026-05-04&to=2026-05-04")

    assert "<dt>Promises</dt><dd>0</dd>" in html
    assert "not counted while an order is open" in html


def test_the_page_as_it_was_at_a_moment(ada: Client, log: InMemoryLog) -> None:
    made_in(log, 1, 60)
    made_in(log, 2, 7200)
    shown(log)

    at = (OPENING + timedelta(minutes=20)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert "1 of 1" in page(ada, f"/manage/promises/?at={at}")
    assert "1 of 2" in page(ada, "/manage/promises/?from=2026-05-04&to=2026-05-04")


@pytest.mark.parametrize(
    "days", ["from=tea", "to=0001-01-01", "from=2026-05-02&to=2026-05-01", "from=2020-01-01"]
)
def test_days_that_are_none_or_too_many_are_refused_in_words(ada: Client, days: str) -> None:
    assert ada.get(f"/manage/promises/?{days}").status_code == 422


def test_days_without_orders_say_so(ada: Client) -> None:
    assert "Nothing was promised in these days yet." in page(ada, "/manage/promises/")
