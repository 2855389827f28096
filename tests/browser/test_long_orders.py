"""A long order on the bar's screen: every line of it can be read, whatever the screen's size."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room
from tests.browser.measures import measured

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

SCREENS = {"desktop": (1920, 1080), "tablet": (1180, 820), "portrait": (820, 1180)}
UNREADABLE = """
(ticket) => {
  const whole = ticket.classList.contains("torn") ? ticket.querySelector(".rest") : ticket;
  const foot = ticket.querySelector(".what-next").getBoundingClientRect();
  if (foot.bottom > whole.getBoundingClientRect().bottom + 1) return ["the button"];
  return [...ticket.querySelectorAll(".line")].filter((line) => {
    const lines = line.closest(".lines");
    const [at, box] = [line.getBoundingClientRect(), lines.getBoundingClientRect()];
    const reach = lines.scrollHeight - lines.clientHeight;  // what a finger can scroll
    const isCut = at.right > box.right + 2 || at.bottom > box.bottom + reach + 2;
    return at.height === 0 || box.height < at.height / 2 || isCut;
  }).map((line) => line.textContent.trim());
}
"""


def order_many(phone: Page, name: str, lines: int) -> str:
    """One order of so many different things, with an extra in each where there are any."""
    phone.goto("/")
    choices = [
        item.get_attribute("href") or ""
        for item in phone.locator("a.item:not(.sold-out)").all()[:lines]
    ]
    assert len(choices) == lines
    for choice in choices:
        phone.goto(choice)
        extra = phone.locator("input[type=checkbox]")
        if extra.count():
            extra.first.check(force=True)
        phone.get_by_role("button", name=re.compile("^Add")).click()
        phone.wait_for_load_state()
    phone.goto("/basket/")
    phone.get_by_label("Name for the cup").fill(name)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    return phone.locator("#tracking").get_attribute("data-order") or ""


def test_no_line_of_an_order_is_hidden(room: Room) -> None:
    phone = room.phone()
    # More lines than that have to be for later.
    orders = [order_many(phone, f"Table {lines}", lines) for lines in (2, 4, 7, 10)]

    for size, (width, height) in SCREENS.items():
        bar = room.log_in(room.screen(width=width, height=height), "bao", "/bar/")
        for order in orders:
            ticket = bar.locator(f"#ticket-{order}")
            expect(ticket).to_be_attached()
            hidden = measured(ticket, UNREADABLE)
            assert hidden == [], f"{size}: {hidden}"


BUTTON_ALONE = """
(ticket) => ticket.classList.contains("torn") && !ticket.querySelector(".rest .line")
"""


def test_no_button_stands_in_a_cell_of_its_own(room: Room) -> None:
    phone = room.phone()
    phone.goto("/menu/flat-white/")
    phone.locator("input[value=oat-milk]").check(force=True)
    for item in ("", "/menu/butter-croissant/", "/menu/espresso/"):
        if item:
            phone.goto(item)
        phone.get_by_role("button", name=re.compile("^Add")).click()
        phone.wait_for_load_state()
    phone.goto("/basket/")
    phone.get_by_label("Name for the cup").fill("Wolfeschlegelstein Hausenberg")
    phone.get_by_label("A wish?").fill("extra hot, please")
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    order = phone.locator("#tracking").get_attribute("data-order")

    bar = room.staff("bao", "/bar/")
    ticket = bar.locator(f"#ticket-{order}")
    expect(ticket).to_be_attached()
    for height in range(760, 1160, 40):
        bar.set_viewport_size({"width": 1920, "height": height})
        bar.wait_for_timeout(200)
        assert not measured(ticket, BUTTON_ALONE), height
        assert measured(ticket, UNREADABLE) == [], height


HOLES = """
(queue) => {
  const boxes = [...queue.children].flatMap((card) => card.classList.contains("torn")
    ? [...card.children] : [card]).map((part) => part.getBoundingClientRect());
  const columns = getComputedStyle(queue).gridTemplateColumns.split(" ").length;
  return boxes.slice(0, -1).filter((box, index) =>
    (index + 1) % columns && Math.abs(boxes[index + 1].top - box.top) > 4).length;
}
"""


def test_a_torn_order_leaves_no_hole_in_the_queue(room: Room) -> None:
    phone = room.phone()
    for name, lines in (("Ada", 1), ("Ben", 1), ("Cleo", 1), ("A whole table", 7), ("Eve", 1)):
        order_many(phone, name, lines)

    bar = room.log_in(room.screen(width=1920, height=1080), "bao", "/bar/")

    expect(bar.locator(".ticket.torn").first).to_be_attached()
    assert measured(bar.locator(".queue"), HOLES) == 0
    torn = bar.locator(".ticket.torn").last
    order = torn.get_attribute("data-order")
    torn.get_by_role("button", name="Take").click()
    expect(bar.locator(f"#ticket-{order}")).to_have_attribute("data-state", "making")
    expect(bar.locator(f"#ticket-{order}.torn")).to_be_attached()
