"""The customer's phone: told when the order is ready, installed, and without a connection."""

import json
import re
import time
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Room
from tests.browser.measures import measured, size_of
from tests.browser.people import make, order_coffee, take
from tests.browser.tcp_proxy import TcpProxy
from tests.browser.test_for_everybody import findings, sideways
from tests.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

SPIED = """
window.told = [];
const tell = (what, ...more) => window.told.push([what, ...more]);
navigator.vibrate = (pattern) => tell("vibration", pattern.length);
class Quiet {
  state = "suspended"; currentTime = 0; destination = {};
  async resume() { this.state = "running"; tell("unlocked", navigator.userActivation.isActive); }
  createOscillator() {
    const tone = {frequency: {}, connect: () => ({connect: () => null}), stop: () => null};
    tone.start = () => tell("tone", tone.frequency.value);
    return tone;
  }
  createGain() {
    return {gain: {setValueAtTime: () => null, exponentialRampToValueAtTime: () => null},
            connect: () => null};
  }
}
window.AudioContext = Quiet;
let permission = "default";
Object.defineProperty(Notification, "permission", {get: () => permission});
Notification.requestPermission = async () => { tell("asked"); return (permission = ANSWER); };
ServiceWorkerRegistration.prototype.showNotification = async (title, options) =>
  tell("notification", title, options.body, options.data.address);
const awake = () => { tell("awake"); return {released: false, release() { tell("asleep"); }}; };
Object.defineProperty(navigator, "wakeLock", {value: {request: async () => awake()}});
let isHidden = false;
Object.defineProperty(document, "hidden", {get: () => isHidden});
window.look = (away) => { isHidden = away; document.dispatchEvent(new Event("visibilitychange")); };
"""

INLINE = """() => {
  const script = document.createElement("script");
  script.textContent = "window.ran = true";
  document.body.append(script);
  return window.ran ?? null;
}"""

LINES = """(each) => {
  const style = getComputedStyle(each);
  return each.getBoundingClientRect().height / parseFloat(style.lineHeight);
}"""
"""How many lines a text takes."""


def spied(room: Room, answer: str = "granted") -> Page:
    """A phone that writes down by what means it is told something."""
    phone = room.phone()
    phone.add_init_script(SPIED.replace("ANSWER", json.dumps(answer)))
    return phone


def told(phone: Page) -> list[list[Any]]:
    """By what means, in their order."""
    found: list[list[Any]] = phone.evaluate("() => window.told")
    return found


def kinds(phone: Page) -> list[str]:
    return [kind for kind, *_ in told(phone)]


def tell_me(phone: Page) -> Locator:
    return phone.get_by_role("button", name="Tell me when it is ready")


def kept(phone: Page) -> list[str]:
    """The addresses in the cache, without those of files."""
    addresses: list[str] = phone.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            for (const {url} of await (await caches.open(name)).keys()) {
              found.push(new URL(url).pathname);
            }
          }
          return found.filter((path) => !path.startsWith("/static/"));
        }"""
    )
    return addresses


def wait_until(phone: Page, expression: str, argument: object = None) -> None:
    """Until an asynchronous function says true (15 s); Playwright takes its promise for true."""
    deadline = time.monotonic() + 15
    while not phone.evaluate(expression, argument):
        assert time.monotonic() < deadline, expression
        time.sleep(0.1)


def wait_until_kept(phone: Page, path: str, words: str = "") -> None:
    """Until the page has put itself into the cache, with these words on it."""
    wait_until(
        phone,
        """async ([path, words]) => {
          await navigator.serviceWorker.ready;
          const page = await caches.match(path);
          return Boolean(page) && (await page.text()).includes(words);
        }""",
        [path, words],
    )


def path_of(phone: Page) -> str:
    path: str = phone.evaluate("() => location.pathname")
    return path


def offline(phone: Page) -> BrowserContext:
    phone.context.set_offline(True)
    return phone.context


def test_whoever_asked_is_told_by_all_means_and_once(room: Room) -> None:
    phone, bar = spied(room), room.staff("bao", "/bar/")
    order = order_coffee(phone, "Told Tom")
    expect(phone.locator("[data-live]")).to_have_attribute("data-live-state", "live")
    tell_me(phone).click()
    expect(tell_me(phone)).to_be_hidden()
    expect(phone.locator("[data-told=aside]")).to_be_visible()
    assert sorted(kinds(phone)) == ["asked", "awake", "unlocked"]
    assert ["unlocked", True] in told(phone)  # while the tap still counts

    phone.evaluate("() => look(true)")
    make(bar, order)
    expect(phone).to_have_title(re.compile(r"^☕ READY \d+"))
    number = phone.locator("#tracking .number").first.inner_text()
    phone.wait_for_function("() => window.told.some(([kind]) => kind === 'notification')")
    phone.wait_for_function("() => window.told.some(([kind]) => kind === 'tone')")
    assert sorted(set(kinds(phone)[3:])) == ["asleep", "notification", "tone", "vibration"]
    title, body, address = next(more for kind, *more in told(phone) if kind == "notification")
    assert title.startswith(f"☕ READY {number}")
    assert body.startswith("Ready – please pay €")
    assert address == path_of(phone)

    phone.reload()
    expect(phone.locator("#tracking .ready-card")).to_be_visible()
    expect(phone.locator("[data-live]")).to_have_attribute("data-live-state", "live")
    assert told(phone) == []
    expect(tell_me(phone)).to_be_hidden()


def test_the_ready_page_is_green_with_a_large_number_and_goes_back_when_it_is_brought_back(
    room: Room,
) -> None:
    phone, bar = spied(room), room.staff("bao", "/bar/")
    order = order_coffee(phone, "Green Gina")
    usual = phone.evaluate("() => getComputedStyle(document.body).backgroundColor")
    tell_me(phone).click()
    expect(phone.locator("[data-told=aside]")).to_be_visible()
    make(bar, order)
    number = phone.locator(".ready-card .number").first
    expect(number).to_be_visible()
    assert size_of(number) >= 120
    digits = phone.locator(".ready-card .check .number")
    assert size_of(digits) < 60
    green = "() => getComputedStyle(document.body).backgroundColor"
    assert phone.evaluate(green) == "rgb(24, 122, 67)"
    assert "notification" not in kinds(phone)  # the page is in front
    assert "tone" in kinds(phone)
    assert findings(phone) == []

    bar.keyboard.press("r")
    expect(phone.locator("#tracking .ready-card")).to_have_count(0)
    assert phone.evaluate(green) == usual
    expect(phone).not_to_have_title(re.compile("READY"))
    expect(phone.locator("[data-told=aside]")).to_be_visible()
    before = kinds(phone).count("vibration")
    make(bar, order, taken=True)
    expect(phone.locator("#tracking .ready-card")).to_be_visible()
    assert kinds(phone).count("vibration") == before + 1
    assert sideways(phone) == []
    assert measured(number, LINES) == pytest.approx(1, abs=0.5)


def test_who_did_not_ask_hears_nothing(room: Room) -> None:
    phone, bar = spied(room), room.staff("bao", "/bar/")
    order = order_coffee(phone, "Quiet Quinn")
    phone.evaluate("() => look(true)")
    make(bar, order)
    expect(phone.locator("#tracking .ready-card")).to_be_visible()
    assert set(kinds(phone)) <= {"vibration"}


def test_where_notifications_are_refused_the_page_asks_to_stay_in_front(room: Room) -> None:
    phone = spied(room, answer="denied")
    order_coffee(phone, "Here Hal")
    tell_me(phone).click()
    expect(phone.locator("[data-told=here]")).to_contain_text("in front")
    expect(phone.locator("[data-told=aside]")).to_be_hidden()


def test_the_order_page_shows_what_was_last_known_in_the_shops_time(room: Room) -> None:
    phone, bar = room.phone(zone="Pacific/Auckland"), room.staff("bao", "/bar/")
    order = order_coffee(phone, "Kiri")
    take(bar, order)
    expect(phone.locator("#tracking")).to_contain_text("Bao is making it")
    path = path_of(phone)
    wait_until_kept(phone, path, "Bao is making it")
    shown = datetime.now(ZoneInfo("Europe/Berlin"))
    around = "|".join(f"{shown + timedelta(minutes=m):%H:%M}" for m in (-1, 0, 1))

    offline(phone)
    phone.reload()
    expect(phone.locator("#tracking")).to_contain_text("Bao is making it")
    said = re.compile(rf"No connection\. +Last known ({around}), \d+ (second|minute)s? ago\.")
    expect(phone.locator("#live-bar")).to_have_text(said)
    assert phone.get_by_role("button").all() == []  # nobody is there who could cancel
    assert findings(phone) == []

    phone.context.set_offline(False)
    expect(phone.locator("[data-live]")).to_have_attribute(
        "data-live-state", "live", timeout=30_000
    )
    make(bar, order, taken=True)
    expect(phone.locator("#tracking .ready-card")).to_be_visible()
    wait_until_kept(phone, path, "ready-card")


def test_the_age_of_what_is_shown_grows_and_does_not_trust_the_phones_clock(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Aged Ada")
    wait_until_kept(phone, path_of(phone))
    phone.evaluate(
        """async () => {
          const [name] = await caches.keys();
          const cache = await caches.open(name);
          const old = await cache.match(location.pathname);
          const headers = new Headers(old.headers);
          headers.set("X-Kept", String(Date.now() - 4 * 60_000));
          headers.set("X-Shown", String(Date.parse("2026-05-04T09:05:00Z")));
          await cache.put(location.pathname, new Response(await old.text(), {headers}));
        }"""
    )
    offline(phone)
    phone.reload()
    expect(phone.locator("#live-bar")).to_contain_text("Last known 11:05, 4 minutes ago.")


def test_the_menu_without_a_connection_says_so_and_the_basket_stays(room: Room) -> None:
    phone = room.phone()
    phone.goto("/")
    expect(phone.locator(".no-connection")).to_be_hidden()
    phone.locator("a.item").first.click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    phone.goto("/")
    wait_until_kept(phone, "/", "basket-bar")

    offline(phone)
    notice = phone.locator(".no-connection")
    expect(notice).to_contain_text("We cannot take orders until it is back.")
    phone.goto("/")
    expect(notice).to_contain_text(re.compile(r"Last known \d\d:\d\d, \d+ seconds? ago\."))
    assert phone.locator("a.item .name").first.is_visible()
    assert not phone.locator(".wait-now").is_visible()  # nobody knows how long it takes now
    drawing = phone.locator(".item .pic").first.evaluate("(each) => each.getBBox().width")
    assert drawing > 0  # the stylesheet and the drawings are there, too
    assert findings(phone) == []
    assert sideways(phone) == []

    assert phone.evaluate(INLINE) is None  # the policy of the shop's own answers holds here, too

    phone.locator("a.item").first.click()
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()
    assert findings(phone) == []
    phone.go_back()
    phone.context.set_offline(False)
    expect(notice).to_be_hidden(timeout=30_000)
    phone.goto("/basket/")
    expect(phone.locator(".basket-line")).to_have_count(1)


def test_a_page_that_was_not_kept_leads_to_the_orders_that_were(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Kept Kim")
    number = phone.locator("#tracking .number").first.inner_text()
    wait_until_kept(phone, path_of(phone))
    offline(phone)
    phone.goto("/me/")
    phone.get_by_role("link", name=re.compile(number)).click()
    expect(phone.locator("#tracking")).to_contain_text("Kept Kim")
    phone.go_back()
    expect(phone.get_by_role("heading", name="No connection")).to_be_visible()
    phone.context.set_offline(False)
    mine = phone.get_by_role("heading", name="My orders").first
    expect(mine).to_be_visible(timeout=30_000)


def test_nothing_is_kept_of_the_staff_the_board_the_past_or_a_form(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Private Pia")
    wait_until_kept(phone, path_of(phone))
    phone.locator(".timeline summary").click()
    phone.locator(".timeline a").first.click()
    expect(phone.locator("body.history")).to_be_visible()
    order_page = path_of(phone)
    for username, path in (("bao", "/bar/"), ("casey", "/till/"), ("ada", "/manage/")):
        phone.context.clear_cookies()
        room.log_in(phone, username, path)
    phone.goto("/board/")
    phone.wait_for_load_state("networkidle")
    assert sorted(kept(phone)) == sorted({"/", "/offline/", order_page})
    assert "HISTORY" not in phone.evaluate(
        "async (path) => (await caches.match(path)).text()", order_page
    )
    offline(phone)
    for path in ("/bar/", "/board/"):
        with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
            phone.goto(path)


def test_whoever_is_forgotten_leaves_no_page_on_the_device(room: Room) -> None:
    phone = room.phone()
    phone.goto("/register/")
    phone.get_by_label("Your name here").fill("Forgotten Fay")
    phone.get_by_role("button", name="Save my name").click()
    order_coffee(phone, "Forgotten Fay")
    wait_until_kept(phone, path_of(phone))
    phone.goto("/me/")
    phone.get_by_text("Forget me", exact=True).click()
    phone.get_by_label("Yes, forget me").check()
    phone.get_by_role("button", name="Forget me now").click()
    phone.wait_for_url(re.compile(r"/me/\?forgotten=1"))
    assert kept(phone) == ["/offline/"]


def test_logging_out_empties_what_was_kept(room: Room) -> None:
    phone = room.phone()
    order_coffee(phone, "Left Lou")
    wait_until_kept(phone, path_of(phone))
    room.log_in(phone, "bao", "/bar/")
    phone.get_by_role("button", name="Log out").click()
    phone.wait_for_url("**/staff/login/**")
    assert kept(phone) == ["/offline/"]


def test_switched_off_with_a_deploy_the_worker_leaves_the_browser(room: Room, shop: Shop) -> None:
    with TcpProxy(port_of(shop)) as proxy, Shop(environment={"SERVICE_WORKER": "off"}) as deployed:
        phone = room.phone(url=proxy.url)
        phone.goto("/")
        wait_until_kept(phone, "/")
        proxy.lead_to(port_of(deployed))
        phone.goto("/")
        wait_until(
            phone,
            """async () => (await navigator.serviceWorker.getRegistrations()).length === 0
              && (await caches.keys()).length === 0""",
        )


def port_of(shop: Shop) -> int:
    return int(shop.url.rpartition(":")[2])
