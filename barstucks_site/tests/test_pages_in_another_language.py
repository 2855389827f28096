"""No page of a customer has a word that a translator cannot reach.

In a language made for the test every translated text stands in brackets: a visible text without
them comes from no catalogue. What people wrote (names, notes) and what the owner calls things are
in the test's own words, and left out of account. Pages, pushes and refusals alike.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.translation import override, to_locale
from pytest_django import Settings

from barstucks_site.catalogues import Catalogue, compiled
from barstucks_site.used_messages import used_messages
from orders import admission
from orders.admission import Full
from orders.checkout import placing
from orders.checkout.basket import USUAL_BASKET, Basket, BasketLine
from orders.customers.guests import remember
from orders.domain.event import Event
from orders.domain.events import CoffeeOrdered, CustomerRegistered, OrderAmended, StockKind
from orders.event_store import event_store
from orders.links import customer_token, order_token
from orders.menu.card import Selection
from orders.tests.stock import choose, sell_out
from projections.live import snapshots
from projections.screens.pickup_board import READY_SHOWN
from projections.tests.at_a_screen import BOTH, shown
from projections.tests.events_of_an_order import EVENTS_OF_AN_ORDER, example_of
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)
from projections.views.timeline import timeline

pytestmark = [pytest.mark.django_db(databases=BOTH), pytest.mark.slow]

BRACKETS = "eo"
"""Esperanto stands in for the language in brackets: Django knows its name, the shop does not."""

SEEN_ATTRIBUTES = frozenset(
    {"alt", "aria-label", "title", "placeholder", "data-title", "data-said"}
)
"""With every `data-…-words`: what is read out, or put on the page by a script."""

WITHIN_A_MESSAGE = re.compile(
    r"</?(strong|b|bdi|small)\b[^>]*>|<span class=\"(out-of-sight|number)\">|</span>"
)

OWN_WORDS = re.compile(
    r"Barstucks|Ana|Helen|Zoë|less ice please|English|Deutsch|العربيّة|Esperanto|testserver\S*"
    r"|127\.0\.0\.1\S*|\d+ \w+, \d\d:\d\d|[0-9a-f]{32}|http\S+|€|EUR|☕|✓"
)
"""The shop's and people's own words, and what is no word."""


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a catalogue in which every message is in brackets."""
    folder = tmp_path_factory.mktemp("locale")
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    whole = Catalogue(header)
    for message in used_messages():
        texts = (message.english, message.plural) if message.plural else (message.english,)
        whole.translations[message] = tuple(
            text if text in ("j M, H:i",) else f"⟦{text}⟧" for text in texts
        )
    file = folder / to_locale(BRACKETS) / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(compiled(whole))
    return folder


@pytest.fixture(autouse=True)
def in_brackets(settings: Settings, catalogues: Path) -> Iterator[None]:
    """The shop speaks the language in brackets; nobody listens at the log's address."""
    settings.LANGUAGES = [*settings.LANGUAGES, (BRACKETS, "Esperanto")]
    settings.LOCALE_PATHS = [catalogues]
    settings.EVENTSTORE_URI = "esdb://127.0.0.1:9?Tls=false"
    event_store.cache_clear()
    yield
    event_store.cache_clear()


@pytest.fixture
def helen() -> Client:
    """A customer's browser that prefers the language in brackets."""
    client, response = Client(headers={"Accept-Language": BRACKETS}), HttpResponse()
    remember(response, HELEN)
    client.cookies.update(response.cookies)
    return client


class Seen(HTMLParser):
    """Collects what is seen or read out of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._silent += 1
        named = dict(attrs)
        if tag == "html":
            self.texts.append("" if named["lang"] == BRACKETS else f"lang={named['lang']}")
        self.texts += [
            text or "" for name, text in attrs if name in SEEN_ATTRIBUTES or name.endswith("-words")
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def without_brackets(html: str) -> list[str]:
    """The visible texts of a page in which there are words that nobody has translated."""
    whole = re.sub(WITHIN_A_MESSAGE, "", html)
    seen = Seen()
    seen.feed(whole)
    return [text.strip() for text in seen.texts if has_words(text)]


def has_words(text: str) -> bool:
    before = ""
    while before != text:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", "", text)
    return re.search(r"[^\W\d_]{2,}", OWN_WORDS.sub("", text)) is not None


def read(client: Client, path: str, form: dict[str, Any] | None = None) -> str:
    response: Any = client.get(path) if form is None else client.post(path, form)
    return str(response.content.decode())


def of_the_first_menu(number: int, **more: Any) -> CoffeeOrdered:
    """An order whose line is called as on the menu, with everything a line can say."""
    placed = ordered(number, **more)
    options = ("SUB oat milk", "2 × EXTRA shot", "WARM")
    line = replace(placed.lines[0], name="Caffè Latte", size="large", options=options)
    return replace(placed, lines=(line,), allergies="nuts, milk")


def test_the_test_sees_a_word_that_is_not_translated() -> None:
    assert without_brackets("<p>⟦Yours⟧ is <b>next</b></p>") == ["⟦Yours⟧ is next"]
    assert without_brackets('<p aria-label="Here">⟦Yours ⟦large⟧⟧ · 12</p>') == ["Here"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/menu/caffe-latte/",
        "/menu/butter-croissant/",
        "/basket/",
        "/me/",
        "/me/?forgotten=1",
        "/register/",
        "/nothing/here/",
        "/board/?lang=eo",
        "/board/wait/?lang=eo",
        "/orders/",
    ],
)
def test_a_page_without_an_order(helen: Client, path: str) -> None:
    assert without_brackets(read(helen, path)) == []


def test_the_basket_with_everything_in_it_that_can_be_wrong(helen: Client) -> None:
    chosen = {"size": "large", "one-milk": "oat-milk", "many-extra-shot": "2"}
    chosen |= {"cup": "Zoë", "note": "less ice please"}
    helen.post("/basket/", {"item": "caffe-latte", "quantity": "1", **chosen})
    assert without_brackets(read(helen, "/basket/")) == []
    assert without_brackets(read(helen, "/")) == []
    wrong = {"name": "x" * 50, "note": "y" * 300, "pay": "", "command_id": str(uuid4())}
    assert without_brackets(read(helen, "/orders/", wrong).replace("x" * 40, "")) == []
    assert without_brackets(read(helen, "/orders/", {"command_id": ""})) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": "99"},
        {"size": "bucket"},
        {"many-extra-shot": "77"},
        {"one-milk": "lava"},
        {"one-cup": "x"},
        {"cup": "x" * 50, "note": "y" * 90},
    ],
)
def test_what_is_wrong_with_a_choice(helen: Client, wrong: dict[str, str]) -> None:
    page = read(helen, "/basket/", {"item": "caffe-latte", "quantity": "1", **wrong})
    assert "⟦" in page
    assert without_brackets(page) == []


def test_the_usual_with_something_that_is_not_to_be_had(helen: Client) -> None:
    response = HttpResponse()
    lines = (
        BasketLine(1, Selection("caffe-latte", "small", {"oat-milk": 1})),
        BasketLine(2, Selection("gone")),
        BasketLine(3, Selection("espresso", "bucket")),
    )
    USUAL_BASKET.write(response, Basket(lines))
    helen.cookies.update(response.cookies)
    page = read(helen, "/")
    assert "oat milk" in page
    assert without_brackets(page) == []


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_shop_that_takes_no_orders(
    helen: Client, is_paused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Full(3, 200, is_paused=is_paused)
    monkeypatch.setattr(type(admission.admission()), "full", lambda _self: full)
    helen.post("/basket/", {"item": "cappuccino", "quantity": "1"})
    for path in ("/", "/basket/"):
        page = read(helen, path)
        assert "3" in page
        assert without_brackets(page) == []


@pytest.mark.parametrize("is_closed", [True, False])
def test_an_order_that_can_only_be_had_later(helen: Client, is_closed: bool) -> None:
    if is_closed:
        opens = timezone.localtime() + timedelta(hours=2)
        choose("opening_hours", f"{opens:%H}:00-{opens + timedelta(hours=3):%H}:00")
    for _ in range(1 if is_closed else 5):
        helen.post("/basket/", {"item": "cappuccino", "quantity": "20", "add_id": str(uuid4())})
    page = read(helen, "/basket/")
    assert ("⟦We are closed" if is_closed else "⟦That is a large order") in page
    assert without_brackets(page) == []
    form = {"command_id": str(uuid4()), "name": "Zoë", "pay": "counter"}
    for wanted in ("", "slot"):
        refused = read(helen, "/orders/", {**form, "pick_up": wanted, "slot": "2020-01-01T08:00"})
        assert without_brackets(refused) == []


def test_a_form_that_comes_while_the_log_is_away(helen: Client) -> None:
    helen.post("/basket/", {"item": "cappuccino", "quantity": "1"})
    form = {"command_id": str(uuid4()), "name": "Zoë", "note": "less ice please", "pay": "counter"}
    assert without_brackets(read(helen, "/orders/", form)) == []
    assert without_brackets(read(helen, f"/o/{order_token(UUID(int=1))}/cancel/", form)) == []


def test_my_page_and_the_way_to_another_device(helen: Client) -> None:
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen"))
    log.write(order_stream_number(1), of_the_first_menu(1, note="less ice please"))
    shown(log)
    assert without_brackets(read(helen, "/me/")) == []
    assert without_brackets(read(helen, f"/me/{customer_token(HELEN)}/")) == []
    assert without_brackets(read(Client(headers={"Accept-Language": BRACKETS}), "/me/")) == []
    assert without_brackets(read(helen, "/me/forget/", {"command_id": str(uuid4())})) == []


@pytest.mark.parametrize("event_class", EVENTS_OF_AN_ORDER)
def test_an_order_in_every_state(helen: Client, event_class: type[Event]) -> None:
    """As its page and as what is pushed to it; what the staff wrote is left out of account."""
    facts = example_of(event_class)
    log = InMemoryLog()
    for fact in facts:
        event = fact.event
        placed = of_the_first_menu(1, note="less ice please")
        if isinstance(event, CoffeeOrdered):
            event = placed
        elif isinstance(event, OrderAmended):
            event = replace(event, lines=placed.lines, note=placed.note)
        elif getattr(event, "reason", "") and type(event.reason) is str:  # type: ignore[attr-defined]
            event = type(event)(**{**vars(event), "reason": "Ana"})
        log.write(order_stream_number(1), event)
    shown(log)
    page = read(helen, f"/o/{order_token(UUID(int=1))}/")
    assert "⟦" in page
    assert without_brackets(page) == []
    with override(BRACKETS):
        pushed = json.loads(snapshots.snapshot(f"order:{order_hex(1)}"))
        moments = timeline(facts[-1:])
    for fragment in pushed["fragments"]:
        assert without_brackets(fragment["html"]) == []
    assert [moment.words for moment in moments if "⟦" not in moment.words] == []


def test_an_order_of_something_that_has_run_out(helen: Client) -> None:
    log = InMemoryLog()
    placed = of_the_first_menu(1)
    line = replace(placed.lines[0], item="caffe-latte", choices=("oat-milk",))
    log.write(order_stream_number(1), replace(placed, lines=(line,)))
    shown(log)
    sell_out("caffe-latte")
    sell_out("oat-milk", StockKind.OPTION)
    page = read(helen, f"/o/{order_token(UUID(int=1))}/")
    assert "⟦We have run out of" in page
    assert without_brackets(page) == []
    for path in ("/", "/menu/caffe-latte/", "/menu/cappuccino/"):
        assert without_brackets(read(helen, path)) == []


def test_what_a_script_reads_is_not_translated(helen: Client) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), of_the_first_menu(1))
    shown(log)
    helen.cookies["language"] = "de"
    page = read(helen, f"/o/{order_token(UUID(int=1))}/")
    told = re.findall(r'data-(?:may-\w+|over)="(\w*)"', page)
    assert len(told) > 4
    assert set(told) == {"yes", "no"}


def test_the_board_with_more_orders_than_it_has_room_for() -> None:
    log = InMemoryLog()
    for number in range(1, READY_SHOWN + 20):
        log.write(order_stream_number(number), ordered(number))
    shown(log)
    client = Client()
    page = read(client, "/board/?lang=eo")
    assert "⟦and" in page
    assert without_brackets(page) == []


def test_a_push_to_the_board_has_no_words() -> None:
    """The projector draws it once for all languages."""
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, name="Zoë"))
    shown(log)
    with override(BRACKETS):
        fragments = json.loads(snapshots.snapshot("board"))["fragments"]
    entries = [f["html"] for f in fragments if f["id"].startswith("entry-")]
    assert entries
    assert [entry for entry in entries if "⟦" in entry] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 422),
        ({"items": [{"item": "lava"}]}, 422),
        ({"items": [{"item": "caffe-latte", "size": "bucket"}]}, 422),
        ({"items": [{"item": "caffe-latte", "options": {"lava": 1}}]}, 422),
        ({"items": [{"item": "caffe-latte", "quantity": 99}]}, 422),
        ({"items": [{"item": "espresso"}], "pay": "shells"}, 422),
        ({"items": [{"item": "espresso"}], "pay": "card", "card_token": "x"}, 422),
        ({"items": [{"item": "espresso"}], "allergies": ["lava"]}, 422),
        ({"items": [{"item": "espresso"}]}, 503),
    ],
)
def test_a_program_reads_why_in_the_language_it_asks_for(
    helen: Client, body: Any, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "repeat_of", lambda _stream, _command: None)
    content = body if isinstance(body, bytes) else {"command_id": str(uuid4()), **body}
    response: Any = helen.post("/api/orders/", content, content_type="application/json")
    problem = response.json()
    assert response.status_code == status
    assert problem["detail"].startswith("⟦")
    assert problem["title"].startswith("⟦")
    assert "⟦" not in problem["code"]
