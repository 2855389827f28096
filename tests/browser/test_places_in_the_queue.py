"""Hold, rush and remake with a finger and with keys; and a menu that follows what is sold out."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Room
from tests.browser.people import order_coffee

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_an_order_is_held_and_resumed(room: Room) -> None:
    order = order_coffee(room.phone(), "Held Helen")
    bar = room.log_in(room.screen(), "bao", "/bar/")
    card = bar.locator(f"#ticket-{order}")
    card.get_by_role("link", name=re.compile("^Hold or rush")).click()
    dialog = bar.get_by_role("dialog")
    dialog.get_by_role("button", name="The customer is on the way").click()
    expect(dialog).to_be_hidden()
    held = bar.locator(f"[data-slot=held] #ticket-{order}")
    expect(held).to_contain_text("the customer is on the way")
    held.get_by_role("button", name="Resume").click()
    expect(bar.locator(f"[data-slot=queue] #ticket-{order}")).to_be_visible()


def test_the_keys_open_the_same_dialog(room: Room) -> None:
    order_coffee(room.phone(), "Rushed Rita")
    bar = room.log_in(room.screen(), "bao", "/bar/")
    bar.keyboard.press("1")
    bar.keyboard.press("p")
    dialog = bar.get_by_role("dialog")
    expect(dialog).to_be_visible()
    bar.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_one_line_of_an_order_is_made_again_from_the_drawer(room: Room) -> None:
    order = order_coffee(room.phone(), "Again Ann")
    bar = room.log_in(room.screen(), "bao", "/bar/")
    card = bar.locator(f"#ticket-{order}")
    card.get_by_role("button", name="Take").click()
    card.get_by_role("button", name=re.compile("^Ready")).click()
    done = bar.locator(f"#done-{order}")
    done.get_by_text("Remake").click()
    done.get_by_role("button", name="Spilled").click()
    expect(card).to_contain_text("REMAKE – SPILLED")


def test_who_chooses_a_time_orders_for_that_time(room: Room) -> None:
    phone = room.phone()
    phone.goto("/")
    phone.locator("a.item").first.click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/basket/")
    expect(phone.get_by_label("As soon as possible")).to_be_checked()
    phone.get_by_label("Time of pick-up").select_option(index=3)
    expect(phone.get_by_label(re.compile("^At a time"))).to_be_checked()
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    expect(phone.locator("#tracking")).to_contain_text("ready at its time")


def test_who_is_early_can_say_so_from_a_quarter_of_an_hour_before(room: Room) -> None:
    phone = room.phone()
    phone.goto("/")
    phone.locator("a.item").first.click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/basket/")
    phone.get_by_label("Time of pick-up").select_option(index=5)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    here = phone.get_by_role("button", name="I'm here")
    expect(here).to_be_hidden()
    # The page is open when the time comes, of which no push tells.
    begins_now = "(each) => { each.dataset.mayArriveFrom = new Date().toISOString(); }"
    phone.locator("#tracking").evaluate(begins_now)
    expect(here).to_be_visible()


def test_an_open_menu_follows_what_is_sold_out(room: Room) -> None:
    phone = room.phone()
    phone.goto("/")
    item = phone.locator("a.item").first
    name = item.locator(".name").inner_text()
    address = item.get_attribute("href") or ""
    bar = room.log_in(room.screen(), "bao", "/bar/sold-out/")
    entry = bar.locator("fieldset", has_text=name).first
    entry.get_by_role("button", name="1 hour").click()
    expect(phone.locator(f'a.item[href="{address}"]')).to_have_count(0)
    bar.locator("fieldset", has_text=name).first.get_by_role("button", name="Back in stock").click()
    expect(phone.locator(f'a.item[href="{address}"]')).to_have_count(1)
