"""Every page passes axe without a serious finding; the bar works from the keyboard; pictures."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room
from tests.browser.people import order_coffee
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SERIOUS = {"serious", "critical"}


def findings(page: Page) -> list[str]:
    """What axe finds serious or worse, in words."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}) at "
        + "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        for violation in violations
        if violation["impact"] in SERIOUS
    ]


STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 30)}`)
"""


def sideways(page: Page) -> list[str]:
    """What makes a page scroll sideways at 200 % zoom on a small phone; [] if it does not."""
    page.set_viewport_size({"width": 195, "height": 422})
    width = page.evaluate("() => document.documentElement.scrollWidth")
    return page.evaluate(STICKING_OUT)[:8] if width > 195 else []


@pytest.fixture(scope="module")
def something_to_see(shop: Shop) -> None:
    """Three orders, one of them taken."""
    with Visitor(shop) as customer, Visitor(shop) as bao:
        placed = [customer.order(name) for name in ("Helen", "Max", "Zoë")]
        bao.log_in("bao", shop.logins["bao"], "/bar/")
        assert bao.press(f"/bar/{placed[0].order}/take/").status_code < 300


def at(path: str) -> Callable[[Page], None]:
    """Go there."""

    def go(page: Page) -> None:
        page.goto(path)

    return go


def first_item(page: Page) -> None:
    page.goto("/")
    page.locator("a.item").first.click()


def filled_basket(page: Page) -> None:
    first_item(page)
    page.get_by_role("button", name=re.compile("^Add")).click()
    page.goto("/basket/")


def tracking(page: Page) -> None:
    order_coffee(page, "Axe")


@pytest.mark.parametrize(
    ("name", "go"),
    [
        ("menu", at("/")),
        ("item", first_item),
        ("empty-basket", at("/basket/")),
        ("basket", filled_basket),
        ("tracking", tracking),
        ("me", at("/me/")),
        ("register", at("/register/")),
        ("login", at("/staff/login/")),
        ("not-found", at("/no/such/page/")),
        ("phone-board", at("/board/")),
    ],
)
def test_a_customers_page_is_for_everybody(
    room: Room, pictures: Path, name: str, go: Callable[[Page], None]
) -> None:
    phone = room.phone()
    go(phone)
    phone.screenshot(path=pictures / f"{name}.png")
    assert findings(phone) == []
    phone.emulate_media(color_scheme="dark")
    assert findings(phone) == []
    assert sideways(phone) == []


@pytest.mark.parametrize(
    ("name", "username", "path"),
    [
        ("bar", "bao", "/bar/"),
        ("till", "casey", "/till/"),
        ("till-new", "casey", "/till/new/"),
        ("manage", "ada", "/manage/"),
        ("manage-projections", "ada", "/manage/projections/"),
        ("manage-streams", "ada", "/manage/streams/"),
        ("board", "ada", "/board/"),
        ("settings", "ada", "/manage/settings/"),
        ("sold-out", "bao", "/bar/sold-out/"),
    ],
)
def test_a_staff_page_is_for_everybody(
    room: Room, pictures: Path, something_to_see: None, name: str, username: str, path: str
) -> None:
    screen = room.staff(username, path)
    screen.wait_for_load_state("networkidle")
    screen.screenshot(path=pictures / f"{name}.png")
    assert findings(screen) == []


def test_the_facts_of_an_order_are_for_everybody(room: Room, pictures: Path) -> None:
    order = order_coffee(room.phone(), "Fern")
    screen = room.staff("ada", f"/manage/streams/order-{order}/")
    expect(screen.locator("body")).to_contain_text("CoffeeOrdered")
    screen.screenshot(path=pictures / "manage-stream.png")
    assert findings(screen) == []


def test_the_bar_works_from_the_keyboard(room: Room) -> None:
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
