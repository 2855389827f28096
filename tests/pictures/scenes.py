"""Which pictures there are: every screen, at its sizes, in its looks, in its states.

A scene says who looks at what, and what they do before the picture is taken. It knows addresses
and the words on buttons, and no more of the pages than that.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.pictures.camera import Seat
from tests.pictures.demo_day import DemoDay

Act = Callable[[Page], None]

BAR = Seat("bao", 1920, 1080, "dark")
BAR_TABLET = Seat("bao", 1080, 810, "dark")
BAR_PHONE = Seat("bao", 390, 844, "dark")
TILL = Seat("casey", 1366, 768, "dark")
TILL_TABLET = Seat("casey", 1080, 810, "dark")
MANAGE = Seat("ada", 1280, 900, "dark")
BOARD = Seat("", 1920, 1080, "dark")
DOOR = Seat("", 1280, 900, "dark")
PHONE = Seat("", 390, 844, "light")
LOOKS = ("dark", "light")
BEST = (
    *("bar", "board", "till-tom-light"),
    *("phone-menu", "phone-order-making", "phone-order-ready"),
)
"""The pictures that the README and the documents show."""


@dataclass(frozen=True)
class Scene:
    """One picture. `whole`: from the top of the page to its bottom, not only what fits."""

    name: str
    seat: Seat
    path: str
    act: Act | None = None
    whole: bool = False
    status: int = 200


def press(selector: str) -> Act:
    """Press the first of these."""

    def act(page: Page) -> None:
        page.locator(selector).locator("visible=true").first.click()

    return act


def key(name: str) -> Act:
    """Press a key."""

    def act(page: Page) -> None:
        page.keyboard.press(name)

    return act


def before_opening() -> Iterator[Scene]:
    """Screens on which nothing has happened yet."""
    yield from both(Scene("bar-empty", BAR, "/bar/"))
    yield Scene("till-empty", TILL, "/till/")
    yield Scene("board-empty", BOARD, "/board/")
    yield Scene("manage-empty", MANAGE, "/manage/", whole=True)
    yield Scene("phone-basket-empty", PHONE, "/basket/")
    yield Scene("phone-me-empty", PHONE, "/me/", whole=True)


def of_the_bar(day: DemoDay) -> Iterator[Scene]:
    """The queue in a rush, and what opens over it."""
    yield from both(Scene("bar", BAR, "/bar/", press("[data-start-shift]")))
    yield from both(Scene("bar-tablet", BAR_TABLET, "/bar/"))
    yield Scene("bar-phone", BAR_PHONE, "/bar/", whole=True)
    yield from both(Scene("bar-place", BAR, "/bar/", press("a.more")))
    yield from both(Scene("bar-keys", BAR, "/bar/", key("?")))
    yield from both(Scene("bar-about", BAR, "/bar/", press("a.about-line")))
    yield Scene("bar-drinks", BAR, "/bar/?view=drinks")
    yield Scene("bar-food", BAR, "/bar/?view=orders&station=food")
    yield Scene("bar-stations", BAR, "/bar/?station=all", press(".stations > summary"))
    yield Scene("bar-pace", BAR, "/bar/", press(".pace-of-bar > summary"))
    yield Scene("bar-remake", BAR, "/bar/", press(".done .remake > summary"))
    yield Scene("bar-place-page", BAR_TABLET, f"/bar/place/?order={day.orders['Kim'].id.hex}")
    yield from both(Scene("sold-out", BAR, "/bar/sold-out/"))
    yield Scene("sold-out-tablet", BAR_TABLET, "/bar/sold-out/")
    yield from both(Scene("bar-close", replace(BAR, who="ada"), "/bar/close/"))
    yield Scene("bar-of-a-cashier", replace(BAR, who="casey"), "/bar/")
    for metres in ("0.6", "1", "2"):
        yield Scene(f"bar-at-{metres}-m", BAR, "/bar/", reach(metres))
    yield Scene("bar-past", BAR, f"/bar/?at={minutes_ago(day, 4)}")


def of_the_till(day: DemoDay) -> Iterator[Scene]:
    """The desk, with nothing, something owed, and something to be given back chosen."""
    yield from both(Scene("till", TILL, "/till/"))
    for name in ("Tom", "Eva", "Finn", "Leo", "Ida"):
        path = f"/till/?order={day.orders[name].id.hex}"
        yield from both(Scene(f"till-{name.lower()}", TILL, path))
    yield Scene("till-tablet", TILL_TABLET, f"/till/?order={day.orders['Tom'].id.hex}")
    yield Scene("till-phone", replace(TILL, width=390, height=844), "/till/", whole=True)
    yield from both(Scene("till-new", TILL, "/till/new/"))
    yield Scene("till-item", TILL, "/till/new/item/flat-white/", whole=True)
    yield Scene("till-past", TILL, f"/till/?at={minutes_ago(day, 4)}")


def of_the_board(day: DemoDay) -> Iterator[Scene]:
    """The public board."""
    yield from both(Scene("board", BOARD, "/board/"))
    yield Scene("board-phone", PHONE, "/board/", whole=True)
    yield Scene("board-past", replace(BOARD, who="ada"), f"/board/?at={minutes_ago(day, 3)}")


def of_the_manager(day: DemoDay) -> Iterator[Scene]:
    """Figures, facts, settings."""
    stream = f"/manage/streams/order-{day.orders['Helen'].id.hex}/"
    pages = {
        "manage-sales": "/manage/",
        "manage-promises": "/manage/promises/",
        "manage-open": "/manage/open/",
        "manage-streams": "/manage/streams/",
        "manage-stream": stream,
        "manage-projections": "/manage/projections/",
        "manage-settings": "/manage/settings/",
    }
    for name, path in pages.items():
        yield from both(Scene(name, MANAGE, path, whole=True))
    yield Scene("manage-stream-past", MANAGE, f"{stream}?at={minutes_ago(day, 3)}", whole=True)
    yield Scene("manage-phone", replace(MANAGE, width=390, height=844), "/manage/", whole=True)
    yield Scene("inspect", MANAGE, "/inspect/")
    yield from both(Scene("login", DOOR, "/staff/login/"))


def of_the_phone(day: DemoDay) -> Iterator[Scene]:
    """A customer's way, from the menu to the cup."""
    yield from both(Scene("phone-menu", PHONE, "/"))
    yield Scene("phone-menu-whole", PHONE, "/", whole=True)
    yield from both(Scene("phone-item", PHONE, "/menu/flat-white/", whole=True))
    yield Scene("phone-item-sold-out", PHONE, "/menu/caffe-mocha/")
    yield Scene("phone-register", PHONE, "/register/")
    yield from both(Scene("phone-not-found", PHONE, "/no/such/page/", status=404))
    yield Scene("desktop-menu", replace(PHONE, width=1280, height=900), "/")
    followed = {
        "queued": "Kim",
        "late": "Zoë",
        "making": "Bruno",
        "ready": "Mia",
        "ready-unpaid": "Tom",
        "remade": "Helen",
        "held": "Grace",
        "stop-asked": "Noor",
        "declined": "Eva",
        "cancelled": "Nina",
        "cancelled-by-us": "Finn",
        "served": "Leo",
    }
    for state, name in followed.items():
        yield from both(Scene(f"phone-order-{state}", PHONE, day.orders[name].path, whole=True))
    yield Scene("phone-change", PHONE, f"{day.orders['Kim'].path}change/", whole=True)
    yield Scene("phone-offline", PHONE, "/offline/")
    past = f"{day.orders['Mia'].path}?at={minutes_ago(day, 2)}"
    yield Scene("phone-order-past", PHONE, past, whole=True)


def of_a_customer() -> Iterator[Scene]:
    """What only somebody with a basket sees; the last one orders."""
    yield Scene("phone-menu-basket", PHONE, "/menu/flat-white/", into_the_basket)
    yield from both(Scene("phone-basket", PHONE, "/menu/cappuccino/", to_the_basket, whole=True))
    yield Scene(
        "desktop-basket", replace(PHONE, width=1280, height=900), "/menu/chai-latte/", to_the_basket
    )
    yield Scene("phone-basket-refused", PHONE, "/basket/", too_long_a_name, whole=True)
    yield Scene("phone-ordered", PHONE, "/menu/flat-white/", order, whole=True)
    yield Scene("phone-me", PHONE, "/me/", whole=True)
    yield Scene("phone-usual", PHONE, "/")


def of_languages(languages: tuple[str, ...]) -> Iterator[Scene]:
    """The customer's pages in the other languages that there are."""
    for language in languages:
        seat = replace(PHONE, language=language)
        yield Scene(f"phone-menu-{language}", seat, "/")
        yield Scene(f"phone-item-{language}", seat, "/menu/flat-white/", whole=True)
        yield Scene(
            f"phone-basket-{language}", seat, "/menu/cappuccino/", to_the_basket, whole=True
        )
        yield Scene(f"phone-ordered-{language}", seat, "/menu/flat-white/", order, whole=True)


def both(scene: Scene) -> Iterator[Scene]:
    """The scene in the dark and in the light."""
    for look in LOOKS:
        name = scene.name if look == scene.seat.look else f"{scene.name}-{look}"
        yield replace(scene, name=name, seat=replace(scene.seat, look=look))


def reach(metres: str) -> Act:
    """Say how far from the bar's screen one stands."""

    def act(page: Page) -> None:
        page.evaluate("(metres) => localStorage.setItem('reach', metres)", metres)
        page.reload()
        page.evaluate("() => localStorage.removeItem('reach')")
        page.wait_for_timeout(500)

    return act


def into_the_basket(page: Page) -> None:
    """Add what is on the page."""
    page.locator(".add-bar button").click()
    page.wait_for_url(lambda url: "/menu/" not in url)


def to_the_basket(page: Page) -> None:
    """Add what is on the page, and look at the basket."""
    into_the_basket(page)
    page.goto("/basket/")


def too_long_a_name(page: Page) -> None:
    """Send a form that is refused."""
    name = page.locator("#id_name, input[name=name]").first
    name.evaluate("(input) => input.removeAttribute('maxlength')")
    name.fill("Wolfeschlegelsteinhausenbergerdorff " * 3)
    page.locator("form[action='/orders/'] button.big, form[action='/orders/'] .button").last.click()
    page.wait_for_load_state()


def order(page: Page) -> None:
    """Add what is on the page to the basket, and order all of it."""
    to_the_basket(page)
    page.locator("input[name=name]").first.fill("Robin")
    page.locator("form[action='/orders/'] .button").last.click()
    page.wait_for_url("**/o/**")
    expect(page.locator("#tracking")).to_be_visible()


def minutes_ago(day: DemoDay, minutes: int) -> str:
    """A moment as the address of a past screen has it."""
    return timezone.localtime(day.now - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")
