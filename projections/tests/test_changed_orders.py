"""An order that its customer changed: the bar's minute, the other screens, the past."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orders import event_codec
from orders.domain.events import (
    CoffeeOrdered,
    CustomerForgotten,
    Line,
    OrderAmended,
    OrderPaid,
    PaymentRefunded,
    Tender,
)
from orders.domain.order_status import fold
from orders.domain.order_words import headline_of, money_sentence
from projections.changed_lines import difference
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.cashier_desk import DeskBalance
from projections.screens.order_tracking import TrackedOrder
from projections.screens.sales.figures import ItemSales, SalesOfDay, SalesOfMinute
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.projecting import project
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)

pytestmark = pytest.mark.django_db(databases=BOTH)

STREAM = order_stream_number(1)
ESPRESSO, LATTE = ordered(1, items=2).lines
TEA = Line(
    line=1, item="tea", name="Tea", size="", options=(), quantity=1, unit_price=300, bar_name="Tea"
)


def amended(*lines: Line, note: str = "") -> OrderAmended:
    numbered = tuple(replace(line, line=n) for n, line in enumerate(lines, start=1))
    return OrderAmended(
        customer=HELEN.hex, note=note, allergies="", lines=numbered, promised_seconds=240
    )


@pytest.fixture
def log() -> InMemoryLog:
    """Two lines; twenty seconds later the espresso is tea, and one latte is left of two."""
    log = InMemoryLog()
    log.write(STREAM, ordered(1, items=2, note="hot"))
    log.write(STREAM, amended(TEA, replace(LATTE, quantity=1), note="not hot"), after=20)
    return log


@pytest.fixture
def bao() -> Client:
    return member("barista", "Bao")


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def changed_at(log: InMemoryLog) -> datetime:
    return log.events[-1].recorded_at


def test_what_is_new_gone_and_fewer_is_told_apart() -> None:
    (same, gone), new = ordered(1, items=2).lines, replace(TEA, line=2)
    found = difference((same, gone), (replace(same, quantity=3), new))
    assert found.marks == {1: "was 1", 2: "new"}
    assert list(found.removed) == [gone]
    assert difference((same, gone), (replace(gone, line=1), replace(same, line=2))).marks == {}


def test_the_bar_sees_the_difference_for_a_minute_from_the_fact_on(
    bao: Client, log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(log)
    at(monkeypatch, changed_at(log) + timedelta(seconds=59))
    html = page(bao, "/bar/")
    assert ">CHANGED<" in html
    assert re.search(r'new-mark"[^>]*>NEW</b> Tea', html)
    assert "was 2×" in html
    assert re.search(r'class="line removed".*?Espresso', html, re.DOTALL)
    over = (changed_at(log) + timedelta(seconds=60)).astimezone().isoformat()[:16]
    assert len(re.findall("data-shown-until=", html)) == 4
    assert over[14:16] in html
    at(monkeypatch, changed_at(log) + timedelta(seconds=61))
    html = page(bao, "/bar/")
    assert "Tea" in html
    for gone in (">CHANGED<", "NEW</b>", "was 2×", "Espresso", "data-changed-at"):
        assert gone not in html


def test_two_changes_within_a_minute_are_one_difference(log: InMemoryLog) -> None:
    log.write(STREAM, amended(LATTE, TEA), after=30)
    shown(log)
    ticket = QueueTicket.objects.get()
    assert [line["change"] for line in ticket.lines] == ["", "new"]
    assert [line["name"] for line in ticket.removed] == ["Espresso"]
    log.write(STREAM, amended(LATTE), after=60)
    project(log, [log.events[-1:]])
    ticket = QueueTicket.objects.get()
    assert [line["change"] for line in ticket.lines] == [""]
    assert [line["name"] for line in ticket.removed] == ["Tea"]


def test_the_past_bar_shows_it_as_it_was_then(bao: Client, log: InMemoryLog) -> None:
    shown(log)

    def then(seconds: int) -> str:
        return page(bao, f"/bar/?at={OPENING + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}Z")

    assert "Espresso" in then(5)
    assert "Tea" not in then(5)
    assert ">hot<" in then(5)
    assert ">CHANGED<" in then(40)
    assert ">not hot<" in then(40)
    assert ">CHANGED<" not in then(100)


def test_till_and_tracking_show_what_it_is_now(log: InMemoryLog) -> None:
    shown(log)
    balance, tracked = DeskBalance.objects.get(), TrackedOrder.objects.get()
    assert (balance.total, balance.due) == (700, 700)
    assert [line["name"] for line in balance.lines] == ["Tea", "Latte"]
    assert (tracked.total, tracked.note) == (700, "not hot")
    assert [line["name"] for line in tracked.lines] == ["Tea", "Latte"]


def test_money_that_a_change_makes_too_much_stands_at_the_till_until_it_is_back(
    log: InMemoryLog,
) -> None:
    log = InMemoryLog()
    log.write(STREAM, ordered(1, items=2))
    log.write(STREAM, OrderPaid(payment="p", amount=1200, tender=Tender.CASH, given=1200, change=0))
    log.write(STREAM, amended(LATTE))
    shown(log)
    balance = DeskBalance.objects.get()
    assert (balance.owed, balance.back_now, balance.back_by_card) == (400, 400, False)
    assert balance.urgency == 0
    assert not balance.settled
    html = page(member("cashier", "Casey"), "/till/")
    assert "Give €4.00 back by hand" in html
    log.write(STREAM, PaymentRefunded(refund="r", payment="p", amount=400, tender=Tender.CASH))
    project(log, [log.events[-1:]])
    balance = DeskBalance.objects.get()
    assert (balance.owed, balance.due, balance.money) == (0, 0, "paid")


def test_what_is_more_to_pay_is_said_to_the_customer_and_the_till() -> None:
    log = InMemoryLog()
    log.write(STREAM, ordered(1))
    log.write(STREAM, OrderPaid(payment="p", amount=400, tender=Tender.CASH, given=400, change=0))
    log.write(STREAM, amended(ESPRESSO, TEA))
    status = fold(log.facts(STREAM))
    assert money_sentence(status) == "€3.00 more to pay, at any time."
    assert headline_of(status) == "Waiting · €3.00 to pay"


def test_a_sale_counts_what_was_finally_ordered(log: InMemoryLog) -> None:
    shown(log)
    day = SalesOfDay.objects.get()
    assert (day.orders, day.items, day.ordered) == (1, 2, 700)
    sold = {row.item: (row.quantity, row.amount) for row in ItemSales.objects.all()}
    assert sold == {"espresso": (0, 0), "latte": (1, 400), "tea": (1, 300)}
    assert sum(minute.ordered for minute in SalesOfMinute.objects.all()) == 700


def test_the_row_keeps_what_was_written_at_each_time(log: InMemoryLog) -> None:
    shown(log)
    loaded = [fact.event for fact in TrackedOrder.objects.get().loaded_facts()]
    assert loaded == [fact.event for fact in log.facts(STREAM)]
    first, last = loaded
    assert isinstance(first, CoffeeOrdered)
    assert isinstance(last, OrderAmended)
    assert (first.note, last.note) == ("hot", "not hot")


def test_whoever_is_forgotten_is_forgotten_in_every_version(
    log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_codec, "key_ring", lambda: log.keys)
    shown(log)
    project(log, [log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))])
    row = TrackedOrder.objects.get()
    kept = repr([*row.values().values(), row.loaded_facts()])
    assert "hot" not in kept
    assert "Helen" not in kept


def test_the_timeline_says_it(log: InMemoryLog, client: Client) -> None:
    from uuid import UUID

    from orders.links import order_url

    shown(log)
    assert "You changed your order" in page(client, order_url(UUID(hex=order_hex(1))))
