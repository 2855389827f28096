"""An order is changed, something runs out, a recipe is read: at the bar and on the phone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Room
from tests.browser.people import choose_by_key, order_coffee

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

LOW_DOUBLES = """
window.lowTones = 0;
const make = AudioContext.prototype.createOscillator;
AudioContext.prototype.createOscillator = function () {
  const tone = make.call(this);
  const start = tone.start;
  tone.start = function (...at) {
    if (Math.round(tone.frequency.value) === 294) window.lowTones += 1;
    return start.apply(this, at);
  };
  return tone;
};
"""


def order_two(phone: Page, name: str, milk: str = "Oat milk") -> str:
    """A flat white with that milk, and a croissant."""
    phone.goto("/menu/flat-white/")
    phone.get_by_label(re.compile(f"^{milk}")).check()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/menu/butter-croissant/")
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/basket/")
    phone.get_by_label("Name for the cup").fill(name)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    order = phone.locator("#tracking").get_attribute("data-order")
    assert order
    return order


def have_an_espresso_instead_of_the_croissant(phone: Page) -> None:
    phone.locator("section", has=phone.locator("#change")).get_by_role("link").click()
    phone.get_by_role("button", name=re.compile("^Remove .*Croissant")).click()
    phone.get_by_text("Add something").click()
    phone.get_by_role("link", name=re.compile("^Espresso")).click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.get_by_role("button", name=re.compile("^Change the order")).click()
    phone.wait_for_url("**/o/*/?after=*")


def card_of(bar: Page, order: str) -> Locator:
    return bar.locator(f"#ticket-{order}")


def test_a_changed_order_shows_its_difference_for_a_minute_with_one_sound(room: Room) -> None:
    phone = room.phone()
    order = order_two(phone, "Changing Chris")
    bar = room.screen()
    bar.add_init_script(LOW_DOUBLES)
    room.log_in(bar, "bao", "/bar/")
    bar.get_by_role("button", name=re.compile("^Tap to start")).click()
    card = card_of(bar, order)
    expect(card).to_be_visible()
    have_an_espresso_instead_of_the_croissant(phone)
    expect(phone.locator("#tracking")).to_contain_text("Espresso")
    expect(card.get_by_text("CHANGED")).to_be_visible()
    expect(card.locator(".line", has_text="Espresso")).to_contain_text("NEW")
    expect(card.locator(".line.removed")).to_contain_text("Croissant")
    expect(card.locator(".line", has_text="Flat")).not_to_contain_text("NEW")
    bar.wait_for_timeout(700)
    assert bar.evaluate("() => window.lowTones") == 2  # a low double, once
    over = "(card) => card.querySelectorAll('[data-shown-until]').forEach((e) => {"
    card.evaluate(over + " e.dataset.shownUntil = '2026-01-01T00:00:00Z' })")
    expect(card.get_by_text("CHANGED")).to_be_hidden()
    expect(card.locator(".line.removed")).to_be_hidden()
    expect(card.get_by_text("NEW")).to_be_hidden()
    assert bar.evaluate("() => window.lowTones") == 2


def test_what_has_run_out_is_said_from_the_card_with_two_taps_and_asked_everywhere(
    room: Room,
) -> None:
    phone = room.phone()
    order = order_two(phone, "Soya Sophie", "Soy milk")
    bar = room.log_in(room.screen(), "bao", "/bar/")
    card = card_of(bar, order)
    expect(card.get_by_text("ASK THE CUSTOMER")).to_be_hidden()
    card.get_by_role("link", name=re.compile("^Flat")).click()
    sheet = bar.get_by_role("dialog")
    expect(sheet).to_contain_text("2 ristretto shots")
    sheet.get_by_role("group", name="Soy milk").get_by_role("button", name="Today").click()
    expect(sheet).to_be_hidden()
    expect(card).to_contain_text("ASK THE CUSTOMER – out of Soy milk")
    notice = phone.locator("#run-out")
    expect(notice).to_contain_text("We have run out of Soy milk.")
    expect(notice.get_by_role("link", name="Change")).to_be_visible()
    card.get_by_role("button", name="Take", exact=True).click()
    expect(notice.get_by_role("link", name="Change")).to_be_hidden()
    expect(card).to_contain_text("ASK THE CUSTOMER")
    choose_by_key(bar, order)
    bar.keyboard.press("i")
    sheet.get_by_role("button", name="Back in stock").click()
    expect(card.get_by_text("ASK THE CUSTOMER")).to_be_hidden()
    expect(notice).not_to_contain_text("run out")


def press_odd_key(bar: Page, code: str) -> None:
    """A key of a bump bar that has no name: `Unidentified`."""
    bar.evaluate(
        """(code) => document.body.dispatchEvent(new KeyboardEvent("keydown",
            {key: "Unidentified", code, bubbles: true, cancelable: true}))""",
        code,
    )


def test_a_bump_bar_gets_its_own_keys(room: Room) -> None:
    order = order_coffee(room.phone(), "Bumped Bea")
    bar = room.log_in(room.screen(), "bao", "/bar/")
    expect(card_of(bar, order)).to_be_visible()
    bar.keyboard.press("?")
    dialog = bar.get_by_role("dialog")
    said = dialog.locator("[data-key-said]")
    dialog.get_by_role("button", name=re.compile("^Enter: take or ready")).click()
    bar.keyboard.press("h")
    expect(said).to_contain_text("H is for: hold.")
    press_odd_key(bar, "IntlRo")
    expect(said).to_have_text("IntlRo is now for: take or ready.")
    dialog.get_by_role("button", name=re.compile("^H: hold")).click()
    bar.keyboard.press("F9")
    bar.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    bar.reload()  # the device keeps it
    card = card_of(bar, order)
    choose_by_key(bar, order)
    bar.keyboard.press("Enter")
    bar.keyboard.press("h")
    expect(card.get_by_role("button", name="Take", exact=True)).to_be_visible()
    expect(bar.get_by_role("dialog")).to_be_hidden()
    bar.keyboard.press("F9")
    expect(bar.get_by_role("dialog")).to_contain_text("Hold")
    bar.keyboard.press("Escape")
    press_odd_key(bar, "IntlRo")
    expect(card.locator("button.ready")).to_be_visible()

    bar.keyboard.press("?")
    bar.get_by_role("button", name="All keys as in a new shop").click()
    expect(bar.get_by_role("button", name=re.compile("^Enter: take or ready"))).to_be_visible()
    bar.keyboard.press("Escape")
    bar.keyboard.press("h")
    expect(bar.get_by_role("dialog")).to_contain_text("Hold")


def test_the_button_charges_what_a_changed_order_costs(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Two Tabs")
    pay = phone.get_by_role("button", name=re.compile("^Pay .* by card$"))
    expect(phone.locator("[data-live]")).to_have_attribute("data-live-state", "live")
    before = pay.inner_text()
    elsewhere = phone.context.new_page()
    elsewhere.goto(phone.url.partition("?")[0] + "change/?start=1")
    elsewhere.get_by_role("button", name=re.compile("^One .* more$")).click()
    elsewhere.get_by_role("button", name=re.compile("^Change the order")).click()
    elsewhere.wait_for_url("**/o/**/?after=*")
    expect(pay).not_to_have_text(before)
    amount = phone.locator(".money .number").inner_text()
    expect(pay).to_have_text(f"Pay {amount} by card")
    pay.click()
    expect(phone.locator(".money-said")).to_have_text("✓ Paid.")


def test_a_cancelled_order_says_when_its_money_is_back(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Money Back")
    phone.locator("#card_token").select_option(label="Charge, but answer late")
    phone.get_by_role("button", name=re.compile("^Pay .* by card$")).click()
    phone.get_by_role("button", name="Cancel the order").click()
    expect(phone.locator(".said")).to_contain_text("The card payment is being undone.")
    expect(phone.locator(".said")).to_contain_text("was given back.", timeout=30_000)


def test_a_refused_basket_goes_on_following_what_is_sold_out(room: Room) -> None:
    stock = room.staff("bao", "/bar/sold-out/")
    bagel = stock.locator("form[action='/bar/sold-out/item/bagel/']")
    phone = room.phone()
    phone.goto("/menu/bagel/")
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/basket/")
    bagel.get_by_role("button", name="1 hour").click()
    line = phone.locator("#basket-lines .wrong")
    expect(line).to_be_visible()
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    expect(phone.get_by_role("alert")).to_contain_text("sold out")
    stock.goto("/bar/sold-out/")
    bagel.get_by_role("button", name=re.compile("back", re.IGNORECASE)).click()
    expect(line).to_be_hidden()


def test_who_has_it_reads_that_it_is_made_again(room: Room) -> None:
    phone = room.phone()
    order = order_coffee(phone, "Spilled Sue")
    phone.get_by_role("button", name=re.compile("^Pay .* by card$")).click()
    bar = room.staff("bao", "/bar/")
    card = card_of(bar, order)
    card.get_by_role("button", name="Take", exact=True).click()
    card.get_by_role("button", name=re.compile("^Ready")).click()
    phone.get_by_role("button", name="I've got it").click()
    expect(phone.locator(".said")).to_have_text("Enjoy!")
    done = bar.locator(f"#done-{order}")
    done.get_by_text("Remake").click()
    done.get_by_role("button", name="Spilled").click()
    expect(phone.locator(".said")).to_contain_text("We make it again, before all others")
    expect(phone.get_by_role("button", name="Tell me when it is ready")).to_be_visible()


def test_a_menu_gone_back_to_shows_the_basket(room: Room) -> None:
    """Phones keep a page as it was left, and show it again without asking the shop."""
    phone = room.phone()
    phone.goto("/")
    expect(phone.locator(".basket-bar")).to_have_count(0)
    elsewhere = phone.context.new_page()
    elsewhere.goto("/menu/bagel/")
    elsewhere.get_by_role("button", name=re.compile("^Add")).click()
    elsewhere.wait_for_url("**/#to-eat")
    phone.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(phone.locator(".basket-bar")).to_be_visible()
