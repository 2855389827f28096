"""Ten orders from a phone to the hand, on screens that nobody reloads."""

import re
import statistics
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.browser.conftest import Room
from tests.browser.people import (
    arrived_at,
    clicked_at,
    hand_over,
    make,
    note_arrivals,
    note_clicks,
    order_coffee,
    standing,
    take,
    take_cash,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]
ORDERS = 10


def test_orders_go_from_the_phone_over_bar_and_till_into_the_hand(
    room: Room, pictures: Path
) -> None:
    bar, till = room.staff("bao", "/bar/"), room.staff("casey", "/till/")
    board, phone = room.screen(), room.phone()
    board.goto("/board/")
    note_clicks(phone)
    for screen in (bar, till, board):
        note_arrivals(screen)
        screen.evaluate("() => { window.neverReloaded = true; }")
    waits = []
    for number in range(ORDERS):
        order = order_coffee(phone, f"Helen {number}")
        expect(bar.locator(f"#ticket-{order}")).to_be_visible()
        expect(till.locator(f"#balance-{order}")).to_be_visible()
        expect(board.locator(f"#entry-{order}")).to_be_visible()
        waits.append(arrived_at(bar, order) - clicked_at(phone))

        make_and_pay_at_the_same_time = (make, bar), (take_cash, till)
        for act, screen in make_and_pay_at_the_same_time[:: 1 if number % 2 else -1]:
            act(screen, order)
        expect(board.locator(f"[data-slot=ready] #entry-{order}")).to_be_visible()
        expect(phone.locator("#tracking .ready-card")).to_be_visible()
        expect(phone).to_have_title(re.compile("READY"))
        if number == 0:
            phone.screenshot(path=pictures / "tracking-ready.png")
        hand_over(till, order)
        expect(phone.locator("#tracking")).to_contain_text("Enjoy!")
        expect(board.locator(f"#entry-{order}")).to_have_count(0)
    for screen in (bar, till, board):
        assert screen.evaluate("() => window.neverReloaded") is True
    print(
        f"\nclick → bar screen over {ORDERS} orders: median {statistics.median(waits):.0f} ms, "
        f"worst {max(waits):.0f} ms"
    )


def test_open_screens_equal_freshly_opened_ones(room: Room) -> None:
    bar, till, phone = room.staff("bao", "/bar/"), room.staff("casey", "/till/"), room.phone()
    orders = [order_coffee(phone, f"Max {number}") for number in range(3)]
    make(bar, orders[0])
    take_cash(till, orders[1])
    expect(till.locator(f"#balance-{orders[0]}")).to_contain_text(re.compile("ready", re.I))
    expect(bar.locator(f"#ticket-{orders[1]} .unpaid")).to_have_count(0)
    assert standing(bar) == standing(room.staff("bao", "/bar/"))
    assert standing(till) == standing(room.staff("casey", "/till/"))
    for order in orders[1:]:
        make(bar, order)
    for order in (orders[0], orders[2]):
        take_cash(till, order)
    for order in orders:
        hand_over(till, order)


def test_a_refusal_is_said_on_the_card_with_the_name_of_who_has_it(room: Room) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    late = room.screen()
    pushes: list[str] = []
    late.route_web_socket("**/ws/**", lambda socket: hold_pushes(socket, pushes))
    room.log_in(late, "ada", "/bar/")
    order = order_coffee(phone, "Zoë")
    on_late = late.locator(f"#ticket-{order}")
    expect(on_late).to_be_visible()
    pushes.append("held from now on")
    take(bar, order)
    on_late.get_by_role("button", name="Take", exact=True).click()
    expect(on_late.locator("[data-message=refused]")).to_contain_text("Bao")
    make(bar, order, taken=True)


def hold_pushes(socket: WebSocketRoute, held: list[str]) -> None:
    """Carry everything, until something stands in `held`; from then on nothing arrives."""
    server = socket.connect_to_server()
    server.on_message(lambda message: held.append("push") if held else socket.send(message))
