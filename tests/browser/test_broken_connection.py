"""The connection breaks or goes silent: the screen says so, comes back, and shows the truth."""

import re
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room
from tests.browser.people import make, order_coffee, standing, take, take_cash
from tests.browser.tcp_proxy import TcpProxy
from tests.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

OLDER = """
new MutationObserver(() => {
  if (sessionStorage.getItem("older")) document.documentElement.dataset.program = "older";
}).observe(document, {childList: true});
"""
AWAY_SECONDS = 10
SAYS_SO_MS = 15_000
"""The product's promise is 10 s of silence; the rest is this machine's."""


def says_that_it_is_live(screen: Page) -> None:
    expect(screen.locator("[data-live]")).to_have_attribute(
        "data-live-state", "live", timeout=30_000
    )


@pytest.mark.slow
def test_a_cut_cable_is_noticed_and_healed(room: Room, shop: Shop) -> None:
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        bar = room.staff("bao", "/bar/", url=proxy.url)
        elsewhere, till, phone = (
            room.staff("ada", "/bar/"),
            room.staff("casey", "/till/"),
            room.phone(),
        )
        kept, made = order_coffee(phone, "kept"), order_coffee(phone, "made elsewhere")
        expect(bar.locator(f"#ticket-{made}")).to_be_visible()
        says_that_it_is_live(bar)

        proxy.cut()
        expect(bar.locator("[data-live]")).not_to_have_attribute(
            "data-live-state", "live", timeout=SAYS_SO_MS
        )
        new = order_coffee(phone, "while away")
        make(elsewhere, made)
        take(elsewhere, kept)
        take_cash(till, kept)
        time.sleep(AWAY_SECONDS)
        expect(bar.locator("#live-bar")).to_contain_text("Connection lost", timeout=SAYS_SO_MS)
        expect(bar.locator(f"#ticket-{new}")).to_have_count(0)

        proxy.mend()
        expect(bar.locator(f"#ticket-{new}")).to_be_visible(timeout=30_000)
        says_that_it_is_live(bar)
        expect(bar.locator("#live-bar")).to_contain_text(re.compile("Back"))
        expect(bar.locator(f"#ticket-{made}")).to_have_count(0)
        assert standing(bar) == standing(room.staff("bao", "/bar/"))


def test_a_silent_connection_is_noticed_and_healed(room: Room, shop: Shop) -> None:
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        board, phone = room.screen(url=proxy.url), room.phone()
        board.goto("/board/")
        says_that_it_is_live(board)
        proxy.freeze()
        order = order_coffee(phone, "unheard")
        expect(board.locator("#live-bar")).to_contain_text("No connection", timeout=SAYS_SO_MS)
        expect(board.locator(f"#entry-{order}")).to_have_count(0)
        proxy.mend()
        expect(board.locator(f"#entry-{order}")).to_be_visible(timeout=30_000)
        says_that_it_is_live(board)
        fresh = room.screen()
        fresh.goto("/board/")
        assert standing(board) == standing(fresh)


def test_a_killed_web_process_is_noticed_and_healed(room: Room, shop: Shop) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    says_that_it_is_live(bar)
    pid = shop.kill("web")
    shop.wait_for_another("web", pid)
    order = order_coffee(phone, "after the blow")
    expect(bar.locator(f"#ticket-{order}")).to_be_visible(timeout=30_000)
    says_that_it_is_live(bar)
    assert standing(bar) == standing(room.staff("bao", "/bar/"))


def test_a_press_during_the_cut_happens_once_when_the_cable_is_back(room: Room, shop: Shop) -> None:
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        bar, phone = room.staff("bao", "/bar/", url=proxy.url), room.phone()
        order = order_coffee(phone, "patient")
        ticket = bar.locator(f"#ticket-{order}")
        expect(ticket).to_be_visible()
        proxy.cut()
        ticket.get_by_role("button", name="Take", exact=True).click()
        expect(ticket).to_contain_text("trying again")
        proxy.mend()
        expect(ticket.locator("button.ready")).to_be_visible(timeout=30_000)
        expect(ticket).to_contain_text("Bao")


def test_a_phone_from_elsewhere_shows_the_shops_time_while_it_is_offline(
    room: Room, shop: Shop
) -> None:
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        phone = room.phone(url=proxy.url, zone="Pacific/Auckland")
        order_coffee(phone, "Kiri")
        says_that_it_is_live(phone)
        proxy.freeze()
        shown = datetime.now(ZoneInfo("Europe/Berlin"))
        around = "|".join(f"{shown + timedelta(minutes=m):%H:%M}" for m in (-1, 0, 1))
        expect(phone.locator("#live-bar")).to_contain_text(
            re.compile(f"Last known ({around}), "), timeout=SAYS_SO_MS
        )


def test_a_screen_that_is_older_than_the_shop_offers_to_load_what_is_new(room: Room) -> None:
    """As after a new program was put in place while the screen stayed open."""
    bar = room.staff("bao", "/bar/")
    says_that_it_is_live(bar)
    offer = bar.get_by_role("button", name="Update ready")
    expect(offer).to_have_count(0)

    bar.add_init_script(OLDER)
    bar.evaluate("() => sessionStorage.setItem('older', '1')")
    bar.goto("/bar/")
    expect(offer).to_be_visible()
    bar.evaluate("() => sessionStorage.removeItem('older')")
    bar.evaluate("() => { window.stillHere = true; }")
    bar.wait_for_timeout(500)
    assert bar.evaluate("() => window.stillHere"), "A screen never reloads by itself."
    offer.click()
    says_that_it_is_live(bar)
    expect(offer).to_have_count(0)
