"""One order, several stations; and the bar seen drink by drink."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


def order(phone: Page, name: str, *items: str) -> str:
    """An order of these items as they come. Its id."""
    for item in items:
        phone.goto(f"/menu/{item}/")
        phone.get_by_role("button", name=re.compile("^Add")).click()
        phone.wait_for_url("**/#**")
    phone.goto("/basket/")
    phone.get_by_label("Name for the cup").fill(name)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    return phone.locator("#tracking").get_attribute("data-order") or ""


def choose_station(bar: Page, station: str) -> None:
    """Have a screen show one station."""
    bar.keyboard.press("t")
    stations = bar.get_by_role("navigation", name="Station of this screen")
    stations.get_by_role("link", name=station, exact=True).click()


def test_a_screen_shows_one_station_and_the_order_waits_for_all(room: Room) -> None:
    bar = room.staff("bao", "/bar/")
    food = room.staff("bao", "/bar/")
    choose_station(food, "Food")
    expect(food.locator("[data-station-name]")).to_have_text("FOOD")
    shared = order(room.phone(), "Shared", "flat-white", "butter-croissant")
    drink = order(room.phone(), "Drink", "espresso")

    card = food.locator(f"#ticket-{shared}")
    expect(card).to_be_visible()
    expect(food.locator(f"#ticket-{drink}")).to_be_hidden()
    expect(card.get_by_role("button", name="Take")).to_be_hidden()
    food.keyboard.press("1")
    food.keyboard.press("Enter")
    expect(card).to_be_hidden()
    at_the_bar = bar.locator(f"#ticket-{shared}")
    expect(at_the_bar.locator(".line.ticked")).to_contain_text("Croissant")

    choose_station(bar, "Bar")
    at_the_bar.get_by_role("button", name="Bar ready").click()
    expect(bar.locator(f"[data-slot=done] #done-{shared}")).to_be_visible()
    bar.reload()
    expect(bar.locator("[data-station-name]")).to_have_text("BAR")
    choose_station(bar, "All")


def test_equal_drinks_are_made_together_the_oldest_first(room: Room) -> None:
    bar = room.staff("bao", "/bar/")
    first, second = (order(room.phone(), name, "cold-brew") for name in ("First", "Second"))
    expect(bar.locator(f"#ticket-{second}")).to_be_visible()
    bar.keyboard.press("b")
    drinks = bar.locator("#drinks .drink-card").filter(has_text="Cold Brew")
    expect(drinks).to_contain_text("2×")
    drinks.get_by_role("button").click()
    expect(bar.locator(f"[data-slot=done] #done-{first}")).to_be_visible()
    expect(drinks).to_contain_text("1×")
    bar.keyboard.press("b")
    expect(bar.locator(f"#ticket-{second}")).to_be_visible()
    expect(bar.locator(f"#ticket-{first}")).to_have_count(0)


def test_a_stop_is_asked_on_every_screen(room: Room) -> None:
    phone = room.phone()
    asked = order(phone, "Halt", "espresso")
    bar, cold, drinks = (room.staff("bao", "/bar/") for _ in range(3))
    choose_station(cold, "Cold")
    drinks.keyboard.press("b")
    bar.locator(f"#ticket-{asked}").get_by_role("button", name="Take").click()
    phone.get_by_role("button", name="Ask to stop").click()
    for screen in (bar, cold, drinks):
        expect(screen.locator(f"#ticket-{asked} .stop")).to_be_visible()
        expect(screen.locator(".all-caught-up")).to_be_hidden()
    expect(drinks.locator(".ticket:visible")).to_have_count(1)
    drinks.get_by_role("button", name="Stopped in time").click()
    expect(drinks.locator(f"#ticket-{asked}")).to_have_count(0)
    choose_station(cold, "All")
    drinks.keyboard.press("b")


def test_a_stop_beyond_the_edge_of_the_screen_is_named(room: Room, shop: Shop) -> None:
    with Visitor(shop) as customer:
        customer.order_the_same(9)
    phone = room.phone()
    asked = order(phone, "Halt", "espresso")
    bar = room.staff("bao", "/bar/")
    card = bar.locator(f"#ticket-{asked}")
    more = bar.locator("[data-more-below]")
    expect(more).to_contain_text("more")
    expect(more).not_to_contain_text("STOP")
    card.get_by_role("button", name="Take").click()
    phone.get_by_role("button", name="Ask to stop").click()
    expect(card.locator(".stop")).to_be_attached()
    bar.locator(".queue").evaluate("(queue) => queue.scrollTo(0, 0)")
    expect(more).to_contain_text(f"STOP {card.get_attribute('data-number')}")
    card.get_by_role("button", name="Stopped in time").click()
    expect(more).not_to_contain_text("STOP")
