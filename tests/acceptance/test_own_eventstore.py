"""A demo beside an Eventstore that somebody else runs, without TLS, named as KurrentDB names it."""

import pytest

from orders.event_store import EventStore
from tests.eventstore_fixture import running_eventstore
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow


def test_the_shop_brings_no_log_and_writes_into_the_one_it_is_told() -> None:
    with running_eventstore() as server:
        named = server.uri.replace("esdb://", "kurrentdb://", 1)
        with Shop(environment={"EVENTSTORE_URI": named}) as shop, Visitor(shop) as visitor:
            placed = visitor.order("Helen")
            visitor.wait_for_words(placed, "Helen")
            parts = set(shop.run["pids"])
        store = EventStore(server.uri)
        events = store.read_stream(f"order-{placed.order}")
        store.close()

    assert parts == {"web", "projector", "reactor"}
    assert events[0].type_name == "CoffeeOrdered"
