"""What follows a press: a step back, an offer after a refusal, and words at the till."""

import re

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.browser.conftest import Room
from tests.browser.people import make, order_coffee, take
from tests.browser.test_ten_orders import hold_pushes

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_every_step_at_the_bar_can_be_taken_back(room: Room) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    order = order_coffee(phone, "Undo")
    ticket, undo = bar.locator(f"#ticket-{order}"), bar.locator(".undo[role=status]")
    number = ticket.get_attribute("data-number")

    take(bar, order)
    expect(undo).to_contain_text(f"{number} is yours")
    undo.get_by_role("button").click()
    expect(ticket.get_by_role("button", name="Take", exact=True)).to_be_visible()

    take(bar, order)
    ticket.locator("button.tick").first.click()
    expect(undo).to_contain_text(f"{number} line ticked")
    bar.keyboard.press("u")
    expect(ticket.locator("button.tick").first).to_have_attribute("aria-pressed", "false")

    make(bar, order, taken=True)
    expect(undo).to_contain_text(f"{number} is ready")
    undo.get_by_role("button").click()
    expect(ticket).to_contain_text("PUT BACK")


def test_what_a_card_has_just_come_to_offer_can_be_tapped_before_the_last_press_is_answered(
    room: Room,
) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    order = order_coffee(phone, "Quick Quentin")
    ticket = bar.locator(f"#ticket-{order}")
    held: list[tuple[Route, APIResponse]] = []
    bar.route("**/take/", lambda route: held.append((route, route.fetch())))

    ticket.get_by_role("button", name="Take", exact=True).click()
    ticket.locator("button.tick").first.click()
    expect(ticket.locator("button.tick").first).to_have_attribute("aria-pressed", "true")

    [(route, response)] = held  # pressed once, and not answered yet
    route.fulfill(response=response)
    expect(ticket).not_to_have_attribute("data-busy", "")


def test_a_refused_take_offers_to_take_over(room: Room) -> None:
    bar, phone, late = room.staff("bao", "/bar/"), room.phone(), room.screen()
    pushes: list[str] = []
    late.route_web_socket("**/ws/**", lambda socket: hold_pushes(socket, pushes))
    room.log_in(late, "ada", "/bar/")
    order = order_coffee(phone, "Mine")
    on_late = late.locator(f"#ticket-{order}")
    expect(on_late).to_be_visible()
    pushes.append("held from now on")
    take(bar, order)
    on_late.get_by_role("button", name="Take", exact=True).click()
    on_late.locator("[data-message=refused]").get_by_role("button", name="Take over").click()
    expect(late.locator(".undo[role=status]")).to_contain_text("is yours")
    expect(bar.locator(f"#ticket-{order} .maker")).to_contain_text("Ada")


def test_the_till_says_the_change_and_who_is_handed_what(room: Room) -> None:
    till, bar, phone = room.staff("casey", "/till/"), room.staff("bao", "/bar/"), room.phone()
    pays, waits = order_coffee(phone, "Pays"), order_coffee(phone, "Waits")
    result = till.locator("[data-result]")
    balance = till.locator(f"#balance-{pays}")
    number = balance.get_attribute("data-number")
    balance.locator("a.row").click()
    balance.locator("[data-given]").fill("50.00")
    balance.get_by_role("button", name="Take cash").click()
    expect(result).to_have_text(re.compile(rf"{number} paid\.Change €\d+\.\d\d"))

    make(bar, pays)
    balance.get_by_role("button", name="Hand over").click()
    expect(result).to_have_text(f"{number} handed over.")

    make(bar, waits)
    balance = till.locator(f"#balance-{waits}")
    number = balance.get_attribute("data-number")
    balance.locator("a.row").click()
    balance.get_by_role("button", name="Paid & handed over").click()
    expect(result).to_have_text(f"{number} paid and handed over.Exact")


def test_the_till_finds_an_order_while_somebody_types(room: Room) -> None:
    till, phone = room.staff("casey", "/till/"), room.phone()
    wanted, other = order_coffee(phone, "Wanted"), order_coffee(phone, "Somebody else")
    expect(till.locator(f"#balance-{other}")).to_be_visible()
    till.locator("#find").fill("wanted")
    expect(till.locator(f"#balance-{other}")).to_be_hidden()
    expect(till.locator(f"#balance-{wanted}")).to_have_attribute("data-selected", "")
