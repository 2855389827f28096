"""Everything can be done with a keyboard alone: Tab, Space and Enter, or the keys of a bump bar.

Nothing is clicked here, and where the focus is can be seen at every step.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Room
from tests.browser.people import choose_by_key, order_coffee
from tests.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

MOST_TABS = 90
RING = """
() => {
  const focused = document.activeElement;
  const seen = [focused, focused.nextElementSibling].filter(Boolean).some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return seen || focused.matches("body") ? "" : focused.outerHTML.slice(0, 200);
}
"""
"""The focused thing if nothing shows that it is focused: a ring around it, or around its label."""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(RING) == ""
        if target.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"No Tab leads to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    """Go there with Tab, and press a key."""
    tab_to(page, target)
    page.keyboard.press(key)


def order_by_keyboard(phone: Page, name: str) -> str:
    """From the menu to the page that follows the order. Its id."""
    phone.goto("/")
    press(phone, phone.locator("a.skip"))
    press(phone, phone.locator("a.item[href*=flat-white]"))
    phone.wait_for_url("**/menu/flat-white/")
    tab_to(phone, phone.locator("input[type=radio]:checked").first)
    phone.keyboard.press("ArrowRight")
    expect(phone.locator("input[type=radio]").nth(1)).to_be_checked()
    press(phone, phone.locator(".add-bar button"))
    phone.wait_for_url(lambda url: "/menu/" not in url)
    press(phone, phone.get_by_role("link", name=re.compile("View order")))
    phone.wait_for_url("**/basket/")
    press(phone, phone.get_by_role("button", name=re.compile("^One Flat White more")), "Space")
    expect(phone.locator(".quantity")).to_contain_text("2")
    tab_to(phone, phone.get_by_label("Name for the cup"))
    phone.keyboard.type(name)
    press(phone, phone.locator("input[name=allergies][value=nuts]"), "Space")
    press(phone, phone.get_by_role("button", name=re.compile(r"^Order ·")))
    phone.wait_for_url("**/o/**")
    order = phone.locator("#tracking").get_attribute("data-order")
    assert order
    return order


def log_in_by_keyboard(room: Room, username: str, password: str, page: str) -> Page:
    """A staff screen, with the name and the password typed."""
    screen = room.screen(width=1366, height=768)
    screen.goto(f"/staff/login/?next={page}")
    expect(screen.get_by_label("Name")).to_be_focused()
    screen.keyboard.type(username)
    tab_to(screen, screen.get_by_label("Password"))
    screen.keyboard.type(password)
    screen.keyboard.press("Enter")
    screen.wait_for_url(re.compile(rf"^[^?]*{page}$"))
    return screen


def test_an_order_is_placed_made_paid_and_handed_over_with_tab_space_and_enter(
    room: Room, logins: dict[str, str]
) -> None:
    phone = room.phone()
    order = order_by_keyboard(phone, "Tabitha")

    bar = log_in_by_keyboard(room, "bao", logins["bao"], "/bar/")
    ticket = bar.locator(f"#ticket-{order}")
    expect(ticket).to_contain_text("Tabitha")
    expect(ticket).to_contain_text("nuts")
    press(bar, ticket.locator("button.take"))
    expect(ticket.locator("button.ready")).to_be_visible()
    press(bar, ticket.locator("button.ready"), "Space")
    expect(ticket).to_have_count(0)
    expect(phone.locator("#tracking")).to_have_attribute("data-step", "ready")

    till = log_in_by_keyboard(room, "casey", logins["casey"], "/till/")
    balance = till.locator(f"#balance-{order}")
    press(till, balance.locator("a.row"))
    press(till, balance.get_by_role("button", name="Take cash"))
    press(till, balance.get_by_role("button", name="Hand over"))
    expect(balance).to_have_count(0)
    expect(phone.locator("#tracking")).to_have_attribute("data-over", "yes")


def test_the_place_of_an_order_is_changed_by_keyboard_and_the_focus_comes_back(
    room: Room, logins: dict[str, str]
) -> None:
    order = order_coffee(room.phone(), "Holden")
    bar = log_in_by_keyboard(room, "bao", logins["bao"], "/bar/")
    ticket = bar.locator(f"#ticket-{order}")
    expect(ticket).to_be_visible()
    press(bar, ticket.locator("a.more"))
    expect(bar.locator("dialog[open]")).to_be_visible()
    bar.keyboard.press("Escape")
    expect(bar.locator("dialog[open]")).to_have_count(0)
    expect(ticket.locator("a.more")).to_be_focused()

    bar.keyboard.press("Enter")
    expect(bar.locator("dialog[open]")).to_be_visible()
    press(bar, bar.locator("dialog[open] button[name=reason]").first)
    expect(bar.locator(f"[data-slot=held] > #ticket-{order}")).to_be_visible()


def test_the_bar_works_from_the_keys_of_a_bump_bar(room: Room) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    order = order_coffee(phone, "Keys")
    ticket = bar.locator(f"#ticket-{order}")
    expect(ticket).to_be_visible()
    position = bar.locator("[data-card]:not(.leaving)").evaluate_all(
        "(all, id) => all.findIndex((each) => each.id === id)", f"ticket-{order}"
    )
    bar.locator("body").click(position={"x": 1, "y": 1})
    bar.keyboard.press("ArrowRight")
    for _ in range(position):
        bar.keyboard.press("ArrowRight")
    expect(ticket).to_be_focused()
    bar.keyboard.press("Enter")
    expect(ticket.locator("button.ready")).to_be_visible()
    while (open_lines := ticket.locator("button.tick[aria-pressed=false]")).count():
        before = open_lines.count()
        bar.keyboard.press("Space")
        expect(ticket.locator("button.tick[aria-pressed=false]")).to_have_count(before - 1)
    bar.keyboard.press("Enter")
    expect(ticket).to_have_count(0)
    bar.keyboard.press("r")
    expect(bar.locator(f"#ticket-{order}")).to_be_visible()


def test_a_step_goes_on_or_back_from_the_keys_of_a_bump_bar(room: Room) -> None:
    bar, phone = room.staff("bao", "/bar/"), room.phone()
    earlier = order_coffee(phone, "Held Before")
    expect(bar.locator(f"#ticket-{earlier}")).to_be_visible()
    choose_by_key(bar, earlier)
    bar.keyboard.press("h")
    press(bar, bar.locator("dialog[open] button[name=reason]").first)
    expect(bar.locator(f"[data-slot=held] > #ticket-{earlier}")).to_be_visible()
    order = order_coffee(phone, "Further")
    ticket = bar.locator(f"#ticket-{order}")
    expect(ticket).to_be_visible()
    choose_by_key(bar, order)
    bar.keyboard.press("Enter")
    expect(ticket.locator("button.ready")).to_be_visible()
    bar.keyboard.press("o")
    expect(ticket.locator("button.take")).to_be_visible()
    bar.keyboard.press("h")
    press(bar, bar.locator("dialog[open] button[name=reason]").first)
    expect(bar.locator(f"[data-slot=held] > #ticket-{order}")).to_be_visible()
    bar.keyboard.press("g")
    expect(bar.locator(f"[data-slot=queue] > #ticket-{order}")).to_be_visible()

    bar.keyboard.press("Enter")  # it is still the chosen card
    expect(ticket.locator("button.ready")).to_be_visible()
    phone.get_by_role("button", name="Ask to stop").click()
    expect(ticket.locator(".stop")).to_be_visible()
    bar.keyboard.press("g")
    expect(ticket.locator("button.ready")).to_be_visible()


@pytest.fixture(scope="module")
def logins(shop: Shop) -> dict[str, str]:
    """The passwords of the demo."""
    return shop.logins
