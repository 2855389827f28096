"""A real Chromium, a shop for each module, a folder for pictures."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.shop import Shop

PICTURES = (
    Path(os.environ.get("BARSTUCKS_PICTURES") or tempfile.gettempdir()) / "barstucks-pictures"
)

PATIENCE_MS = 15_000
"""For what a test waits for. Longer than anything takes, on a machine that runs five tests at once:
without a connection, a service worker alone gives the shop five seconds to respond."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A running shop for each module: its screens begin empty."""
    with Shop() as running:
        yield running


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """The browser that CHROMIUM names, or the one on the path; better the one without windows.

    Chromium's headless shell draws with two thirds of the work, and is all that a test looks at.
    Raises `NoChromium`.
    """
    path = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
    )
    if not path or not Path(path).exists():
        raise NoChromium("No Chromium found: install it, or name one in the variable CHROMIUM.")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


class NoChromium(Exception):
    """There is no browser on this machine that can be driven."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module only.

    While Playwright runs, no asyncio test can run in the same process.
    """
    try:
        with started_chromium() as browser:
            yield browser
    except NoChromium as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


class Room:
    """Opens pages for people, each with cookies of their own."""

    def __init__(self, browser: Browser, shop: Shop) -> None:
        self._browser = browser
        self._shop = shop
        self._contexts: list[BrowserContext] = []

    def phone(
        self,
        *,
        java_script: bool = True,
        url: str = "",
        zone: str | None = None,
        language: str | None = None,
    ) -> Page:
        """A customer's phone, set to a time zone (None: to this machine's) and a language."""
        context = self._browser.new_context(
            viewport={"width": 390, "height": 844},
            java_script_enabled=java_script,
            base_url=url or self._shop.url,
            has_touch=True,
            timezone_id=zone,
            locale=language,
        )
        return self._page(context)

    def screen(self, *, width: int = 1920, height: int = 1080, url: str = "") -> Page:
        """A screen that nobody is logged in at."""
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, base_url=url or self._shop.url
        )
        return self._page(context)

    def staff(self, username: str, page: str, *, url: str = "") -> Page:
        """A staff screen, logged in, at that page."""
        return self.log_in(self.screen(url=url), username, page)

    def log_in(self, opened: Page, username: str, page: str) -> Page:
        """Log in on an open page, and go to that page."""
        opened.goto(f"/staff/login/?next={page}")
        opened.get_by_label("Name").fill(username)
        opened.get_by_label("Password").fill(self._shop.logins[username])
        opened.get_by_role("button", name="Log in").click()
        opened.wait_for_url(f"**{page}")
        return opened

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()

    def _page(self, context: BrowserContext) -> Page:
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        return context.new_page()


@pytest.fixture
def room(chromium: Browser, shop: Shop) -> Iterator[Room]:
    """Where the people of one test are."""
    opened = Room(chromium, shop)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def pictures() -> Path:
    """The folder for screenshots."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say where the pictures are."""
    if PICTURES.exists():
        terminalreporter.write_line(f"Screenshots: {PICTURES}")
