"""The day of the pictures can be staged, with orders in the states that the pictures are of."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from orders.checkout import order_numbers
from orders.domain.order_status import fold
from orders.domain.streams import order_stream
from orders.event_codec import decode, key_ring
from orders.event_store import event_store
from orders.shop_state import shop_state
from tests.eventstore_fixture import RunningEventstore
from tests.pictures import demo_day
from tests.pictures.demo_day import DemoDay, stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(
    own_eventstore: RunningEventstore, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DemoDay]:
    monkeypatch.setattr(demo_day, "EARLIER_ORDERS", 1)
    settings.EVENTSTORE_URI = own_eventstore.uri
    for remembered in (event_store, order_numbers._numbers, shop_state):
        remembered.cache_clear()
    for username in ("bao", "casey", "ada"):
        User.objects.create_user(username)
    yield stage()
    event_store().close()
    for remembered in (event_store, order_numbers._numbers, shop_state):
        remembered.cache_clear()


def test_every_order_is_in_the_state_that_its_picture_shows(day: DemoDay) -> None:
    found = {}
    for name, staged in day.orders.items():
        events = event_store().read_stream(order_stream(staged.id))
        facts = [fact for stored in events if (fact := decode(stored, key_ring()))]
        found[name] = fold(facts)
    expected = {
        "Helen": "waiting",
        "Max": "making",
        "Bruno": "making",
        "Grace": "on hold",
        "Mia": "ready",
        "Leo": "served",
        "Nina": "cancelled",
    }
    assert {name: str(found[name].progress) for name in expected} == expected
