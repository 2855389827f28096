"""What pages say to a customer who is known: from the read models, whatever the log does."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from orders import event_codec
from orders.customers.guests import remember
from orders.domain.events import CustomerForgotten, CustomerRegistered
from orders.domain.fact import Fact
from orders.event_store import event_store
from orders.links import customer_token
from projections.tests.at_a_screen import BOTH, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import HELEN, HELENS_STREAM, order_stream_number, ordered
from projections.views import me

pytestmark = pytest.mark.django_db(databases=BOTH)

BEYOND = "999999999999999999"


@pytest.fixture(autouse=True)
def _no_log(settings: Settings) -> Iterator[None]:
    """Nobody listens at the log's address."""
    settings.EVENTSTORE_URI = "esdb://127.0.0.1:9?Tls=false"
    event_store.cache_clear()
    yield
    event_store.cache_clear()


@pytest.fixture
def helen() -> Client:
    """A customer's browser."""
    return browser_of(HELEN)


def browser_of(customer: UUID) -> Client:
    client, response = Client(), HttpResponse()
    remember(response, customer)
    client.cookies.update(response.cookies)
    return client


def known_as(name: str) -> InMemoryLog:
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name=name))
    log.write(order_stream_number(1), ordered(1, name=name, note="no nuts"))
    shown(log)
    return log


def basket_page(client: Client) -> str:
    client.post("/basket/", {"item": "cappuccino", "quantity": "1"})
    return page(client, "/basket/")


def test_the_checkout_greets_and_fills_in_the_name(helen: Client) -> None:
    known_as("Helen")

    checkout = basket_page(helen)

    assert "<bdi>Helen</bdi>, your order" in checkout
    assert 'id="name" name="name" value="Helen"' in checkout


def test_a_name_that_was_typed_stays(helen: Client) -> None:
    known_as("Helen")
    helen.post("/basket/", {"item": "cappuccino", "quantity": "1"})

    helen.post("/basket/1/quantity/", {"quantity": "2", "name": "Nel", "pay": "counter"})

    assert 'id="name" name="name" value="Nel"' in page(helen, "/basket/")


def test_markup_in_a_name_is_text(helen: Client) -> None:
    known_as("<i>Helen")

    checkout = basket_page(helen)

    assert "&lt;i&gt;Helen" in checkout
    assert "<i>" not in checkout


def test_strangers_and_those_who_were_forgotten_are_not_greeted(
    helen: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = known_as("Helen")
    monkeypatch.setattr(event_codec, "key_ring", lambda: log.keys)
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    shown(log)

    for client in (helen, browser_of(UUID(int=1)), Client()):
        assert "<h1>Your order</h1>" in basket_page(client)


def test_a_link_to_another_device_asks_by_name() -> None:
    known_as("Helen")

    assert "Are you <bdi>Helen</bdi>?" in page(Client(), f"/me/{customer_token(HELEN)}/")


def test_my_page_shows_what_there_is_when_neither_screen_nor_log_has_more(helen: Client) -> None:
    known_as("Helen")

    mine = page(helen, f"/me/?after={BEYOND}")

    assert "Helen" in mine
    assert "001" in mine


def test_the_export_is_what_the_log_says_and_reads_it_once(
    helen: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    log = known_as("Helen")
    for number in range(2, 12):
        log.write(order_stream_number(number), ordered(number, name="Helen"))
    shown(log)
    read: list[str] = []

    def facts_in_the_log(stream: str) -> list[Fact]:
        decoded = (event_codec.decode(event, log.keys) for event in log.read_stream(stream))
        return [fact for fact in decoded if fact is not None]

    def facts_of(stream: str) -> list[Fact]:
        read.append(stream)
        return facts_in_the_log(stream)

    monkeypatch.setattr(me, "facts_of", facts_of)
    with django_assert_max_num_queries(1, using="read_models"):
        exported = helen.get("/me/export.json").json()

    streams = [HELENS_STREAM, *(order_stream_number(number) for number in range(1, 12))]
    expected = event_codec.export(fact for stream in streams for fact in facts_in_the_log(stream))
    assert sorted(exported, key=_place) == sorted(json.loads(json.dumps(expected)), key=_place)
    assert read == [HELENS_STREAM]


def _place(fact: dict[str, Any]) -> tuple[str, int]:
    return fact["stream"], fact["revision"]
