"""Takes the pictures: a browser, the people at their screens, one page for each kind of screen."""

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import started_chromium
from tests.shop import Shop

LIVE_MS = 20_000
WEBP_QUALITY = 80
SETTLE_MS = 350
"""How long cards slide in and are fitted after a page is live."""


@dataclass(frozen=True)
class Seat:
    """Where somebody looks from: who they are, their screen, and what they like to look at."""

    who: str = ""  # a demo login, or "" for a customer
    width: int = 390
    height: int = 844
    look: str = "light"  # or dark
    language: str = "en-GB"


class Camera:
    """Opens a page for each seat once, and keeps it for the next picture."""

    def __init__(self, browser: Browser, shop: Shop, into: Path, *, small: bool) -> None:
        self._browser = browser
        self._shop = shop
        self.into = into
        self._small = small
        self._pages: dict[tuple[Seat, str], Page] = {}

    def page(self, seat: Seat, url: str = "") -> Page:
        """The page of this seat, logged in, at the shop or (`url`) at a way to it."""
        if (seat, url) not in self._pages:
            self._pages[seat, url] = self._opened(seat, url or self._shop.url)
        return self._pages[seat, url]

    def _opened(self, seat: Seat, url: str) -> Page:
        context = self._browser.new_context(
            viewport={"width": seat.width, "height": seat.height},
            color_scheme="dark" if seat.look == "dark" else "light",
            locale=seat.language,
            has_touch=seat.width < 1200,
            base_url=url,
        )
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "theme", "value": seat.look, "url": url}])
        page = context.new_page()
        if seat.who:
            page.goto("/staff/login/")
            page.locator("#id_username").fill(seat.who)
            page.locator("#id_password").fill(self._shop.logins[seat.who])
            page.locator(".staff-login form button.big").click()
            page.wait_for_url(re.compile(r"^(?!.*/staff/login/)"))
        return page

    def forget(self, seat: Seat) -> None:
        """Close this seat's pages: the next one begins without cookies."""
        for key in [key for key in self._pages if key[0] == seat]:
            self._pages.pop(key).context.close()

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """A picture of what the page shows, or (not of small ones) of the whole page."""
        size = page.viewport_size
        if (
            whole and size and not self._small
        ):  # a screen so tall that nothing that sticks to its edge covers anything
            height = page.evaluate("() => document.documentElement.scrollHeight")
            page.set_viewport_size({**size, "height": max(size["height"], height)})
        page.wait_for_timeout(SETTLE_MS)
        if self._small:
            (self.into / f"{name}.webp").write_bytes(_webp(page))
        else:
            page.screenshot(path=self.into / f"{name}.png")
        if size:
            page.set_viewport_size(size)


def is_live(page: Page) -> None:
    """Wait until a live page says that it is live; nothing for any other page."""
    if page.locator("[data-live]").count():
        expect(page.locator("[data-live]")).to_have_attribute(
            "data-live-state", re.compile("live|behind"), timeout=LIVE_MS
        )


def _webp(page: Page) -> bytes:
    """A picture of a third of the bytes, which Playwright itself does not take."""
    options = {"format": "webp", "quality": WEBP_QUALITY}
    answer = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
    return b64decode(answer["data"])


@contextmanager
def camera(shop: Shop, into: Path, *, small: bool = False) -> Iterator[Camera]:
    """A camera for this shop, whose pictures (PNG; `small`: WebP) go into that folder."""
    into.mkdir(parents=True, exist_ok=True)
    with started_chromium() as browser:
        yield Camera(browser, shop, into, small=small)
