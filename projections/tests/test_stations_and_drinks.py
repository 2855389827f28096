"""What a screen of the bar shows: one station of it, or equal drinks together, not orders."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from orders.domain.cups import Cup, written
from orders.domain.events import (
    CoffeeOrdered,
    CustomerForgotten,
    LinePrepared,
    PreparationStarted,
    Station,
)
from projections.tests.at_a_screen import BOTH, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def log() -> InMemoryLog:
    return InMemoryLog()


@pytest.fixture
def bao() -> Client:
    return member("barista", "Bao")


def with_a_roll(number: int) -> CoffeeOrdered:
    """An order of a latte at the bar, and of one thing to eat."""
    placed = ordered(number, items=2)
    latte, roll = placed.lines
    return replace(placed, lines=(latte, replace(roll, station=Station.FOOD)))


def test_a_card_says_which_stations_have_to_do_with_it(bao: Client, log: InMemoryLog) -> None:
    log.write(order_stream_number(1), with_a_roll(1))
    log.write(order_stream_number(2), ordered(2))
    log.write(order_stream_number(3), with_a_roll(3), LinePrepared(line=2))
    shown(log)
    html = page(bao, "/bar/")
    stations = dict(re.findall(r'id="ticket-(\w+)".*?data-stations="([^"]*)"', html))
    assert stations == {order_hex(1): "bar food", order_hex(2): "bar", order_hex(3): "bar"}
    for number, station, is_offered in (
        (1, "food", 1),
        (1, "bar", 1),
        (2, "bar", 0),
        (3, "food", 0),
    ):
        action = f'data-station="{station}" method="post" action="/bar/{order_hex(number)}/station'
        assert html.count(action) == is_offered


def test_a_screen_keeps_what_it_shows_of_the_bar(bao: Client) -> None:
    assert 'data-station="' not in page(bao, "/bar/").partition("<ol")[0]
    response = bao.get("/bar/?station=cold&view=drinks")
    assert response.status_code == 302
    html = page(bao, "/bar/")
    assert ' data-station="cold" data-view="drinks">' in html
    bao.get("/bar/?station=all&view=orders")
    assert "data-view=" not in page(bao, "/bar/")
    bao.cookies["bar-station"] = '"><script>'
    assert "<script>" not in page(bao, "/bar/")


def test_equal_drinks_stand_together_and_the_oldest_is_made_first(
    bao: Client, log: InMemoryLog
) -> None:
    for number in (1, 2, 3):
        log.write(order_stream_number(number), ordered(number, items=2))
    log.write(order_stream_number(1), PreparationStarted(barista="staff-1"), LinePrepared(line=1))
    shown(log)
    drinks = page(bao, "/bar/").partition('id="drinks"')[2].partition("</ol>")[0]
    assert drinks.count("<li ") == 2
    espressos, lattes = drinks.split("<li ")[1:]
    assert "6×</b>" in espressos
    assert "2×</b>" in lattes
    assert "for 002 · 003" in lattes
    assert f'action="/bar/{order_hex(2)}/line-ready/"' in lattes
    assert "for 001 · 002 · 003" in espressos
    assert f'action="/bar/{order_hex(1)}/line-ready/"' in espressos


def test_a_drink_with_a_note_is_made_by_itself_and_says_it(bao: Client, log: InMemoryLog) -> None:
    extra_hot = written({1: Cup("Max", "extra hot")})
    log.write(order_stream_number(1), ordered(1))
    log.write(order_stream_number(2), replace(ordered(2), allergies="nuts"))
    log.write(order_stream_number(3), ordered(3, note="for a child"))
    log.write(order_stream_number(4), replace(ordered(4), cups=extra_hot))
    log.write(order_stream_number(5), ordered(5))
    shown(log)
    drinks = page(bao, "/bar/").partition('id="drinks"')[2].partition("</ol>")[0]
    usual, allergic, noted, hot = drinks.split("<li ")[1:]
    assert "for 001 · 005" in usual
    assert "ALLERGY" not in usual
    assert "for 002" in allergic
    assert "<strong>⚠ ALLERGY</strong> nuts" in allergic
    assert "for a child" in noted
    assert "“extra hot”" in hot
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    shown(log)
    html = page(bao, "/bar/")
    assert "nuts" not in html
    assert "extra hot" not in html
