"""The shop as its pages find it: a log to write to, and guests."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from orders import admission, wait
from orders.checkout import order_numbers
from orders.event_store import event_store
from orders.tests.guest import Guest


@pytest.fixture(autouse=True)
def always_open(settings: Settings) -> Iterator[None]:
    """Let every order in: the write side has no queue."""
    settings.ORDER_ADMISSION = "orders.admission.AlwaysOpen"
    settings.WAIT_ESTIMATE = "orders.wait.EmptyBar"
    for made in (admission.made, wait.estimate):
        made.cache_clear()
    yield
    for made in (admission.made, wait.estimate):
        made.cache_clear()


@pytest.fixture
def open_shop(eventstore_uri: str, settings: Settings) -> Iterator[None]:
    """Pages write to the log of this test run."""
    _connect(settings, eventstore_uri)
    yield
    event_store.cache_clear()


@pytest.fixture
def closed_log(settings: Settings) -> Iterator[None]:
    """The log cannot be reached: nobody listens there."""
    _connect(settings, "esdb://127.0.0.1:9?Tls=false")
    yield
    event_store.cache_clear()


@pytest.fixture
def carla(open_shop: None) -> Guest:
    """A guest."""
    return Guest()


@pytest.fixture
def another_guest(open_shop: None) -> Guest:
    """Somebody else, with another phone."""
    return Guest()


def _connect(settings: Settings, uri: str) -> None:
    settings.EVENTSTORE_URI = uri
    event_store.cache_clear()
    order_numbers._numbers.cache_clear()
