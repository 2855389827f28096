"""The page to try the API: what its forms send, and what it shows of the response."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Room
from tests.browser.people import order_coffee

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


def test_an_operation_is_tried_as_whoever_is_logged_in(room: Room) -> None:
    order = order_coffee(room.phone(), "Helen")
    page = room.staff("ada", "/api/try/")
    take = page.locator("#api_bar_take")
    take.locator("summary").click()
    take.get_by_label("order").fill(order)
    take.get_by_role("button", name="Send").click()
    expect(take.locator("pre")).to_contain_text(f"POST /api/bar/{order}/take/\n200")

    shown = page.locator("#api_order")
    shown.locator("summary").click()
    shown.get_by_label("order").fill(order)
    shown.get_by_label("?version=").fill("1")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator("pre")).to_contain_text('"progress": "waiting"')

    page.locator("#token").fill("barstucks_wrong")
    shown.get_by_role("button", name="Send").click()
    expect(shown.locator("pre")).to_contain_text("token_unknown")
