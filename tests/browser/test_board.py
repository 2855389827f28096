"""The board on 43 inches: what is where and how large, what has just become ready, and aloud."""

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from projections.screens.pickup_board import READY_SHOWN
from tests.browser.conftest import Room
from tests.browser.measures import box, measured, size_of
from tests.browser.tcp_proxy import TcpProxy
from tests.browser.test_broken_connection import SAYS_SO_MS, says_that_it_is_live
from tests.shop import Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

CAPITAL = 0.727
"""The height of a capital letter of Inter, as a share of the font size."""

PIXEL_MM = 43 * 25.4 / math.hypot(16, 9) * 16 / 1920
"""One of 1920 pixels across 43 inches."""


def font_size(arc_minutes: float, metres: float) -> float:
    """Pixels of a type whose capitals have that height for an eye so far away."""
    height_mm = math.tan(math.radians(arc_minutes / 60)) * metres * 1000
    return height_mm / CAPITAL / PIXEL_MM


ELEVEN_MINUTES_AGO = """(each) => {
  each.dataset.readyAt = new Date(Date.now() - 11 * 60_000).toISOString();
}"""

NO_MOMENT_ENDS = "() => { performance.now = () => 0; }"
"""What is shown large for a moment stays large, while it is ready."""


class Bar:
    """Somebody who orders, and somebody who makes it, over HTTP."""

    def __init__(self, shop: Shop) -> None:
        self.customer, self.bao, self.ada = Visitor(shop), Visitor(shop), Visitor(shop)
        self.bao.log_in("bao", shop.logins["bao"], "/bar/")
        self.ada.log_in("ada", shop.logins["ada"], "/till/")
        self.placed: list[PlacedOrder] = []

    def order(self, name: str = "") -> PlacedOrder:
        self.placed.append(self.customer.order(name))
        return self.placed[-1]

    def ready(self, order: PlacedOrder) -> PlacedOrder:
        for action in ("take", "ready"):
            assert self.bao.press(f"/bar/{order.order}/{action}/").status_code < 300
        return order

    def bring_back(self, order: PlacedOrder) -> None:
        pressed = self.bao.press(f"/bar/{order.order}/bring-back/", reason="misbump")
        assert pressed.status_code < 300, pressed.text

    def clear(self) -> None:
        """Have nothing on the board: cancelled, or not collected."""
        while self.placed:
            order = self.placed.pop().order
            pressed = [
                self.ada.press(f"/till/{order}/{way}/", reason="x").status_code < 300
                for way in ("cancel", "not-collected")
            ]
            assert any(pressed), order


@pytest.fixture(scope="module")
def everybody(shop: Shop) -> Iterator[Bar]:
    opened = Bar(shop)
    yield opened
    for person in (opened.customer, opened.bao, opened.ada):
        person.client.close()


@pytest.fixture
def bar(everybody: Bar) -> Iterator[Bar]:
    """The bar, whose board is empty at first."""
    yield everybody
    everybody.clear()


def at_the_board(room: Room, script: str = "", url: str = "") -> Page:
    """A board that is live."""
    board = room.screen(url=url)
    if script:
        board.add_init_script(script)
    board.goto("/board/")
    says_that_it_is_live(board)
    return board


def entry(board: Page, order: PlacedOrder) -> Locator:
    return board.locator(f"#entry-{order.order}")


def test_ready_takes_most_of_the_board_and_can_be_read_from_four_metres(
    room: Room, bar: Bar
) -> None:
    making = bar.order("Bartholomew")
    ready = [bar.ready(bar.order(name)) for name in ("Christopher", "Ana", "Max", "Zoë", "Li")]
    board = at_the_board(room)
    left, right = box(board.locator(".making-side")), box(board.locator(".ready-side"))
    assert 0.60 <= right["width"] / 1920 <= 0.65
    assert left["x"] < right["x"]
    expect(board.locator("[data-slot=making]")).to_contain_text("Bartholomew")
    expect(board.locator("[data-slot=ready]")).not_to_contain_text("Bartholomew")

    shown = entry(board, ready[0])
    assert size_of(shown.locator(".number")) >= 140
    assert size_of(shown.locator(".entry-name")) >= font_size(20, metres=4)
    waiting = entry(board, making)
    for part in (".number", ".entry-name"):
        assert size_of(waiting.locator(part)) >= font_size(16, metres=4)
    for name in (shown.locator(".entry-name"), waiting.locator(".entry-name")):
        assert box(name)["height"] < 1.5 * size_of(name)  # not broken inside a word
    footer = box(board.locator(".board-feet"))
    assert footer["y"] + footer["height"] <= 1080 + 1
    expect(board.locator(".board-feet")).to_contain_text(re.compile(r"New orders now \d"))


def test_what_has_just_become_ready_is_shown_large_and_only_while_it_is(
    room: Room, bar: Bar
) -> None:
    order = bar.order("Grand Gus")
    board = at_the_board(room)
    board.evaluate(NO_MOMENT_ENDS)
    bar.ready(order)
    take_over = board.locator("[data-take-over]")
    expect(take_over).to_contain_text("Grand Gus")
    assert size_of(take_over.locator(".number")) >= 2 * 140
    assert box(take_over) == box(board.locator(".ready-side"))
    bar.bring_back(order)
    expect(take_over).to_be_hidden()
    expect(entry(board, order)).to_have_class(re.compile("making"))


def test_what_is_shown_large_stays_untouched_while_others_order(room: Room, bar: Bar) -> None:
    order, board = bar.order("Steady Stu"), at_the_board(room)
    board.evaluate(NO_MOMENT_ENDS)
    bar.ready(order)
    shown = board.locator("[data-take-over] p")
    expect(shown).to_contain_text("Steady Stu")
    measured(shown, "(each) => { each.isTheSame = true; }")
    later = bar.order("Later Lin")
    expect(entry(board, later)).to_be_visible()
    assert measured(shown, "(each) => each.isTheSame") is True


def test_two_of_one_name_are_told_apart_by_their_numbers(room: Room, bar: Bar) -> None:
    twins = [bar.ready(bar.order("Twin Tess")) for _ in range(2)]
    board = at_the_board(room)
    numbers = {entry(board, twin).locator(".number").inner_text() for twin in twins}
    assert len(numbers) == 2
    for twin in twins:
        expect(entry(board, twin).locator(".entry-name")).to_have_text("Twin Tess")


def test_after_ten_minutes_a_number_is_small_and_makes_room(room: Room, bar: Bar) -> None:
    kept = bar.ready(bar.order("Late Lea"))
    board = at_the_board(room)
    shown = entry(board, kept)
    large = size_of(shown.locator(".number"))
    assert large >= 140
    measured(shown, ELEVEN_MINUTES_AGO)
    expect(shown).to_have_attribute("data-small", "", timeout=15_000)
    assert font_size(16, metres=4) <= size_of(shown.locator(".number")) < large
    label = "(list) => getComputedStyle(list, '::before').content"
    assert board.locator("[data-slot=ready]").evaluate(label) == '"Still waiting:"'
    strip, others = box(shown), board.locator("[data-slot=ready] .entry:not([data-small])")
    assert all(box(other)["y"] < strip["y"] for other in others.all())


def test_a_crowd_of_ready_orders_stays_above_the_footer(room: Room, bar: Bar) -> None:
    board = at_the_board(room)
    for number in range(1, 18):
        bar.ready(bar.order(f"Longish No {number}"))
        if number in (9, 17):
            expect(entry(board, bar.placed[-1])).to_have_attribute("data-alert", "ready")
            assert_can_be_read(board, min(number, READY_SHOWN))


def assert_can_be_read(board: Page, count: int) -> None:
    """So many numbers, and how many there are besides, stand above the footer of the board."""
    entries = board.locator("[data-slot=ready] .entry")
    expect(entries).to_have_count(count)
    assert board.locator("[data-slot=ready] .entry:not([data-small])").count() in (2, 4, 6)
    foot = box(board.locator(".board-feet"))["y"]
    for shown in [*entries.all(), *board.locator("#more-ready:visible").all()]:
        assert box(shown)["y"] + box(shown)["height"] <= foot


def test_what_finds_room_again_is_not_called_a_second_time(room: Room, bar: Bar) -> None:
    board = at_the_board(room)
    board.evaluate(NO_MOMENT_ENDS)
    crowd = [bar.ready(bar.order(f"Called {number}")) for number in range(1, 18)]
    expect(entry(board, crowd[-1])).to_have_attribute("data-alert", "ready")
    expect(entry(board, crowd[0])).to_have_count(0)
    bar.bring_back(crowd[-1])
    expect(entry(board, crowd[0])).to_have_attribute("data-alert", "ready")
    take_over = board.locator("[data-take-over]")
    expect(take_over).to_contain_text("Called 16")
    expect(take_over.get_by_text("Called 1", exact=True)).to_have_count(0)


def test_without_a_connection_the_last_state_stays_dimmed_with_its_time(
    room: Room, shop: Shop, bar: Bar
) -> None:
    order = bar.ready(bar.order("Still Here"))
    with TcpProxy(int(shop.url.rpartition(":")[2])) as proxy:
        board = at_the_board(room, url=proxy.url)
        main = board.locator("main.board")
        assert float(main.evaluate("(each) => getComputedStyle(each).opacity")) == 1
        proxy.freeze()
        expect(board.locator("#live-bar")).to_contain_text(
            re.compile(r"Last known \d\d:\d\d, \d+ seconds ago"), timeout=SAYS_SO_MS
        )
        expect(entry(board, order)).to_be_visible()
        assert 0.3 < float(main.evaluate("(each) => getComputedStyle(each).opacity")) < 0.8


def test_the_picture_drifts_by_two_pixels_every_five_minutes(room: Room) -> None:
    board = room.screen()
    board.clock.install()
    board.goto("/board/")
    places = set()
    for _ in range(4):
        board.clock.run_for(5 * 60_000)
        moved = "(each) => getComputedStyle(each).transform"
        places.add(board.locator("main.board").evaluate(moved))
    assert places == {
        *("matrix(1, 0, 0, 1, 2, 0)", "matrix(1, 0, 0, 1, 2, 2)", "matrix(1, 0, 0, 1, 0, 2)"),
        "none",
    }


HEARD = """
window.heard = [];
speechSynthesis.speak = (utterance) => {
  window.heard.push([utterance.text, utterance.lang]);
  setTimeout(() => utterance.onend?.(), 300);
};
"""


def heard(board: Page) -> list[Any]:
    found: list[Any] = board.evaluate("() => window.heard")
    return found


def test_names_are_called_aloud_only_where_somebody_asked_for_it(room: Room, bar: Bar) -> None:
    board = at_the_board(room, HEARD)
    silent = at_the_board(room, HEARD)
    board.get_by_role("button", name="Call names aloud").click()
    expect(board.get_by_role("button", name="Stop calling names")).to_be_visible()
    first, second, gone = (bar.order(name) for name in ("Loud Lou", "", "Gone Gil"))
    for order in (first, second):
        bar.ready(order)
    expect(entry(board, second)).to_have_attribute("data-alert", "ready")
    bar.ready(gone)
    bar.bring_back(gone)
    numbers = [int(entry(board, each).locator(".number").inner_text()) for each in (first, second)]
    board.wait_for_function("() => window.heard.length >= 2")
    board.wait_for_timeout(2_000)
    assert heard(board) == [[f"Order {numbers[0]}, Loud Lou", "en"], [f"Order {numbers[1]}", "en"]]
    assert heard(silent) == []
    board.reload()
    expect(board.get_by_role("button", name="Stop calling names")).to_be_visible()
