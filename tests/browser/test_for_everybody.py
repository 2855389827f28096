"""Every page, in the light and in the dark: nothing that axe finds, nothing cut at 200 % zoom.

The list of pages is compared with the addresses of the site: a page that is added stands here,
or is named as something that nobody looks at. Without a mouse: `test_by_keyboard.py`.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Room
from tests.browser.sights import NO_PAGES, SIGHTS, Orders, Sight
from tests.faults.fuzz.routes import routes
from tests.shop import ROOT as PROJECT
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ERRORS = ("400", "403", "404", "405", "409", "413", "429", "500", "503", "504")
PASSWORD = "a long and rainy tuesday"
HALF_A_PHONE = (195, 422)
HALF_A_SCREEN = (640, 450)
SMALL_PHONE = (320, 568)


def test_every_page_of_the_site_is_looked_at() -> None:
    addresses = {route.name: route.path for route in routes()}
    own = {name for name, path in addresses.items() if not path.startswith("/inspect/")}
    looked_at = {sight.route for sight in SIGHTS}

    assert own - NO_PAGES - looked_at == set(), "Add these to SIGHTS, or to NO_PAGES."
    assert looked_at - set(addresses) == set(), "There is no such page any more."
    assert looked_at & NO_PAGES == set()


def findings(page: Page) -> list[str]:
    """What axe finds, in words."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']} ({violation['impact']}) at "
        + "; ".join(str(node["target"]) for node in violation["nodes"][:3])
        for violation in violations
    ]


def weak_colours(page: Page) -> list[str]:
    """What axe, which `findings` has brought to the page, says of the colours as they are now."""
    violations = page.evaluate(
        "() => axe.run({runOnly: ['color-contrast']}).then((r) => r.violations)"
    )
    return [str([n["target"] for n in v["nodes"]]) for v in violations]


STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 30)}`)
"""


def sideways(page: Page, size: tuple[int, int] = HALF_A_PHONE) -> list[str]:
    """What makes a page scroll sideways at this size; [] if it does not."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    return page.evaluate(STICKING_OUT)[-8:] if wide > width else []


@pytest.fixture(scope="module")
def orders(shop: Shop) -> Orders:
    """Three orders, one of them taken, one ready and paid."""
    with Visitor(shop) as customer, Visitor(shop) as ada:
        placed = Orders(*(customer.order(name) for name in ("Helen", "Max", "Zoë")))
        ada.log_in("ada", shop.logins["ada"], "/bar/")
        for order in (placed.making, placed.ready):
            assert ada.press(f"/bar/{order.order}/take/").status_code < 300
        assert ada.press(f"/bar/{placed.ready.order}/ready/").status_code < 300
        customer.wait_for_words(placed.ready, "Ready")
        return placed


@pytest.fixture(scope="module")
def seats(chromium: Browser, shop: Shop) -> Iterator[dict[str, Page]]:
    """A customer's phone, a manager's screen and the owner's, kept for all pages: logging in takes
    a second.
    """
    room = Room(chromium, shop)
    ada = room.staff("ada", "/manage/")
    yield {"": room.phone(), "ada": ada, "olga": owners_screen(room, shop)}
    room.close()


def owners_screen(room: Room, shop: Shop) -> Page:
    """Where the owner is logged in, whose account is made beside the shop."""
    subprocess.run(
        [
            *(sys.executable, "manage.py", "createsuperuser"),
            *("--noinput", "--username=olga", "--email="),
        ],
        cwd=PROJECT,
        env={**shop.environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD},
        check=True,
        capture_output=True,
    )
    page = room.screen()
    page.goto("/staff/login/?next=/inspect/")
    page.get_by_label("Name").fill("olga")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/inspect/")
    return page


@pytest.mark.slow
@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_page_is_for_everybody(
    seats: dict[str, Page], orders: Orders, pictures: Path, sight: Sight
) -> None:
    page = seats[sight.who]
    size = (1366, 768) if sight.who else (390, 844)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    sight.go(page, orders)
    page.screenshot(path=pictures / f"{sight.name}.png")

    assert findings(page) == []
    if page.locator("html[data-theme]").count():
        other = "light"
        page.evaluate("(theme) => (document.documentElement.dataset.theme = theme)", other)
    else:
        page.emulate_media(color_scheme="dark")
    assert weak_colours(page) == []
    for size in (HALF_A_SCREEN, SMALL_PHONE, HALF_A_PHONE):
        assert sideways(page, size) == []


@pytest.mark.slow
def test_error_pages_are_for_everybody(seats: dict[str, Page]) -> None:
    """As the shop draws them, under an address at which there is nothing."""
    page = seats[""]
    page.set_viewport_size({"width": 390, "height": 844})
    problem = {"title": "There is nothing here", "detail": "There is no such page."}
    page.goto("/")  # the stylesheet's name: collected, it carries a fingerprint
    sheet = page.locator("link[rel=stylesheet]").first.get_attribute("href") or ""

    def answer(route: Route) -> None:
        status = route.request.url.rpartition("/")[2]
        body = str(render_to_string(f"errors/{status}.html", {"problem": problem}))
        body = re.sub(r"/static/css/shop[^\"]*\.css", sheet, body)
        route.fulfill(status=int(status), content_type="text/html", body=body)

    page.route("**/error/*", answer)
    for status in ERRORS:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"/error/{status}")
        assert findings(page) == []
        page.emulate_media(color_scheme="dark")
        assert weak_colours(page) == []
        assert sideways(page, HALF_A_PHONE) == []
    page.unroute("**/error/*")


@pytest.mark.slow
def test_who_only_looks_at_the_bar_sees_every_line_and_nothing_to_press(
    room: Room, orders: Orders
) -> None:
    bar = room.staff("casey", "/bar/")
    for order in (orders.waiting, orders.making):
        ticket = bar.locator(f"#ticket-{order.order}")
        expect(ticket.locator(".line .drink")).to_be_visible()
        expect(ticket.locator(".what-next form, .whose form, a.more")).not_to_have_count(0)
        for button in ticket.locator(".what-next form, .whose form, a.more").all():
            expect(button).to_be_hidden()
    tick = bar.locator(f"#ticket-{orders.making.order} .tick").first
    tick.evaluate("(button) => button.focus()")
    expect(tick).not_to_be_focused()


@pytest.mark.slow
def test_nothing_on_a_ready_page_is_larger_than_the_number(
    seats: dict[str, Page], orders: Orders
) -> None:
    phone = seats[""]
    phone.set_viewport_size({"width": 390, "height": 844})
    phone.goto(orders.ready.tracking)
    sizes = phone.evaluate(
        "() => [...document.querySelectorAll('.ready-card .number')]"
        ".map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    number, *others = sizes
    assert number >= 120
    assert others, "The two digits to say."
    assert max(others) <= 40


MOVING = """
(classes) => {
  const moving = [];
  const look = (each, what) => {
    const style = getComputedStyle(each);
    const seconds = style.transitionDuration.split(",").map(parseFloat);
    if (style.animationName !== "none" || Math.max(...seconds) > 0) moving.push(what);
  };
  for (const each of document.querySelectorAll("*")) look(each, each.outerHTML.slice(0, 60));
  const card = document.querySelector("[data-slot] > [id]");
  for (const name of classes) {
    card.classList.add(name);
    look(card, name);
    card.classList.remove(name);
  }
  const root = getComputedStyle(document.documentElement);
  if (root.scrollBehavior !== "auto") moving.push("scrolling");
  return moving;
}
"""


@pytest.mark.slow
def test_nothing_moves_for_those_who_want_no_motion(seats: dict[str, Page], orders: Orders) -> None:
    page, classes = seats["ada"], ["arriving", "leaving", "refused"]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(reduced_motion="no-preference")
    page.goto("/bar/")
    expect(page.locator(f"#ticket-{orders.waiting.order}")).to_be_visible()
    assert set(classes) <= set(page.evaluate(MOVING, classes))

    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING, classes) == []


@pytest.mark.slow
def test_the_device_s_theme_is_in_the_first_page_and_changes_with_two_presses(
    seats: dict[str, Page],
) -> None:
    page = seats["ada"]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.emulate_media(color_scheme="light")
    page.goto("/bar/sold-out/")
    background = "() => getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) == "rgb(20, 17, 15)"

    for words, colour in (("Light", "rgb(251, 248, 243)"), ("Dark", "rgb(20, 17, 15)")):
        page.get_by_text("Colours").locator("..").click()
        page.get_by_role("button", name=words, exact=True).click()
        page.wait_for_load_state()
        assert page.url.endswith("/bar/sold-out/")
        assert page.evaluate(background) == colour
