"""A guest with a phone: what the tests of the customer's pages do with it."""

import re
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from orders.domain.fact import Fact
from orders.domain.streams import order_stream
from orders.event_codec import decode, key_ring
from orders.event_store import event_store

BOTH = ["default", "read_models"]
"""The databases a page may read."""


class Guest(Client):
    """Fills in the shop's forms as a browser without JavaScript does."""

    def add(self, item: str = "cappuccino", **fields: Any) -> Any:
        """Put an item into the basket."""
        form = {"item": item, "quantity": "1", "add_id": str(uuid4()), **fields}
        return self.post("/basket/", form)

    def order(self, **fields: Any) -> Any:
        """Send the checkout form, with a new command id unless one is given."""
        return self.post("/orders/", checkout_form(**fields))

    def placed(self, **fields: Any) -> str:
        """Order something; returns the address of its page."""
        self.add()
        response = self.order(**fields)
        assert response.status_code == 303, response.content.decode()
        return str(response["Location"]).partition("?")[0]


def checkout_form(**fields: Any) -> dict[str, Any]:
    """A complete checkout form."""
    return {"command_id": str(uuid4()), "name": "Carla", "note": "", "pay": "counter", **fields}


def order_behind(url: str) -> UUID:
    """The order whose page has this address."""
    found = re.search(r"/o/([0-9a-f]{32})\.", url)
    assert found is not None, url
    return UUID(hex=found[1])


def facts_behind(url: str) -> list[Fact]:
    """What the log says about the order of this page."""
    events = event_store().read_stream(order_stream(order_behind(url)))
    return [fact for event in events if (fact := decode(event, key_ring())) is not None]


def words_of(response: Any) -> str:
    """The page as text."""
    return str(response.content.decode())
