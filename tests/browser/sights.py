"""Every page that somebody looks at, and how to get there: for `test_for_everybody.py`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from barstucks_site.api_pages import OPERATIONS, ROOT
from tests.visitor import PlacedOrder

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

BAR = "/bar/?view=orders&station=all"
"""A screen keeps what it was told to show."""


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
