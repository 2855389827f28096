"""What asks for attention at the bar: sounds, the title of the tab, what stands there too long."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Room
from tests.browser.people import order_coffee

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

EARS = """
  window.heard = [];
  window.AudioContext = class {
    state = "running";
    currentTime = 0;
    destination = {};
    resume() { return Promise.resolve(); }
    createGain() {
      const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
      return { gain, connect: (next) => next };
    }
    createOscillator() {
      const frequency = { value: 0 };
      const start = () => heard.push(frequency.value);
      return { frequency, connect: (next) => next, start, stop() {} };
    }
  };
  const every = window.setInterval;
  window.setInterval = (work, milliseconds, ...more) => {
    if (milliseconds === 30000 && !more.length) window.halfAMinuteLater = work;
    return every(work, milliseconds, ...more);
  };
"""
"""In place of a loudspeaker: what pitches were played, and the repetition without the wait."""

NEW = [660, 880]


def heard(page: Page) -> list[int]:
    """What was played since this was asked last."""
    pitches: list[int] = page.evaluate("window.heard.splice(0)")
    return pitches


def bar_with_ears(room: Room) -> Page:
    """The bar, with the shift not started yet."""
    page = room.screen()
    page.add_init_script(EARS)
    return room.log_in(page, "bao", "/bar/")


def test_a_new_order_is_heard_until_somebody_takes_it(room: Room) -> None:
    bar = bar_with_ears(room)
    quiet = order_coffee(room.phone(), "Before")
    expect(bar.locator(f"#ticket-{quiet}")).to_be_visible()
    assert heard(bar) == []  # no browser lets a page make a noise before a gesture

    bar.get_by_role("button", name="Tap to start shift").click()
    order = order_coffee(room.phone(), "Heard")
    expect(bar.locator(f"#ticket-{order}")).to_be_visible()
    assert heard(bar) == NEW
    bar.evaluate("halfAMinuteLater()")
    assert heard(bar) == NEW

    for waiting in (quiet, order):
        bar.locator(f"#ticket-{waiting}").get_by_role("button", name="Take").click()
        expect(bar.locator(f"#ticket-{waiting}[data-state=making]")).to_be_visible()
    heard(bar)
    bar.evaluate("halfAMinuteLater()")
    assert heard(bar) == []


def test_mute_is_mute_and_a_test_is_heard(room: Room) -> None:
    bar = bar_with_ears(room)
    bar.get_by_role("button", name="Tap to start shift").click()
    bar.get_by_role("button", name="Mute 15 min").click()
    order = order_coffee(room.phone(), "Muted")
    expect(bar.locator(f"#ticket-{order}")).to_be_visible()
    assert heard(bar) == []

    bar.keyboard.press("?")
    bar.get_by_role("dialog").get_by_role("button", name="Stop").click()
    assert heard(bar) == [784, 587, 392]


def test_the_tab_says_how_many_are_to_be_made(room: Room) -> None:
    bar = room.log_in(room.screen(), "bao", "/bar/")
    before = bar.locator("[data-slot=queue] > .ticket").count()
    order = order_coffee(room.phone(), "Counted")
    expect(bar.locator(f"#ticket-{order}")).to_be_visible()
    expect(bar).to_have_title(f"({before + 1}) Bar")


def test_what_is_ready_and_still_here_says_so_after_a_while(room: Room) -> None:
    bar = room.log_in(room.screen(), "bao", "/bar/")
    order = order_coffee(room.phone(), "Standing")
    card = bar.locator(f"#ticket-{order}")
    card.get_by_role("button", name="Take").click()
    card.get_by_role("button", name="Ready").click()
    still_here = bar.locator(f"#done-{order} [data-shown-from]")
    expect(still_here).to_be_hidden()
    still_here.evaluate("(element) => { element.dataset.shownFrom = '2020-01-01T00:00:00Z'; }")
    expect(still_here).to_have_text("STILL HERE")
    expect(still_here).to_be_visible()


def test_a_choice_of_when_a_card_asks_for_attention_reaches_open_cards(room: Room) -> None:
    bar = room.log_in(room.screen(), "bao", "/bar/")
    order = order_coffee(room.phone(), "Amber")
    card = bar.locator(f"#ticket-{order}")
    expect(card).to_have_attribute("data-age", "fresh")
    said = bar.locator(".feet [data-amber-percent]")
    said.evaluate("(element) => { element.dataset.amberPercent = '0.001'; }")
    expect(card).to_have_attribute("data-age", "amber")
