"""Who may use which address: one table, and every route, role and method tried against it.

The routes come from the URL resolver: one that is not in the table fails, and so does a line for a
route that is gone. What an address answers to those who may use it has tests elsewhere.
"""

from collections.abc import Iterator
from itertools import chain, combinations

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser, Group, User
from django.test import Client

from orders.event_store import event_store
from orders.links import customer_token, order_token
from orders.staff_buttons.buttons import BUTTONS
from projections.engine.models import ParkedEvent
from projections.live import access
from projections.screens import LIVE_SCREENS
from staff.roles import BARISTA, MANAGER, ROLES
from staff.tokens import make_token
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.routes import Route, routes
from tests.faults.fuzz.served import Browser, Response, Served, serving
from tests.faults.fuzz.stocked_shop import StockedShop, guest_cookie, stocked_shop

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

EVERYBODY = "everybody"
LINK = "whoever has the link"
GUEST = "whoever has a guest's cookie"
STAFF = "whoever is logged in"
INSPECTORS = "whoever may enter the inspector"
OWNER = "a superuser only"
BY_BUTTON = "by button"

WHO: dict[str, str] = {
    "menu": EVERYBODY,
    "item": EVERYBODY,
    "basket": EVERYBODY,
    "basket_quantity": EVERYBODY,
    "basket_remove": EVERYBODY,
    "order_my_usual": EVERYBODY,
    "place_order": EVERYBODY,
    "api_root": EVERYBODY,
    "api_document": EVERYBODY,
    "api_try": EVERYBODY,
    "api_menu": EVERYBODY,
    "api_board": EVERYBODY,
    "api_orders": EVERYBODY,
    "api_order": LINK,
    "api_order_facts": LINK,
    "api_change_order": LINK,
    "api_cancel_order": LINK,
    "api_pay_order": LINK,
    "api_ask_to_stop": LINK,
    "api_say_here": LINK,
    "api_got_it": LINK,
    "api_queue": "see_queue",
    "api_desk": "see_desk",
    "api_sales": "see_sales",
    "api_streams": "see_facts",
    "api_stream": "see_facts",
    "api_facts": "see_facts",
    "api_sold_out": "sell_out",
    **{f"api_pace_{action}": "prepare" for action in ("slow", "pause", "usual")},
    **{
        f"api_{screen}_{action.replace('-', '_')}": button.permission
        for screen, buttons in BUTTONS.items()
        for action, button in buttons.items()
    },
    "tokens": "let_programs_in",
    "new_token": "let_programs_in",
    "withdraw_token": "let_programs_in",
    "register": EVERYBODY,
    "manifest": EVERYBODY,
    "service_worker": EVERYBODY,
    "offline": EVERYBODY,
    "board": EVERYBODY,
    "me": EVERYBODY,
    "me_export": EVERYBODY,
    "order": LINK,
    "order_wait": LINK,
    "change_order": LINK,
    "change_add": LINK,
    "change_item": LINK,
    "change_quantity": LINK,
    "change_remove": LINK,
    "cancel_order": LINK,
    "ask_to_stop": LINK,
    "got_it": LINK,
    "say_here": LINK,
    "pay_order": LINK,
    "this_device": LINK,
    "forget_me": GUEST,
    "bar": "see_queue",
    "bar_pace": "see_queue",
    "bar_place": "prepare",
    "board_wait": EVERYBODY,
    "choose_language": EVERYBODY,
    "bar_action": BY_BUTTON,
    "sold_out_page": "sell_out",
    "sold_out_now": "see_queue",
    "about_item": "see_queue",
    "sold_out": "sell_out",
    "option_sold_out": "sell_out",
    "bar_pace_action": "prepare",
    "bar_close": "cancel_any_order",
    "close_bar": "cancel_any_order",
    "settings": "choose_settings",
    "choose_setting": "choose_settings",
    "till": "see_desk",
    "till_action": BY_BUTTON,
    "counter": "order_at_counter",
    "counter_add": "order_at_counter",
    "counter_place": "order_at_counter",
    "counter_item": "order_at_counter",
    "counter_quantity": "order_at_counter",
    "till_reactor": "see_desk",
    "reactor": "see_facts",
    "decide_parked_reaction": "repair",
    "open_orders": "cancel_any_order",
    "cancel_selection": "cancel_any_order",
    "sales": "see_sales",
    "promises": "see_sales",
    "projections": "see_facts",
    "decide_parked": "repair",
    "streams": "see_facts",
    "stream": "see_facts",
    "metrics": "see_facts",  # or anybody on this machine
    "staff_home": "see_queue",  # which every role has
    "staff_login": EVERYBODY,
    "choose_theme": EVERYBODY,
    "staff_logout": EVERYBODY,
    "admin:index": INSPECTORS,
    "admin:app_list": INSPECTORS,
    "admin:jsi18n": INSPECTORS,
    "admin:password_change": INSPECTORS,
    "admin:password_change_done": INSPECTORS,
}
"""The route's name → who may use it; a codename of `staff.roles` is a permission."""

INSPECTED = {"changelist": "see_facts", "change": "see_facts", "history": "see_facts"}
"""What a manager may do in the inspector with the read models."""

ACCOUNTS = "make_accounts"
MADE = {
    "staff_account_changelist": ACCOUNTS,
    "staff_account_add": ACCOUNTS,
    "staff_account_change": ACCOUNTS,
    "staff_account_history": ACCOUNTS,
    "auth_user_password_change": ACCOUNTS,
}
"""What a manager may do there with the staff's accounts; all else is the owner's."""

SOCKETS: dict[str, str] = {
    "barista-queue": "see_queue",
    "cashier-desk": "see_desk",
    "sales": "see_sales",
    "projections": "see_facts",
    "board": EVERYBODY,
    "shop-news": EVERYBODY,
    "order": LINK,
}

TEAMS = list(chain.from_iterable(combinations(ROLES, size) for size in range(len(ROLES) + 1)))
"""Every set of roles somebody can have, none of them included."""

INSPECTOR = "/inspect/"
ELSEWHERE = "203.0.113.9"


def who_may(route: Route) -> str:
    """Whom the table lets use a route. Raises `KeyError` for one that is not in it."""
    if route.name in WHO or not route.path.startswith(INSPECTOR):
        return WHO[route.name]
    if route.path.startswith("/inspect/projections/"):
        return INSPECTED.get(route.name.rpartition("_")[2], OWNER)
    return MADE.get(route.name.removeprefix("admin:"), OWNER)


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    missing = [str(r) for r in routes() if r.name not in WHO and INSPECTOR not in r.path]
    gone = set(WHO) - {route.name for route in routes()}
    assert (missing, gone) == ([], set())


def test_every_live_screen_is_in_the_table() -> None:
    assert set(SOCKETS) == set(LIVE_SCREENS)


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as served:
        yield served


@pytest.fixture
def shop(own_eventstore: RunningEventstore) -> Iterator[StockedShop]:
    with stocked_shop(own_eventstore.uri) as shop:
        yield shop


class Matrix:
    """The people, the addresses, and what is wrong between them."""

    def __init__(self, served: Served, shop: StockedShop) -> None:
        self.served = served
        self.wrong: list[str] = []
        self.tried = 0
        self.values: dict[str, bytes] = {
            "order": shop.orders[0].hex.encode(),
            "slug": b"espresso",
            "kind": b"item",
            "program": str(make_token("Display", [], made_by=None)[1].pk).encode(),
            "n": b"1",
            "parked": str(ParkedEvent.objects.get().pk).encode(),
            "decision": b"retry",
            "action": b"slow",
            "name": b"one_tap",
            "stream": f"order-{shop.orders[0].hex}".encode(),
            "object_id": b"1",
            "id": b"1",
            "app_label": b"projections",
            "url": b"nowhere",
        }
        self.tokens = {
            True: order_token(shop.orders[0]).encode(),
            False: b"0" * 32 + b".A" * 20,
        }
        self.customer = {True: customer_token(shop.customer).encode(), False: self.tokens[False]}

    def paths(self, route: Route, has_link: bool) -> Iterator[tuple[str, str]]:
        """The addresses of a route, each with whom the table lets use it."""
        links = self.customer if route.name == "this_device" else self.tokens
        values = {**self.values, "token": links[has_link]}
        if who_may(route) == LINK:
            values["order"] = links[has_link]
        screen = route.name.removesuffix("_action")
        if who_may(route) == BY_BUTTON:
            for action, button in BUTTONS[screen].items():
                yield route.filled({**values, "action": action.encode()}), button.permission
        else:
            yield route.filled(values), who_may(route)

    def check(self, name: str, browser: Browser, may: set[str], route: Route) -> None:
        """Try every address of a route, with both methods, as a page and as a program."""
        for path, needed in self.paths(route, LINK in may):
            reached = 0
            for method in ("GET", "POST"):
                for accept in (b"text/html", b"application/json")[path.startswith("/api/") :]:
                    response = self.ask(browser, method, path, accept)
                    if response.status == 405:
                        continue
                    reached += 1
                    verdict = verdict_on(response)
                    if verdict != expected(route, needed, may):
                        self.wrong.append(f"{name}: {method} {path}: {response.status} {verdict}")
            if not reached:
                self.wrong.append(f"{name}: {path} takes neither GET nor POST")

    def check_inspector(self, name: str, browser: Browser, may: set[str], route: Route) -> None:
        """Look at an address of the inspector: whoever may not use it sees nothing of it.

        Django responds in several ways: a login, 403, 404, or a redirect to the front page.
        """
        if who_may(route) in may:
            return
        for path, _ in self.paths(route, has_link=False):
            response = self.ask(browser, "GET", path, b"text/html")
            turned_away = response.status in (302, 403, 404, 405)
            if not turned_away:
                self.wrong.append(f"{name}: GET {path}: {response.status}")
            posted = self.ask(browser, "POST", path, b"text/html")
            if posted.status not in (302, 403, 404, 405):
                self.wrong.append(f"{name}: POST {path}: {posted.status}")

    def ask(self, browser: Browser, method: str, path: str, accept: bytes) -> Response:
        """One request, from another machine."""
        self.tried += 1
        return self.served.ask(
            Browser(dict(browser.cookies)),
            method,
            path,
            body=b"item=espresso&quantity=0" if method == "POST" else b"",
            headers={"accept": accept, "content-type": b"application/x-www-form-urlencoded"},
            address=ELSEWHERE,
        )


def verdict_on(response: Response) -> str:
    """What a response means: let in, log in first, not yours, or nothing there."""
    location = response.headers.get("location", "")
    if response.status == 401 or (response.status == 302 and "/login/?next=" in location):
        return "log in"
    return {403: "refused", 404: "not found"}.get(response.status, "let in")


def expected(route: Route, needed: str, may: set[str]) -> str:
    """What the table says. Whoever may not know of something is told that it is not there."""
    if needed in may:
        return "let in"
    if needed in (LINK, GUEST) or route.name == "metrics":
        return "not found"
    return "refused" if STAFF in may else "log in"


def somebody(roles: tuple[str, ...], *, is_staff: bool = False, is_superuser: bool = False) -> User:
    """An account with these roles."""
    name = f"{roles} {is_staff} {is_superuser}"
    user = User.objects.create_user(name, is_staff=is_staff, is_superuser=is_superuser)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def browser_of(user: User) -> Browser:
    """A browser in which they have just logged in."""
    client = Client()
    client.force_login(user)
    return Browser({"session": client.cookies["session"].value})


def permissions_of(team: tuple[str, ...]) -> set[str]:
    """What the roles of a team allow together."""
    return set().union(*(ROLES[role] for role in team))


def test_every_route_for_everybody(served: Served, shop: StockedShop) -> None:
    matrix = Matrix(served, shop)
    head = event_store().head()
    own = [route for route in routes() if not route.path.startswith(INSPECTOR)]
    guest = Browser({"guest": guest_cookie(shop.customer)})
    for route in own:
        matrix.check("anonymous", Browser(), {EVERYBODY}, route)
        matrix.check("guest with link", guest, {EVERYBODY, LINK, GUEST}, route)
    for team in TEAMS:
        user = somebody(team)
        browser, may = browser_of(user), {EVERYBODY, STAFF} | permissions_of(team)
        for route in own:
            matrix.check("+".join(team) or "no role", browser, may, route)
            if route.name == "staff_logout":
                browser = browser_of(user)
    print(f"{matrix.tried} requests to {len(own)} routes as {len(TEAMS) + 2} people")
    assert not matrix.wrong, "\n".join(matrix.wrong)
    assert event_store().head() == head


def test_every_route_of_the_inspector(served: Served, shop: StockedShop) -> None:
    matrix = Matrix(served, shop)
    inspector = [route for route in routes() if route.path.startswith(INSPECTOR)]
    people = {
        "anonymous": (Browser(), {EVERYBODY}),
        "a barista": (browser_of(somebody((BARISTA,))), {EVERYBODY, STAFF}),
        "a barista with Django's mark": (
            browser_of(somebody((BARISTA,), is_staff=True)),
            {EVERYBODY, STAFF},
        ),
        "a manager": (
            browser_of(somebody((MANAGER,))),
            {EVERYBODY, STAFF, INSPECTORS, "see_facts", ACCOUNTS},
        ),
        "an owner": (
            browser_of(somebody((), is_staff=True, is_superuser=True)),
            {EVERYBODY, STAFF, INSPECTORS, "see_facts", ACCOUNTS, OWNER},
        ),
    }
    for name, (browser, may) in people.items():
        for route in inspector:
            matrix.check_inspector(name, browser, may, route)
    print(f"{matrix.tried} requests to {len(inspector)} routes as {len(people)} people")
    assert not matrix.wrong, "\n".join(matrix.wrong)


@pytest.mark.parametrize("team", TEAMS, ids="+".join)
def test_every_live_screen_for_every_team(team: tuple[str, ...]) -> None:
    user, may = somebody(team), {EVERYBODY, LINK} | permissions_of(team)
    for view, needed in SOCKETS.items():
        looks = async_to_sync(access.may_look)(
            {"user": user}, f"{view}:" if needed == LINK else view
        )
        assert looks == (needed in may), view
        stranger = async_to_sync(access.may_look)({"user": AnonymousUser()}, view)
        assert stranger == (needed in (EVERYBODY, LINK)), view
