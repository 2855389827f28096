"""One person at one browser, for tests: pages, forms, buttons of live screens, and live views.

Synchronous, and impatient: an answer comes at the first try or the test has found something.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from rush.offers import Card, card_of
from rush.page import Element, Form, read_page
from rush.picture import Heard, Picture
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
        self, form: Form, answers: Mapping[str, str | Sequence[str]] | None = None
    ) -> httpx.Response:
        """Send a form; the answer itself, no redirect followed."""
        return self.post(form.action, form.filled(answers or {}))

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
        """Press a button of a live screen: the answer is JSON."""
        sent = {"command_id": command_id or str(uuid.uuid4()), **fields}
        sent["csrfmiddlewaretoken"] = self.token
        return self.post(path, list(sent.items()), Accept="application/json")

    def log_in(self, username: str, password: str, page: str) -> Element:
        """Log in as staff and open a page."""
        form = self.open(f"/staff/login/?next={page}").form(ending="/staff/login/")
        answer = self.submit(form, {"username": username, "password": password})
        assert answer.status_code in {302, 303}, f"{username} was not let in: {answer.status_code}"
        return self.open(page)

    def fill_basket(self, item: str = "", quantity: str = "1") -> None:
        """Put something from the menu into the basket: that item, or the first there is."""
        if not item:
            links = [link.attributes.get("href", "") for link in self.open("/").find_all("a")]
            item = next(link for link in links if link.startswith("/menu/"))
        form = self.open(item).form(ending="/basket/")
        answers: dict[str, str] = {"quantity": quantity}
        for choice in form.choices:
            if not choice.several and not choice.chosen:
                answers[choice.name] = choice.values[0]
        answer = self.submit(form, answers)
        assert answer.status_code == 303, answer.text[:500]

    def order_form(self, **basket: str) -> Form:
        """A filled basket's order form."""
        self.fill_basket(**basket)
        return self.open("/basket/").form(ending="/orders/")

    def order(self, name: str = "Helen", card: str = "", item: str = "") -> PlacedOrder:
        """Order something, paying by that card or at the counter."""
        answers = {"name": name, "pay": "card" if card else "counter"}
        if card:
            answers["card_token"] = card
        answer = self.submit(self.order_form(item=item), answers)
        assert answer.status_code == 303, f"{answer.status_code}\n{answer.text[:800]}"
        return placed_order(answer)

    def said(self, placed: PlacedOrder) -> str:
        """What the customer's page says about the order."""
        return self.open(placed.tracking).find_all(id="tracking")[0].attributes["data-said"]

    def wait_for_words(self, placed: PlacedOrder, *words: str) -> str:
        """Reload the customer's page until one of these words stands on it (15 s)."""
        deadline = time.monotonic() + SCREEN_SECONDS
        while True:
            told = self.open(placed.tracking).find_all(id="tracking")[0].text
            if any(each in told for each in words):
                return told
            assert time.monotonic() < deadline, f"Never read {words}, but: {told}"
            time.sleep(0.1)


def placed_order(answer: httpx.Response) -> PlacedOrder:
    """The order that a redirect to a tracking page is about."""
    tracking = answer.headers["Location"].partition("?")[0]
    token = tracking.rstrip("/").rpartition("/")[2]
    return PlacedOrder(token.partition(".")[0], tracking)


def open_socket(
    visitor: Visitor, view: str, origin: str
) -> AbstractContextManager[ClientConnection]:
    """The websocket of a view, with the visitor's cookies; `origin` "" sends none."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    return connect(
        f"ws{visitor.url.removeprefix('http')}/ws/{view}/",
        origin=Origin(origin) if origin else None,
        additional_headers={"Cookie": cookies},
        proxy=None,
        open_timeout=10,
        max_size=16 * 2**20,
    )


class LiveView:
    """An open live screen. Only takes in messages while somebody waits for something."""

    def __init__(self, visitor: Visitor, view: str) -> None:
        self.picture = Picture()
        self._open = ExitStack()
        self._socket = self._open.enter_context(open_socket(visitor, view, visitor.url))
        self.until(lambda view: view.picture.snapshots > 0, "a first picture")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def until(self, right: Callable[["LiveView"], bool], wanted: str) -> None:
        """Listen until the screen is right; fails after 15 s, saying what was wanted."""
        deadline = time.monotonic() + SCREEN_SECONDS
        while not right(self):
            left = deadline - time.monotonic()
            assert left > 0, f"Waited for {wanted}; on the screen: {sorted(self.picture.fragments)}"
            try:
                told: dict[str, Any] = json.loads(self._socket.recv(timeout=left))
            except TimeoutError:
                continue
            if self.picture.hear(told) is Heard.GAP:
                self._socket.send(json.dumps({"kind": "snapshot"}))

    def card(self, order: str) -> Card | None:
        """The card of an order as it stands there."""
        found = (card_of(fragment) for fragment in self.picture.fragments.values())
        return next((card for card in found if card is not None and card.order == order), None)

    def wait_for(self, placed: PlacedOrder, *actions: str) -> Card:
        """Listen until the order's card offers all these actions."""

        def offered(view: "LiveView") -> bool:
            card = view.card(placed.order)
            return card is not None and all(card.offer(action) for action in actions)

        self.until(offered, f"{placed.order} with {actions}")
        card = self.card(placed.order)
        assert card is not None
        return card

    def wait_for_text(self, placed: PlacedOrder, words: str) -> None:
        """Listen until the order's card says so."""

        def said(view: "LiveView") -> bool:
            card = view.card(placed.order)
            return card is not None and words in card.fragment.element.text

        self.until(said, f"{placed.order} with {words!r}")

    def wait_until_gone(self, placed: PlacedOrder) -> None:
        """Listen until the order no longer stands there."""
        self.until(lambda view: view.card(placed.order) is None, f"{placed.order} to go")
