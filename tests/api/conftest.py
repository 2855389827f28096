"""A shop that takes orders, and a program with a token."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from orders import admission, wait
from orders.checkout import order_numbers
from orders.event_store import event_store
from staff.tokens import make_token


class Program(Client):
    """A program that speaks JSON; with a token as whoever it was made for."""

    def __init__(self, *roles: str, name: str = "Display") -> None:
        super().__init__(enforce_csrf_checks=True)
        self.token = make_token(name, roles, made_by=None)[0] if roles else ""

    def ask(self, path: str, body: Any = None, *, key: str = "", **query: Any) -> Any:
        """GET, or with a body POST."""
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if key:
            headers["idempotency-key"] = key
        if body is None:
            return self.get(path, query, headers=headers)
        text = json.dumps(body)
        return self.post(path, text, content_type="application/json", headers=headers)

    def ordered(self, **fields: Any) -> dict[str, Any]:
        """Place an order; what the shop said."""
        response = self.ask("/api/orders/", {"items": [{"item": "espresso"}], **fields})
        assert response.status_code == 201, response.content
        said: dict[str, Any] = response.json()
        return said


@pytest.fixture
def open_shop(eventstore_uri: str, settings: Settings) -> Iterator[None]:
    """Orders are written to the log of this test run; the bar is empty."""
    settings.EVENTSTORE_URI = eventstore_uri
    settings.ORDER_ADMISSION = "orders.admission.AlwaysOpen"
    settings.WAIT_ESTIMATE = "orders.wait.EmptyBar"
    caches = (event_store, order_numbers._numbers, admission.made, wait.estimate)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def ada(open_shop: None, db: None) -> Program:
    """A program that may do everything."""
    return Program("manager", name="Ada's program")
