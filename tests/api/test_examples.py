"""Every operation with the example of its document: it works, and says what it declares."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.utils import timezone

from api.document import PATH_EXAMPLES, example_of
from api.operation import Operation
from barstucks_site.api_pages import OPERATIONS, ROOT, whole_document
from orders.command_handler import handle
from orders.domain.command import Envelope
from orders.domain.events import PaymentStarted
from orders.domain.ordering import CancelOrder
from orders.domain.payment import RecordApproval
from orders.domain.shop_settings import ChooseSetting
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.shop_state import tell_the_shop
from tests.api.conftest import Program
from tests.eventstore_fixture import RunningEventstore
from tests.faults.fuzz.stocked_shop import StockedShop, stocked_shop

BOTH = ["default", "read_models"]
COMMANDS = {operation.name: operation for operation in OPERATIONS if operation.method == "POST"}
READINGS = [ROOT, *(operation for operation in OPERATIONS if operation.method == "GET")]

MADE = ("api_bar_take", "api_bar_ready")
BEFORE: dict[str, tuple[str, ...]] = {
    "api_ask_to_stop": ("api_bar_take",),
    "api_say_here": ("api_bar_hold",),
    "api_got_it": (*MADE, "api_till_cash"),
    "api_bar_take_over": ("api_bar_take",),
    "api_bar_tick": ("api_bar_take",),
    "api_bar_untick": ("api_bar_take", "api_bar_tick"),
    "api_bar_ready": ("api_bar_take",),
    "api_bar_line_ready": ("api_bar_take",),
    "api_bar_station_ready": ("api_bar_take",),
    "api_bar_release": ("api_bar_take",),
    "api_bar_bring_back": MADE,
    "api_bar_stop": ("api_bar_take", "api_ask_to_stop"),
    "api_bar_too_late": ("api_bar_take", "api_ask_to_stop"),
    "api_bar_resume": ("api_bar_hold",),
    "api_bar_no_rush": ("api_bar_rush",),
    "api_till_refund": ("api_till_card",),
    "api_till_give_back": ("api_till_cash", "api_till_cancel"),
    "api_till_serve": (*MADE, "api_till_cash"),
    "api_till_not_collected": MADE,
}
"""What has to be done with an order first, by the examples of these operations."""


def address_of(operation: Operation, order: dict[str, Any]) -> str:
    """The operation's address for an order; by its link where that is what counts."""
    key = order["follow"].split("/")[3] if operation.opens else order["order"]
    return operation.path.format(**{**PATH_EXAMPLES, "order": key})


def sent(program: Program, operation: Operation, order: dict[str, Any]) -> Any:
    """The response to the operation's example, checked against what the operation declares."""
    body = example_of(operation) if operation.method == "POST" else None
    response = program.ask(address_of(operation, order), body)
    assert response.status_code in (200, 201), (operation.name, response.content.decode())
    assert response["Content-Type"].startswith("application/json")
    msgspec.json.decode(response.content, type=operation.returns)
    return response.json()


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_every_command(ada: Program, name: str) -> None:
    order = ada.ordered(name="Helen")
    if name == "api_bar_one_tap":
        tell_the_shop(ChooseSetting(**envelope(), setting="one_tap", value="yes"))
    for before in BEFORE.get(name, ()):
        sent(ada, COMMANDS[before], order)
    if name == "api_till_refund":
        approve(UUID(order["order"]))
    done = sent(ada, COMMANDS[name], order)
    assert done["position"] > 0 or "{order}" not in COMMANDS[name].path
    assert not done["replayed"]


def envelope() -> Envelope:
    """That of a new command of the shop itself."""
    return Envelope(command_id=uuid4(), at=timezone.now(), actor="staff-1")


def approve(order: UUID) -> None:
    """The terminal takes the card, and the bar is told to stop: the money has to go back."""
    facts = [decode(stored) for stored in event_store().read_stream(order_stream(order))]
    events = [fact.event for fact in facts if fact is not None]
    payment = next(event.payment for event in events if isinstance(event, PaymentStarted))
    handle(order_stream(order), RecordApproval(**envelope(), payment=payment))
    cancelled = CancelOrder(**envelope(), reason="out of milk", by_shop=True)
    handle(order_stream(order), cancelled)


@pytest.mark.django_db(databases=BOTH, transaction=True)
def test_the_example_of_everything_that_can_be_read(own_eventstore: RunningEventstore) -> None:
    with stocked_shop(own_eventstore.uri) as shop:
        program = Program("manager")
        order = program.ordered()
        shop.project()
        found = {o.name: sent(program, o, order) for o in READINGS if o.name != "api_stream"}
        assert_something_is_everywhere(found, shop)
        stream = program.ask(f"/api/streams/order-{order['order']}/").json()
        assert [fact["type"] for fact in stream["facts"]] == ["CoffeeOrdered"]


def assert_something_is_everywhere(found: dict[str, Any], shop: StockedShop) -> None:
    """An empty list would conform to anything."""
    assert len(found["api_queue"]["tickets"]) >= 4
    assert found["api_queue"]["done"]
    assert len(found["api_desk"]["balances"]) >= 4
    assert found["api_board"]["making"]
    assert found["api_board"]["ready"]
    assert found["api_sales"]["figures"]["orders"] == len(shop.orders) + 1
    assert found["api_sales"]["minutes"]
    assert len(found["api_streams"]["streams"]) >= len(shop.orders)
    assert len(found["api_facts"]["facts"]) > len(shop.orders)
    assert found["api_order"]["may"]["cancel"]


def test_every_operation_is_described_once() -> None:
    names = [operation.name for operation in (ROOT, *OPERATIONS)]
    assert len(set(names)) == len(names)
    described = [
        (method.upper(), path)
        for path, methods in whole_document()["paths"].items()
        for method in methods
    ]
    assert sorted(described) == sorted((o.method, o.path) for o in (ROOT, *OPERATIONS))
