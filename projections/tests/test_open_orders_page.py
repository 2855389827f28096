"""Open orders with boxes to tick, and what admission asks of the bar's rows."""

import pytest
from django.test import Client

from orders.domain.events import (
    CoffeePrepared,
    OrderCancelled,
    OrderPaid,
    OrderServed,
    PreparationStarted,
    Tender,
)
from projections.screens.barista_queue.queries import OpenOrder, open_among, open_count
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import order_hex, order_stream_number, ordered
from projections.views import open_orders

pytestmark = pytest.mark.django_db(databases=BOTH)

PAID = OrderPaid(payment="p1", amount=400, tender=Tender.CASH, given=400, change=0)
STARTED, PREPARED = PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1)
CANCELLED = OrderCancelled(reason="out of milk", by_shop=True)


@pytest.fixture(autouse=True)
def log() -> InMemoryLog:
    """1 waits, 2 waits and is paid, 3 is ready, 4 cancelled, 5 served, 6 cancelled while made."""
    log = InMemoryLog()
    for number in range(1, 7):
        log.write(order_stream_number(number), ordered(number, name=f"Guest {number}"), after=60)
    log.write(order_stream_number(2), PAID)
    for number in (3, 5, 6):
        log.write(order_stream_number(number), STARTED)
    for number in (3, 5):
        log.write(order_stream_number(number), PREPARED)
    log.write(order_stream_number(5), PAID)
    log.write(order_stream_number(5), OrderServed())
    log.write(order_stream_number(4), CANCELLED)
    log.write(order_stream_number(6), CANCELLED)
    shown(log)
    return log


def boxes(client: Client, query: str = "") -> list[int]:
    html = page(client, f"/manage/open/{query}")
    return [int(part[:32], 16) for part in html.split('name="order" value="')[1:]]


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


def test_what_may_be_cancelled_can_be_ticked_the_newest_first(ada: Client) -> None:
    assert boxes(ada) == [3, 2, 1]


@pytest.mark.parametrize(
    ("query", "found"),
    [("?unpaid=1", [3, 1]), ("?q=2", [2]), ("?q=guest", [3, 2, 1]), ("?q=nobody", [])],
)
def test_the_list_can_be_narrowed(ada: Client, query: str, found: list[int]) -> None:
    assert boxes(ada, query) == found


def test_everything_found_can_be_ticked_without_a_script(ada: Client) -> None:
    html = page(ada, "/manage/open/?all=1")
    assert html.count(" checked") == 4  # the three, and "tick all" itself
    assert 'action="/manage/open/cancel/"' in html
    assert 'name="command_id"' in html


def test_no_more_is_shown_than_can_be_cancelled_at_once(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_orders, "MOST_SHOWN", 2)
    assert boxes(ada) == [3, 2]
    assert "The newest 2 of 3 open orders" in page(ada, "/manage/open/")


def test_only_who_may_cancel_sees_it(client: Client) -> None:
    assert client.get("/manage/open/").status_code == 302
    assert member("barista").get("/manage/open/").status_code == 403
    assert member("cashier", "Casey").get("/manage/open/").status_code == 200


def test_the_bar_says_which_orders_are_still_to_be_made_and_which_to_be_paid() -> None:
    asked = [order_hex(number) for number in range(1, 8)]
    assert open_among(asked) == {
        order_hex(1): OpenOrder(to_make=True, unpaid=True),
        order_hex(2): OpenOrder(to_make=True, unpaid=False),
        order_hex(3): OpenOrder(to_make=False, unpaid=True),
        order_hex(4): OpenOrder(to_make=False, unpaid=False),
        order_hex(5): OpenOrder(to_make=False, unpaid=False),
        order_hex(6): OpenOrder(to_make=True, unpaid=False),
    }
    assert open_count() == 3
    assert open_count(besides=[order_hex(1), order_hex(7)]) == 2
