"""Somebody of the staff at a screen: what the tests of the bar's and the till's buttons do."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group, User
from django.test import Client

from orders.domain.events import CoffeeOrdered, Line, Station
from orders.domain.ordering import PlaceOrder
from orders.domain.streams import order_stream
from orders.event_codec import decode
from orders.event_store import event_store
from orders.tests.shop_cast import CARLA, NOON


class Crew(Client):
    """One member of the staff, logged in."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        user = User.objects.create_user(username=name.lower(), first_name=name)
        user.groups.add(Group.objects.get(name=role))
        self.force_login(user)
        self.actor = f"staff-{user.pk}"

    def press(self, path: str, *, command_id: UUID | str | None = None, **fields: str) -> Any:
        """Press a button as the page's script does."""
        form = {"command_id": str(command_id or uuid4()), **fields}
        return self.post(path, form, headers={"Accept": "application/json"})


def an_order(*quantities: int, stations: Sequence[Station] = ()) -> UUID:
    """An order of lattes at 4.00, one line for each quantity, or one for each station."""
    from orders.command_handler import handle

    order = uuid4()
    made_at = stations or [Station.BAR] * len(quantities or (1,))
    lines = tuple(
        Line(
            line=number,
            item="caffe-latte",
            name="Caffè Latte",
            size="",
            options=(),
            quantity=quantity,
            unit_price=400,
            station=station,
        )
        for number, (quantity, station) in enumerate(
            zip(quantities or [1] * len(made_at), made_at, strict=True), start=1
        )
    )
    command = PlaceOrder(
        command_id=uuid4(),
        at=NOON,
        actor=f"customer-{CARLA.hex}",
        number=41,
        day="2026-05-04",
        customer=CARLA.hex,
        name="Carla",
        note="",
        lines=lines,
        currency="EUR",
        promised_seconds=240,
    )
    handle(order_stream(order), command)
    return order


def event_types_of(order: UUID) -> list[str]:
    """The event types in the stream of an order, without `CoffeeOrdered`."""
    facts = [decode(stored) for stored in event_store().read_stream(order_stream(order))]
    return [
        fact.type_name
        for fact in facts
        if fact is not None and not isinstance(fact.event, CoffeeOrdered)
    ]
