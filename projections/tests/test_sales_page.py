"""The figures of a day, with a table beside every picture."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders.domain.events import CoffeePrepared, OrderPaid, Tender
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.some_orders import order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=BOTH)

CASH = OrderPaid(payment="p", amount=400, tender=Tender.CASH, given=500, change=100)


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture
def _a_morning() -> None:
    log = InMemoryLog()
    for number in (1, 2, 3):
        stream = order_stream_number(number)
        log.write(stream, ordered(number), CoffeePrepared(desk=1), CASH, after=60)
    shown(log)


@pytest.mark.usefixtures("_a_morning")
def test_a_day_shows_its_figures_hours_and_items(ada: Client) -> None:
    html = page(ada, "/manage/?day=2026-05-04")
    assert "€12.00" in html
    assert "<svg" in html
    assert "As a table" in html
    assert "Espresso" in html


@pytest.mark.usefixtures("_a_morning")
def test_the_week_after_is_compared_with_it(ada: Client) -> None:
    assert "€12.00 a week before" in page(ada, "/manage/?day=2026-05-11")


@pytest.mark.usefixtures("_a_morning")
def test_the_day_as_it_was_at_a_moment(ada: Client) -> None:
    moment = (OPENING + timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    html = page(ada, f"/manage/?at={moment}")
    assert "HISTORY" in html
    assert "€4.00" in html
    assert "€12.00" not in html


def test_the_way_into_the_past_begins_on_the_day_that_is_shown(ada: Client) -> None:
    assert 'href="?at=2026-05-04T23:59:59">Past</a>' in page(ada, "/manage/?day=2026-05-04")
    today = timezone.localdate().isoformat()
    assert f'href="?at={today}T' in page(ada, "/manage/")


def test_a_day_without_sales_says_so(ada: Client) -> None:
    html = page(ada, "/manage/?day=2020-01-01")
    assert "Nothing was sold on this day yet." in html


def test_only_today_is_live(ada: Client) -> None:
    assert 'data-live="sales"' in page(ada, "/manage/")
    assert "data-live=" not in page(ada, "/manage/?day=2020-01-01")


def test_a_picture_needs_no_style_and_no_script(ada: Client) -> None:
    html = page(ada, "/manage/")
    assert "style=" not in html
    assert "<script>" not in html


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "0001-W01-1", "9999-12-31", "tea"])
def test_a_day_that_is_none_is_refused_in_words(ada: Client, day: str) -> None:
    assert ada.get("/manage/", {"day": day}).status_code == 422


@pytest.mark.parametrize("day", ["1970-01-01", "9998-12-31"])
def test_the_first_and_the_last_day_are_days_too(ada: Client, day: str) -> None:
    assert ada.get("/manage/", {"day": day}).status_code == 200


def test_who_may_see_the_figures() -> None:
    assert Client().get("/manage/")["Location"].startswith("/staff/login/")
    for role in ("barista", "cashier"):
        assert member(role).get("/manage/").status_code == 403
    assert member("manager").post("/manage/").status_code == 405
