"""The cashier's desk as a page: the most urgent first, and exactly the buttons that make sense."""

import pytest
from django.test import Client

from orders.domain.event import Event
from orders.domain.events import (
    CoffeePrepared,
    OrderCancelled,
    OrderPaid,
    OrderServed,
    PaymentDeclined,
    PaymentStarted,
    PreparationStarted,
    Tender,
)
from projections.screens.cashier_desk import BALANCES_SHOWN
from projections.tests.at_a_screen import (
    BOTH,
    member,
    page,
    shown,
    snapshot_of,
    without_tokens,
)
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=BOTH)

CASH = OrderPaid(payment="p1", amount=400, tender=Tender.CASH, given=1000, change=600)
BY_CARD = OrderPaid(payment="p1", amount=400, tender=Tender.CARD, given=400, change=0)
STARTED = PaymentStarted(payment="p1", amount=400, currency="EUR", card_token="demo-decline")
DECLINED = PaymentDeclined(payment="p1", reason="No money on this card.")
READY: tuple[Event, ...] = (PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
CANCELLED = OrderCancelled(reason="out of milk", by_shop=True)


@pytest.fixture
def casey() -> Client:
    return member("cashier", "Casey")


def actions_of(html: str, number: int = 1) -> set[str]:
    start = f'action="/till/{order_hex(number)}/'
    return {part.partition("/")[0] for part in html.split(start)[1:]}


@pytest.mark.parametrize(
    ("events", "offered", "not_offered"),
    [
        ((), {"cash", "card", "card-by-hand", "cancel", "write-off"}, {"serve", "give-back"}),
        ((STARTED,), {"cancel"}, {"cash", "card", "card-by-hand", "write-off"}),
        ((STARTED, DECLINED), {"cash", "card", "card-by-hand"}, {"serve"}),
        ((CASH,), {"cancel", "give-back"}, {"cash", "card", "serve", "refund", "write-off"}),
        (READY, {"cash", "not-collected"}, {"serve"}),
        ((*READY, CASH), {"serve", "not-collected"}, {"cash"}),
        ((CASH, CANCELLED), {"give-back"}, {"refund", "cash", "cancel", "serve"}),
        ((STARTED, BY_CARD, CANCELLED), {"refund"}, {"give-back", "cash", "cancel"}),
    ],
)
def test_the_buttons_of_each_state(
    casey: Client, events: tuple[Event, ...], offered: set[str], not_offered: set[str]
) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1), *events)
    shown(log)
    actions = actions_of(page(casey, "/till/"))
    assert offered <= actions
    assert not not_offered & actions


def test_ready_and_unpaid_stands_first(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    log.write(order_stream_number(2), ordered(2), *READY)
    shown(log)
    html = page(casey, "/till/")
    assert html.index(f"balance-{order_hex(2)}") < html.index(f"balance-{order_hex(1)}")
    assert "please pay €4.00" in html


def test_the_exact_sum_stands_in_the_field_and_smaller_notes_are_not_offered(
    casey: Client,
) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, items=2))  # 12.00
    shown(log)
    html = page(casey, "/till/")
    assert 'name="given" inputmode="decimal" autocomplete="off" value="12.00"' in html
    assert 'value="20.00"' in html
    assert 'value="10.00"' not in html


def test_a_declined_card_is_said_with_its_reason(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1), STARTED, DECLINED)
    shown(log)
    html = page(casey, "/till/")
    assert "DECLINED" in html
    assert "No money on this card." in html


def test_the_change_stays_on_the_screen_until_the_order_is_handed_over(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1), *READY, CASH)
    shown(log)
    assert "€6.00" in page(casey, f"/till/?order={order_hex(1)}")


def test_a_settled_order_is_found_by_number_name_and_link(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(7), ordered(7, name="Zoë"), *READY, CASH, OrderServed())
    shown(log)
    assert order_hex(7) not in page(casey, "/till/")
    for found in ("?q=7", "?q=Zo", f"?order={order_hex(7)}"):
        assert f'id="balance-{order_hex(7)}"' in page(casey, f"/till/{found}")
    assert "Nothing settled under" in page(casey, "/till/?q=Nobody")


def test_an_open_order_beyond_what_is_shown_live_is_found_beside_the_list(casey: Client) -> None:
    log = InMemoryLog()
    for number in range(1, BALANCES_SHOWN + 3):
        log.write(order_stream_number(number), ordered(number))
    shown(log)
    for number, beside in ((BALANCES_SHOWN + 2, True), (BALANCES_SHOWN, False)):
        html = page(casey, f"/till/?q={number}")
        found, _, live = html.partition('data-slot="balances"')
        assert (order_hex(number) in found, f"balance-{order_hex(number)}" in live) == (
            beside,
            not beside,
        )


def test_the_page_and_the_push_show_the_same(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, items=2), STARTED, DECLINED)
    log.write(order_stream_number(2), ordered(2), *READY)
    shown(log)
    html = without_tokens(page(casey, "/till/")).replace(" data-selected", "")
    for fragment in snapshot_of("cashier-desk"):
        assert fragment.html is not None
        assert without_tokens(fragment.html) in html


def test_the_past_has_no_buttons(casey: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1), after=60)
    shown(log)
    html = page(casey, "/till/?at=2026-05-04T08:01:30Z")
    assert f'id="balance-{order_hex(1)}"' in html
    assert actions_of(html) == set()


def test_who_may_see_the_till() -> None:
    assert Client().get("/till/")["Location"].startswith("/staff/login/")
    assert member("barista").get("/till/").status_code == 403
    assert member("manager").get("/till/").status_code == 200
    assert member("cashier").post("/till/").status_code == 405
