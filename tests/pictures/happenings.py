"""Pictures of what happens on a live screen: a refusal, an undo, a broken connection, a call.

Unlike a scene these need a second person, or a cable that is cut.
"""

from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.tcp_proxy import TcpProxy
from tests.pictures.camera import Camera, is_live
from tests.pictures.demo_day import DemoDay
from tests.pictures.scenes import BAR, BOARD
from tests.shop import Shop

NOTICED_MS = 20_000
LATER = 86_400.0
"""Seconds after the order: no command of the day is later than its `now`."""


def refused_and_undone(camera: Camera, day: DemoDay) -> None:
    """Somebody was quicker at the bar; then something of one's own is taken back."""
    page = camera.page(BAR)
    page.goto("/bar/")
    is_live(page)
    card = page.locator(f"#ticket-{day.orders['Ana'].id.hex}")
    late = day.orders["Jürgen"].taken(200, "ada")
    taken = page.locator(f"#ticket-{late.id.hex}")
    expect(taken.locator("button.ready")).to_be_visible()
    taken.locator("button.ready").click()
    expect(taken.locator("[data-message=refused]")).to_be_visible()
    camera.take(page, "bar-refused")
    card.locator("button.take").click()
    expect(page.locator(".undo")).to_be_visible()
    camera.take(page, "bar-undo")


def a_call(camera: Camera, day: DemoDay) -> None:
    """The board in the moment in which something is ready."""
    page = camera.page(BOARD)
    page.goto("/board/")
    is_live(page)
    page.wait_for_timeout(500)
    day.now = timezone.now()
    day.orders["Ana"].ready(LATER)
    expect(page.locator("[data-take-over]")).to_be_visible()
    camera.take(page, "board-call")


def a_broken_connection(camera: Camera, shop: Shop) -> None:
    """Bar, board and phone when nothing arrives any more, and when it is over."""
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        seats = {"bar": (BAR, "/bar/"), "board": (BOARD, "/board/")}
        pages = {name: camera.page(seat, proxy.url) for name, (seat, _) in seats.items()}
        for name, page in pages.items():
            page.goto(seats[name][1])
            is_live(page)
        proxy.freeze()
        for name, page in pages.items():
            expect(page.locator("#live-bar")).to_be_visible(timeout=NOTICED_MS)
            camera.take(page, f"{name}-stale")
        proxy.mend()
        for name, page in pages.items():
            expect(page.locator("#live-bar[data-kind=back]")).to_be_visible(timeout=NOTICED_MS)
            camera.take(page, f"{name}-back")
