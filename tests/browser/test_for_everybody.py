"""Every page, in the light and in the dark: nothing that axe finds, nothing cut at 200 % zoom.

The list of pages is compared with the addresses of the site: a page that is added stands here,
or is named as something that nobody looks at. Without a mouse: `test_by_keyboard.py`.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Page, Route, expect

from barstucks_site.api_pages import OPERATIONS, ROOT
from tests.browser.conftest import Room
from tests.faults.fuzz.routes import routes
from tests.shop import ROOT as PROJECT
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NO_PAGES = {
    *("metrics", "me_export", "staff_home", "manifest", "service_worker"),
    # parts of pages, drawn again from time to time
    *("bar_pace", "board_wait", "order_wait", "till_reactor", "reactor"),
    "sold_out_now",
    # buttons
    *("basket_quantity", "basket_remove", "order_my_usual", "place_order", "cancel_order"),
    *("ask_to_stop", "got_it", "pay_order", "forget_me", "bar_action", "sold_out"),
    *("option_sold_out", "bar_pace_action", "choose_setting", "till_action", "counter_add"),
    *("counter_place", "counter_quantity", "decide_parked_reaction", "cancel_selection"),
    *("decide_parked", "staff_logout", "choose_theme", "change_add", "change_quantity"),
    *("change_remove", "close_bar", "say_here", "choose_language"),
    *("new_token", "withdraw_token", "api_document", *(o.name for o in (ROOT, *OPERATIONS))),
}
"""Addresses at which there is nothing to look at."""

ERRORS = ("400", "403", "404", "405", "409", "413", "429", "500", "503", "504")
BAR = "/bar/?view=orders&station=all"
"""A screen keeps what it was told to show."""

HALF_A_PHONE = (195, 422)
HALF_A_SCREEN = (640, 450)
SMALL_PHONE = (320, 568)


@dataclass(frozen=True)
class Orders:
    """What there is to see: an order that waits, one that is made, one that is ready."""

    waiting: PlacedOrder
    making: PlacedOrder
    ready: PlacedOrder


Go = Callable[[Page, Orders], None]


@dataclass(frozen=True)
class Sight:
    """Something to look at: a page's route, who looks ("" is a customer), how to get there."""

    route: str
    who: str
    go: Go
    state: str = ""

    @property
    def name(self) -> str:
        """As the test is called."""
        return f"{self.route}-{self.state}" if self.state else self.route


def at(path: str, press: str = "") -> Go:
    """Go there; press something then."""

    def go(page: Page, orders: Orders) -> None:
        page.goto(path.format(orders=orders))
        if press:
            page.locator(press).locator("visible=true").first.click()

    return go


def filled_basket(page: Page, _: Orders) -> None:
    page.goto("/")
    page.locator("a.item").first.click()
    page.get_by_role("button", name=re.compile("^Add")).click()
    page.goto("/basket/")


def refused_order(page: Page, orders: Orders) -> None:
    filled_basket(page, orders)
    name = page.locator("input[name=name]")
    name.evaluate("(input) => input.removeAttribute('maxlength')")
    name.fill("W" * 200)
    page.get_by_role("button", name=re.compile(r"^Order ·")).click()
    expect(page.locator(".notice.bad")).to_be_visible()


def on_another_device(page: Page, orders: Orders) -> None:
    filled_basket(page, orders)
    page.get_by_role("button", name=re.compile(r"^Order ·")).click()
    page.wait_for_url("**/o/**")
    page.goto("/me/")
    page.goto(page.locator(".link-box").inner_text())


FOLDED = "details > summary"
TICKETS = "/inspect/projections/queueticket/"
SALES = "/inspect/projections/salesofday/"
TRACKED = "/inspect/projections/trackedorder/"
ACCOUNTS = "/inspect/staff/account/"
MENU = "/inspect/orders/menuitem/"
OPTIONS = "/inspect/orders/optiongroup/"
PASSWORD = "a long and rainy tuesday"


def account_history(page: Page, _: Orders) -> None:
    page.goto(ACCOUNTS)
    page.locator(".field-username a").first.click()
    page.get_by_role("link", name="History").click()


def refused_setting(page: Page, _: Orders) -> None:
    page.goto("/manage/settings/")
    hours = page.locator("#setting-opening_hours")
    hours.locator("textarea").fill("from nine to five")
    hours.get_by_role("button").click()
    expect(page.locator(".notice.bad")).to_be_visible()


def new_password(page: Page, _: Orders) -> None:
    page.goto(ACCOUNTS)
    page.locator(".field-username a").first.click()
    page.get_by_role("link", name="Reset password").click()


SIGHTS = [
    Sight("menu", "", at("/")),
    Sight("item", "", at("/menu/flat-white/")),
    Sight("basket", "", at("/basket/"), "empty"),
    Sight("basket", "", filled_basket),
    Sight("basket", "", refused_order, "refused"),
    Sight("order", "", at("{orders.waiting.tracking}"), "waiting"),
    Sight("change_order", "", at("{orders.waiting.tracking}change/")),
    Sight("change_item", "", at("{orders.waiting.tracking}change/item/flat-white/")),
    Sight("order", "", at("{orders.making.tracking}", "details.timeline summary"), "making"),
    Sight("order", "", at("{orders.ready.tracking}"), "ready"),
    Sight("me", "", at("/me/"), "new"),
    Sight("this_device", "", on_another_device),
    Sight("me", "", at("/me/")),
    Sight("register", "", at("/register/")),
    Sight("offline", "", at("/offline/")),
    Sight("staff_login", "", at("/staff/login/")),
    Sight("board", "", at("/board/")),
    Sight("bar", "ada", at("/bar/?view=drinks"), "drinks"),
    Sight("bar", "ada", at(BAR)),
    Sight("bar", "ada", at(BAR, ".stations > summary"), "stations"),
    Sight("bar", "ada", at(BAR, "a.about-line"), "about"),
    Sight("bar_close", "ada", at("/bar/close/")),
    Sight("about_item", "ada", at("/bar/about/flat-white/")),
    Sight("bar", "ada", at(BAR, "a.more"), "place"),
    Sight("bar", "ada", at(BAR, "[data-opens=keys]"), "keys"),
    Sight("bar", "ada", at(BAR, ".done .remake > summary"), "remake"),
    Sight("bar", "ada", at(BAR, ".pace-of-bar > summary"), "pace"),
    Sight("bar", "ada", at("/bar/?at=2019-06-23T11:00:00"), "past"),
    Sight("bar_place", "ada", at("/bar/place/?order={orders.waiting.order}")),
    Sight("sold_out_page", "ada", at("/bar/sold-out/")),
    Sight("till", "ada", at("/till/?order={orders.ready.order}")),
    Sight("counter", "ada", at("/till/new/")),
    Sight("counter_item", "ada", at("/till/new/item/flat-white/")),
    Sight("sales", "ada", at("/manage/")),
    Sight("promises", "ada", at("/manage/promises/")),
    Sight("open_orders", "ada", at("/manage/open/")),
    Sight("projections", "ada", at("/manage/projections/")),
    Sight("streams", "ada", at("/manage/streams/")),
    Sight("stream", "ada", at("/manage/streams/order-{orders.making.order}/")),
    Sight("stream", "ada", at("/manage/streams/order-{orders.making.order}/", FOLDED), "written"),
    Sight("settings", "ada", at("/manage/settings/", "details.themes > summary")),
    Sight("settings", "ada", refused_setting, "refused"),
    Sight("admin:index", "ada", at("/inspect/")),
    Sight("admin:app_list", "ada", at("/inspect/projections/")),
    Sight("admin:projections_queueticket_changelist", "ada", at(TICKETS)),
    Sight("admin:projections_queueticket_changelist", "ada", at(f"{TICKETS}?day=2026"), "year"),
    Sight("admin:projections_queueticket_change", "ada", at(TICKETS, ".field-number a")),
    Sight("admin:projections_salesofday_changelist", "ada", at(SALES)),
    Sight("admin:projections_trackedorder_change", "ada", at(TRACKED, ".field-number a")),
    Sight("admin:projections_checkpoint_changelist", "ada", at("/inspect/projections/checkpoint/")),
    Sight("admin:staff_account_changelist", "ada", at(ACCOUNTS)),
    Sight("admin:staff_account_add", "ada", at(f"{ACCOUNTS}add/")),
    Sight("admin:staff_account_change", "ada", at(ACCOUNTS, ".field-username a")),
    Sight("admin:staff_account_history", "ada", account_history),
    Sight("admin:auth_user_password_change", "ada", new_password),
    Sight("admin:password_change", "ada", at("/inspect/password_change/")),
    Sight("admin:staff_account_change", "olga", at(ACCOUNTS, ".field-username a"), "owner"),
    Sight("admin:staff_auditedlook_changelist", "olga", at("/inspect/staff/auditedlook/")),
    Sight("admin:orders_menuitem_changelist", "olga", at(MENU)),
    Sight("admin:orders_menuitem_change", "olga", at(MENU, ".field-name a")),
    Sight("admin:orders_optiongroup_change", "olga", at(OPTIONS, ".field-name a")),
    Sight("tokens", "ada", at("/manage/tokens/")),
    Sight("api_try", "ada", at("/api/try/", "#api_order > summary")),
]


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
