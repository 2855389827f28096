"""An order in German and one in Arabic, from the menu to the counter, on phone and board."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

STICKING_OUT = """
() => {
  const end = document.documentElement.clientWidth;
  return [...document.querySelectorAll("body *")]
    .filter((each) => {
      const { left, right, width } = each.getBoundingClientRect();
      const scrolls = each.closest(".tabs, .out-of-sight, .skip, [hidden]");
      return width > 1 && !scrolls && (right > end + 1 || left < -1);
    })
    .map((each) => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 40)}`);
}
"""

OFF_THE_CARD = """
() => [...document.querySelectorAll("#basket-lines :is(a, button)")].filter((each) => {
  const [own, card] = [each, each.closest(".sheet")].map((box) => box.getBoundingClientRect());
  return own.right > card.right || own.left < card.left;
}).map((each) => each.textContent.trim())
"""

BESIDE_THE_NAME = """
() => [...document.querySelectorAll(".basket-line")].flatMap((line) => {
  const begin = (box) => {
    const { left, right } = box.getBoundingClientRect();
    return Math.round(document.dir === "rtl" ? right : left);
  };
  const name = begin(line.querySelector(".name"));
  return [...line.querySelectorAll(".options")].map(begin).filter((each) => each !== name);
})
"""

SPOKEN = [
    (
        "de",
        "ltr",
        {
            "ask": "Was darf es sein?",
            "latte": "Espresso mit viel Milch",
            "price": "5,10\u00a0€",
            "add": "In den Korb",
            "queue": "In der Warteschlange.",
            "making": "bereitet es gerade zu.",
            "ready": "Fertig – Abholung: Ende der Bar",
            "board": "Fertig",
        },
    ),
    (
        "ar",
        "rtl",
        {
            "ask": "ماذا نقدّم لك؟",
            "latte": "إسبريسو مع كثير من الحليب",
            "price": "\u200f5.10\u00a0€",
            "add": "إضافة",
            "queue": "في قائمة الانتظار.",
            "making": "بتحضيره الآن.",
            "ready": "جاهز – مكان الاستلام: نهاية البار",
            "board": "جاهز",
        },
    ),
]


def fits(page: Page) -> None:
    """Nothing sticks out, neither at the size of a phone nor at 200 % of it."""
    size = page.viewport_size
    assert size is not None
    for zoom in (1, 2):
        page.set_viewport_size({"width": size["width"] // zoom, "height": size["height"] // zoom})
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert page.evaluate(STICKING_OUT) == []
        assert wide <= size["width"] // zoom
    page.set_viewport_size(size)


@pytest.mark.parametrize(("language", "direction", "words"), SPOKEN)
def test_an_order_from_the_menu_to_the_counter(
    room: Room, language: str, direction: str, words: dict[str, str]
) -> None:
    phone = room.phone(language=language)
    phone.goto("/")
    expect(phone.locator("html")).to_have_attribute("dir", direction)
    expect(phone.get_by_role("heading", name=words["ask"])).to_be_visible()
    fits(phone)
    phone.locator("a.item", has_text=words["latte"]).click()
    fits(phone)
    phone.locator("input[name=size][value=large]").check()
    add = phone.locator(".add-bar button")
    expect(add).to_have_text(re.compile(f"^{words['add']} · {words['price']}$"))
    add.click()
    phone.goto("/basket/")
    fits(phone)
    phone.locator("#name").fill("Zoë")
    phone.locator("button.big").click()
    phone.wait_for_url("**/o/**")
    said = phone.locator("#tracking .said")
    expect(said).to_have_text(words["queue"])
    fits(phone)
    order = phone.locator("#tracking").get_attribute("data-order")
    card = room.staff("bao", "/bar/").locator(f"#ticket-{order}")
    expect(phone.locator("[data-if=mayCancel]")).to_be_visible()
    card.get_by_role("button", name="Take").click()
    expect(phone.locator("[data-if=mayAsk]")).to_be_visible()
    expect(phone.locator("[data-if=mayCancel]")).to_be_hidden()
    expect(said).to_contain_text(words["making"])
    card.get_by_role("button", name=re.compile("^Ready")).click()
    expect(said).to_have_text(words["ready"])
    fits(phone)
    board = room.screen()
    board.goto(f"/board/?lang={language}")
    expect(board.locator("#ready-heading")).to_have_text(words["board"])
    expect(board.locator(f"#entry-{order}")).to_be_visible()
    fits(board)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_the_buttons_of_a_change_stay_on_their_card(room: Room, language: str) -> None:
    phone = room.phone(language=language)
    order_coffee_by(phone)
    phone.goto(phone.url.partition("?")[0] + "change/?start=1")
    fits(phone)
    assert phone.evaluate(OFF_THE_CARD) == []
    assert phone.evaluate(BESIDE_THE_NAME) == []


def order_coffee_by(phone: Page) -> None:
    """Order the first thing of the menu, in whatever language."""
    phone.goto("/")
    phone.locator("a.item").first.click()
    phone.locator("input[name=one-sugar][value=no-sugar]").check()
    phone.locator("details.for-whom summary").click()
    phone.locator("#cup").fill("Helen")
    phone.locator("#note").fill("half a spoon of honey beside it")
    phone.locator(".add-bar button").click()
    phone.goto("/basket/")
    assert phone.evaluate(BESIDE_THE_NAME) == []
    phone.locator("button.big").click()
    phone.wait_for_url("**/o/**")


def test_the_switch_changes_the_page_and_stays(room: Room) -> None:
    phone = room.phone(language="en")
    phone.goto("/menu/flat-white/")
    phone.get_by_role("button", name="العربيّة").click()
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    assert phone.url.endswith("/menu/flat-white/")
    phone.goto("/")
    expect(phone.locator("html")).to_have_attribute("lang", "ar")
    phone.get_by_role("button", name="English").click()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
