"""A screen that lacks changes says so at a glance and politely, and stops by itself; and one with
more rows than it can show says how many there are besides.
"""

from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orders.event_store import EventStore
from projections.screens.barista_queue.queries import QUEUE_SHOWN
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.shop_files import write_down
from projections.tests.some_orders import order_hex, order_stream_number, ordered
from tests.browser.conftest import Room
from tests.faults.test_frozen_projector import frozen
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

WAIT = 20_000
SIZES = {"wide": (1920, 1080), "phone": (390, 844)}


def orders(shop: Shop, first: int, last: int) -> None:
    log = InMemoryLog()
    for number in range(first, last + 1):
        log.write(order_stream_number(number), ordered(number, name="Helen", items=2))
    with closing(EventStore(shop.eventstore_uri)) as store:
        write_down(store, log)


def take(screens: dict[str, Page], pictures: Path, state: str) -> None:
    for name, page in screens.items():
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.screenshot(path=pictures / f"{state}-{name}-{size}.png")
        page.set_viewport_size({"width": 1920, "height": 1080})


def test_screens_say_what_they_lack_until_they_lack_it_no_more(
    room: Room, shop: Shop, pictures: Path
) -> None:
    orders(shop, 1, 5)
    screens = {
        "bar": room.staff("bao", "/bar/"),
        "till": room.staff("casey", "/till/"),
        "board": room.screen(),
    }
    screens["board"].goto("/board/")
    for page in screens.values():
        expect(page.locator("main[data-live-state=live]")).to_be_attached(timeout=WAIT)
        expect(page.locator("#live-bar")).to_have_count(0)
    take(screens, pictures, "live")
    with frozen(shop, "projector"):
        orders(shop, 6, 8)
        for page in screens.values():
            expect(page.locator("#live-bar")).to_contain_text("3 changes are missing", timeout=WAIT)
            said = page.locator("#live-bar [role=status]")
            expect(said).to_have_text("This screen is behind.")
            expect(page.locator("main[data-live-state=behind]")).to_be_attached()
        take(screens, pictures, "behind")
        without_script = room.phone(java_script=False)
        without_script.goto("/board/")
        expect(without_script.locator("#live-bar")).to_contain_text("This screen is behind.")
    for page in screens.values():
        expect(page.locator("#live-bar")).to_have_count(0, timeout=5_000)
        expect(page.locator("main[data-live-state=live]")).to_be_attached()


def test_a_long_queue_is_counted_and_stands_on_further_pages(
    room: Room, shop: Shop, pictures: Path
) -> None:
    orders(shop, 101, 100 + QUEUE_SHOWN + 20)
    screens = {
        "bar": room.staff("bao", "/bar/"),
        "till": room.staff("casey", "/till/"),
        "board": room.screen(),
    }
    screens["board"].goto("/board/")
    bar = screens["bar"]
    expect(bar.locator("#more-queue")).to_be_visible(timeout=WAIT)
    expect(bar.locator("[data-slot=queue] > [id]")).to_have_count(QUEUE_SHOWN, timeout=WAIT)
    take(screens, pictures, "crowded")
    left_out = int(bar.locator("#more-queue").get_attribute("data-left-out") or 0)
    assert left_out >= 20
    orders(shop, 501, 501)
    expect(bar.locator("#more-queue b")).to_have_text(str(left_out + 1), timeout=WAIT)
    bar.locator("#more-queue a").click()
    expect(bar.locator("main .ticket")).to_have_count(left_out + 1)
    take({"bar": bar}, pictures, "page-2")


def test_an_order_beyond_the_list_is_found_at_the_till_and_follows_its_order(
    room: Room, shop: Shop
) -> None:
    orders(shop, 601, 640)
    till = room.staff("casey", "/till/?q=640")
    expect(till.locator("main[data-live-state=live]")).to_be_attached(timeout=WAIT)
    balance = till.locator(f"#balance-{order_hex(640)}")
    expect(balance).to_contain_text("pay any time")
    with Visitor(shop) as another:
        another.log_in("casey", shop.logins["casey"], "/till/")
        paid = another.press(f"/till/{order_hex(640)}/cash/", given="50")
        assert paid.status_code == 200, paid.text
    expect(balance).to_contain_text("✓ Paid", timeout=WAIT)
    expect(balance).to_be_visible()
