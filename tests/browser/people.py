"""What people do with their screens, in the words on the buttons."""

import re

from playwright.sync_api import Page, expect

CLICKED = """
addEventListener("submit", () => sessionStorage.setItem("clicked", String(Date.now())), true);
"""
ARRIVALS = """
() => {
  window.arrivals = {};
  const look = () => {
    for (const each of document.querySelectorAll("[data-live] [data-order][id]")) {
      window.arrivals[each.dataset.order] ??= Date.now();
    }
  };
  look();
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}
"""
STANDING = """
() => [...document.querySelectorAll("[data-live] [data-slot] > [id]")].map((each) => {
  const copy = each.cloneNode(true);
  for (const time of copy.querySelectorAll("time, [data-message]")) time.remove();
  const slot = each.parentElement.dataset.slot;
  return `${slot} ${each.id} ${each.dataset.state ?? ""} ${copy.textContent.replace(/\\s+/g, " ")}`;
})
"""


def note_clicks(phone: Page) -> None:
    """Remember when the last form was sent, in milliseconds of the machine's clock."""
    phone.add_init_script(CLICKED)


def clicked_at(phone: Page) -> float:
    """When the form was sent that led to this page."""
    return float(phone.evaluate("() => sessionStorage.getItem('clicked')"))


def note_arrivals(screen: Page) -> None:
    """Remember when each order first stood on this live screen."""
    screen.evaluate(ARRIVALS)


def arrived_at(screen: Page, order: str) -> float:
    """When the order first stood there."""
    return float(screen.evaluate("(order) => window.arrivals[order]", order))


def standing(screen: Page) -> list[str]:
    """What stands on a live screen, in its order, without clocks."""
    return sorted(screen.evaluate(STANDING))


def order_coffee(phone: Page, name: str) -> str:
    """From the menu to the tracking page, as on a phone. The id of the order."""
    phone.goto("/")
    phone.locator("a.item").first.click()
    phone.get_by_role("button", name=re.compile("^Add")).click()
    if "/basket/" not in phone.url:
        phone.get_by_role("link", name=re.compile("View order")).click()
    phone.get_by_label("Name for the cup").fill(name)
    phone.get_by_role("button", name=re.compile(r"^Order ·")).click()
    phone.wait_for_url("**/o/**")
    order = phone.locator("#tracking").get_attribute("data-order")
    assert order
    return order


def make(bar: Page, order: str, *, taken: bool = False) -> None:
    """Take the order unless it is taken already, tick every line, call it ready."""
    if not taken:
        take(bar, order)
    ticket = bar.locator(f"#ticket-{order}")
    while (open_lines := ticket.locator("button.tick[aria-pressed=false]")).count():
        before = open_lines.count()
        open_lines.first.click()
        expect(ticket.locator("button.tick[aria-pressed=false]")).to_have_count(before - 1)
    ticket.locator("button.ready:visible").click()
    expect(ticket).to_have_count(0)


def take(bar: Page, order: str) -> None:
    """Take the order."""
    ticket = bar.locator(f"#ticket-{order}")
    ticket.get_by_role("button", name="Take", exact=True).click()
    expect(ticket.locator("button.ready:visible")).to_be_visible()


def take_cash(till: Page, order: str) -> None:
    """Select the order at the till and take the exact sum."""
    balance = till.locator(f"#balance-{order}")
    balance.locator("a.row").click()
    balance.locator("form.cash button[data-key~=F1]").click()
    expect(balance.locator("form.cash")).to_have_count(0)


def hand_over(till: Page, order: str) -> None:
    """Select the order at the till and hand it over."""
    balance = till.locator(f"#balance-{order}")
    if not balance.get_by_role("button", name="Hand over").is_visible():
        balance.locator("a.row").click()
    balance.get_by_role("button", name="Hand over").click()
    expect(balance).to_have_count(0)


def choose_by_key(bar: Page, order: str) -> None:
    """Press the digit of the order's card."""
    cards = bar.locator("[data-slot=queue] > [id]")
    find = "(cards, id) => cards.findIndex((card) => card.id === id)"
    bar.keyboard.press(str(1 + cards.evaluate_all(find, f"ticket-{order}")))
