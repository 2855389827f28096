"""Everything a customer needs works without JavaScript; and the first view is small."""

import re

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import Room
from tests.browser.people import order_coffee, take
from tests.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
FIRST_VIEW_BYTES = 100 * 1024


def test_a_customer_without_javascript_orders_follows_and_cancels(room: Room) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone(java_script=False)
    order = order_coffee(phone, "No Script")
    expect(bar.locator(f"#ticket-{order}")).to_contain_text("No Script")
    take(bar, order)
    expect(phone.locator("#tracking")).to_contain_text("Bao is making it", timeout=15_000)

    cancelled = order_coffee(phone, "Second thoughts")
    phone.get_by_role("button", name="Cancel the order").click()
    expect(phone.locator("#tracking")).to_contain_text("Cancelled")
    expect(bar.locator(f"#ticket-{cancelled}")).to_have_count(0)


def test_a_customer_without_javascript_pays_by_card(room: Room) -> None:
    phone = room.phone(java_script=False)
    order_coffee(phone, "Pays later")
    phone.get_by_role("button", name=re.compile("^Pay ")).click()
    expect(phone.locator("#tracking")).to_contain_text("Paid.", timeout=20_000)


def test_the_first_view_of_the_menu_is_small_and_asks_nobody_else(room: Room, shop: Shop) -> None:
    phone = room.phone()
    finished: list[Request] = []
    phone.on("requestfinished", lambda request: finished.append(request))
    phone.goto("/", wait_until="networkidle")
    strangers = [request.url for request in finished if not request.url.startswith(shop.url)]
    assert strangers == []
    carried = 0
    for request in finished:
        sizes = request.sizes()
        carried += sizes["responseBodySize"] + sizes["responseHeadersSize"]
    print(f"\nfirst view of the menu: {carried / 1024:.0f} KB in {len(finished)} requests")
    assert carried <= FIRST_VIEW_BYTES


def test_without_javascript_no_price_is_promised_that_does_not_follow_the_choice(
    room: Room,
) -> None:
    add = re.compile("^Add")
    plain, clever = room.phone(java_script=False), room.phone()
    for phone in (plain, clever):
        phone.goto("/")
        phone.locator("a.item").first.click()

    expect(plain.get_by_role("button", name=add)).to_have_text("Add", use_inner_text=True)
    expect(clever.get_by_role("button", name=add)).to_contain_text("€")


def test_without_javascript_a_time_cannot_be_chosen_and_not_meant(room: Room) -> None:
    """Else the radio above it would still say: as soon as possible."""
    phone = room.phone(java_script=False)
    phone.goto("/")
    phone.locator("a.item").first.click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/basket/")
    time = phone.locator("select[name=slot]")
    expect(time).to_be_hidden()
    phone.locator("label", has_text="At a time").click()
    time.select_option(index=3)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    expect(phone.locator("#tracking")).to_contain_text("so that it is ready at its time")


@pytest.mark.parametrize("path", ["/", "/basket/", "/me/", "/register/", "/board/"])
def test_a_phone_never_scrolls_sideways(room: Room, path: str) -> None:
    phone = room.phone()
    phone.goto(path)
    wide = phone.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390


def test_each_row_of_the_menu_has_its_drawing_and_a_thumb_finds_it(room: Room) -> None:
    phone = room.phone()
    phone.goto("/", wait_until="networkidle")
    rows = phone.locator(".item")
    heights = rows.evaluate_all("(all) => all.map((each) => each.getBoundingClientRect().height)")
    assert len(heights) >= 19
    assert all(72 <= height <= 88 for height in heights), heights
    drawn = phone.locator(".item .pic").evaluate_all("(all) => all.map((e) => e.getBBox().width)")
    assert all(width > 10 for width in drawn), drawn
