"""The public board: open to everybody, and with as little of a person as it needs."""

from dataclasses import replace

import pytest
from django.test import Client

from orders.domain.events import CoffeePrepared, OrderServed, PreparationStarted
from projections.screens.pickup_board import NAME_LENGTH, short_name
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


@pytest.fixture
def log() -> InMemoryLog:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, name="Maximilian-Alexander"), after=60)
    log.write(order_stream_number(2), ordered(2, name="Helen"))
    log.write(order_stream_number(2), PreparationStarted(barista="staff-1"))
    log.write(order_stream_number(2), CoffeePrepared(desk=1))
    log.write(order_stream_number(3), ordered(3, name="Helen"), CoffeePrepared(desk=1))
    log.write(order_stream_number(4), ordered(4), CoffeePrepared(desk=1), OrderServed())
    shown(log)
    return log


def test_everybody_reads_the_board(log: InMemoryLog) -> None:
    html = page(Client(), "/board/")
    ready, making = html.split('data-slot="making"')
    assert "001" in making
    assert "002" in ready
    assert order_hex(4) not in html


def test_two_helens_are_distinguished_by_their_numbers_and_long_names_are_short(
    log: InMemoryLog,
) -> None:
    html = page(Client(), "/board/").partition("<main")[2]  # in front of it, a random token
    assert html.count("Helen") == 2
    assert html.index("003") < html.index("002")  # the newest on top
    assert "<bdi>Maximilian-…</bdi>" in html  # its dots stay at its end on a board in Arabic


@pytest.mark.parametrize(
    ("name", "shown_as"),
    [
        ("", ""),
        ("Helen", "Helen"),
        ("Twelve chars", "Twelve chars"),
        ("The whole office", "The whole"),
        ("Maximilian-Alexander", "Maximilian-…"),
    ],
)
def test_a_name_is_cut_at_a_word(name: str, shown_as: str) -> None:
    assert short_name(name) == shown_as
    assert len(short_name(name)) <= NAME_LENGTH


def test_a_name_that_is_to_stay_off_the_board_is_a_number_there(log: InMemoryLog) -> None:
    hidden = replace(ordered(7, name="Hildegard"), on_board=False)
    log.write(order_stream_number(7), hidden, CoffeePrepared(desk=1))
    shown(log)
    board = page(Client(), "/board/")
    assert "007" in board
    assert "Hildegard" not in board
    assert "Hildegard" in page(member("barista"), "/bar/")


def test_an_order_of_before_the_shop_is_on_no_screen(log: InMemoryLog) -> None:
    before = replace(ordered(323, name="Helen"), promised_seconds=0)
    log.write(order_stream_number(323), before, CoffeePrepared(desk=3))
    shown(log)
    cashier = member("cashier")
    for screen in ("/board/", "/bar/", "/till/"):
        assert order_hex(323) not in page(cashier, screen)
    assert order_hex(1) in page(cashier, "/till/")


def test_the_page_and_the_push_show_the_same(log: InMemoryLog) -> None:
    html = without_tokens(page(Client(), "/board/"))
    for fragment in snapshot_of("board"):
        assert fragment.html is not None
        assert without_tokens(fragment.html) in html


def test_who_stood_on_the_board_in_the_past_is_for_the_staff(log: InMemoryLog) -> None:
    past = "/board/?at=2026-05-04T08:01:30Z"
    assert Client().get(past)["Location"].startswith("/staff/login/")
    assert "HISTORY" in page(member("barista"), past)


def test_an_empty_board_says_so() -> None:
    html = page(Client(), "/board/")
    assert "Nothing to pick up." in html


def test_the_board_only_reads() -> None:
    assert Client().post("/board/").status_code == 405
