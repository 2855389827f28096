"""One person at one browser, for tests: pages, forms, and buttons of live screens.

Synchronous; nothing is sent twice: a request that fails is something the test has found.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from rush.page import Element, Form, read_page
from tests.shop import Shop

SCREEN_SECONDS = 15


@dataclass(frozen=True)
class PlacedOrder:
    """An order as its customer knows it."""

    order: str  # the id, hexadecimal
    tracking: str  # the path of its page


class Visitor:
    """A browser without JavaScript, except that it can press a live screen's buttons."""

    def __init__(self, shop: Shop) -> None:
        self.url = shop.url
        self.token = ""
        self.client = httpx.Client(base_url=shop.url, timeout=15, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.client.close()

    def open(self, path: str) -> Element:
        """The page at the end of all redirects; it must be there."""
        response = self.client.get(path, follow_redirects=True)
        assert response.status_code == 200, f"{path}: {response.status_code}\n{response.text[:500]}"
        page = read_page(response.text)
        for meta in page.find_all("meta", name="csrf-token"):
            self.token = meta.attributes["content"]
        return page

    def submit(
        self, form: Form, entered: Mapping[str, str | Sequence[str]] | None = None
    ) -> httpx.Response:
        """Send a form; the response itself, no redirect followed."""
        return self.post(form.action, form.filled(entered or {}))

    def post(self, path: str, fields: Sequence[tuple[str, str]], **headers: str) -> httpx.Response:
        """Send these fields, from the shop's own pages as far as anybody can see."""
        content = httpx.QueryParams(list(fields))
        parts = urlsplit(urljoin(self.url, path))
        sent = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.url,
            "Referer": self.url + parts.path,
        }
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(parts.path, content=str(content).encode(), headers=sent)

    def press(self, path: str, command_id: str = "", **fields: str) -> httpx.Response:
        """Press a button of a live screen: the response is JSON."""
        sent = {"command_id": command_id or str(uuid.uuid4()), **fields}
        sent["csrfmiddlewaretoken"] = self.token
        return self.post(path, list(sent.items()), Accept="application/json")

    def log_in(self, username: str, password: str, page: str) -> Element:
        """Log in as staff and open a page."""
        form = self.open(f"/staff/login/?next={page}").form(ending="/staff/login/")
        response = self.submit(form, {"username": username, "password": password})
        assert response.status_code in {302, 303}, (
            f"{username} was not let in: {response.status_code}"
        )
        return self.open(page)

    def fill_basket(self, item: str = "", quantity: str = "1") -> None:
        """Put something from the menu into the basket: that item, or the first there is."""
        if not item:
            links = [link.attributes.get("href", "") for link in self.open("/").find_all("a")]
            item = next(link for link in links if link.startswith("/menu/"))
        form = self.open(item).form(ending="/basket/")
        entered: dict[str, str] = {"quantity": quantity}
        for choice in form.choices:
            if not choice.several and not choice.chosen:
                entered[choice.name] = choice.values[0]
        response = self.submit(form, entered)
        assert response.status_code == 303, response.text[:500]

    def order_form(self, **basket: str) -> Form:
        """A filled basket's order form."""
        self.fill_basket(**basket)
        return self.open("/basket/").form(ending="/orders/")

    def order(self, name: str = "Helen", card: str = "", item: str = "") -> PlacedOrder:
        """Order something, paying by that card or at the counter."""
        entered = {"name": name, "pay": "card" if card else "counter"}
        if card:
            entered["card_token"] = card
        response = self.submit(self.order_form(item=item), entered)
        assert response.status_code == 303, f"{response.status_code}\n{response.text[:800]}"
        return placed_order(response)

    def order_the_same(self, times: int) -> None:
        """Order so many times what one basket holds, looking at no page in between."""
        form = self.order_form()
        basket = self.client.cookies["basket"]
        for _ in range(times):
            self.client.cookies.set("basket", basket)
            again = [field for field in form.filled({}) if field[0] != "command_id"]
            response = self.post(form.action, [*again, ("command_id", str(uuid.uuid4()))])
            assert response.status_code == 303, f"{response.status_code}\n{response.text[:800]}"

    def said(self, placed: PlacedOrder) -> str:
        """What the customer's page says about the order."""
        return self.open(placed.tracking).find_all(id="tracking")[0].attributes["data-said"]

    def wait_for_words(self, placed: PlacedOrder, *words: str) -> str:
        """Reload the customer's page until one of these words stands on it (15 s)."""
        deadline = time.monotonic() + SCREEN_SECONDS
        while True:
            text = self.open(placed.tracking).find_all(id="tracking")[0].text
            if any(word in text for word in words):
                return text
            assert time.monotonic() < deadline, f"Never read {words}, but: {text}"
            time.sleep(0.1)


def placed_order(response: httpx.Response) -> PlacedOrder:
    """The order that a redirect to a tracking page is about."""
    tracking = response.headers["Location"].partition("?")[0]
    token = tracking.rstrip("/").rpartition("/")[2]
    return PlacedOrder(token.partition(".")[0], tracking)
