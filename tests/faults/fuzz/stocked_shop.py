"""A shop in this process with something on every screen, and somebody of every role at a browser.

The log is a real embedded Eventstore; the projector applies it when asked. Knows the write side's
commands and the roles, and no page.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import Group, User
from django.db import connections
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from orders.checkout import order_numbers
from orders.command_handler import handle
from orders.customers import guests
from orders.customers.registration import register
from orders.domain.command import Command, Envelope
from orders.domain.events import Line
from orders.domain.ordering import CancelOrder, PlaceOrder, ServeOrder
from orders.domain.payment import TakeCardByHand, TakeCash
from orders.domain.preparation import FinishPreparation, StartPreparation, TickLine
from orders.domain.streams import order_stream
from orders.event_store import event_store
from orders.links import customer_token, order_token
from orders.payments.card_payment import card_payment
from orders.reactions.parking import ParkedReaction
from projections.engine import checkpoints
from projections.engine.models import ParkedEvent
from projections.engine.projector import Projector, Push
from projections.folded_order import ORDERS
from projections.screens import PROJECTIONS
from staff.roles import ROLES
from tests.faults.fuzz.served import Browser

ANONYMOUS = "anonymous"
GUEST = "guest"
OWNER = "owner"
"""A superuser with a guest's cookie: gets as deep as anybody can."""

UNLIMITED = {"MOST_OPEN_ORDERS": 0, "MOST_UNPAID_PER_ADDRESS": 0, "MOST_UNPAID_PER_DEVICE": 0}
"""A fuzzer orders all day and never pays."""

DATABASES = ("default", "read_models")


class StockedShop:
    """The log, the projector and the people. `orders` are those on the screens."""

    def __init__(self, push: Push | None = None) -> None:
        self.customer = uuid4()
        self.orders: list[UUID] = []
        self.browsers = {role: Browser() for role in (ANONYMOUS, GUEST, *ROLES, OWNER)}
        self.projector = Projector(
            event_store(), ORDERS, lambda: checkpoints.active_cursors(PROJECTIONS), push=push
        )
        self.projector.load_cursors()
        for role in (*ROLES, OWNER):
            self.log_in(role)
        self.browsers[GUEST].cookies["guest"] = guest_cookie(self.customer)
        self.browsers[OWNER].cookies["guest"] = guest_cookie(uuid4())

    def log_in(self, role: str) -> None:
        """Let that browser be somebody of the role, whatever became of the account."""
        user, _ = User.objects.update_or_create(
            username=role,
            defaults={
                "first_name": role.title(),
                "is_staff": True,
                "is_active": True,
                "is_superuser": role == OWNER,
            },
        )
        if role in ROLES:
            user.groups.set([Group.objects.get_or_create(name=role)[0]])
        client = Client()
        client.force_login(user, "staff.login_backend.StaffBackend")
        self.browsers[role].cookies["session"] = client.cookies["session"].value

    def envelope(self, actor: str = "") -> Envelope:
        """The envelope of a new command."""
        actor = actor or guests.actor_of(self.customer)
        return Envelope(command_id=uuid4(), at=timezone.now(), actor=actor)

    def order(
        self,
        *commands: type[Command],
        name: str = "Carla",
        note: str = "",
        item: str = "Caffè Latte",
        option: str = "SUB oat milk",
    ) -> UUID:
        """Place an order, and carry out these commands on it."""
        order = uuid4()
        self.orders.append(order)
        lines = tuple(
            Line(
                line=line,
                item="caffe-latte",
                name=item,
                size="large",
                options=(option,),
                quantity=2,
                unit_price=570,
            )
            for line in (1, 2)
        )
        placed = PlaceOrder(
            **self.envelope(),
            number=len(self.orders),
            day=timezone.localdate().isoformat(),
            customer=self.customer.hex,
            name=name,
            note=note,
            lines=lines,
            currency="EUR",
            promised_seconds=240,
        )
        handle(order_stream(order), placed)
        for command in commands:
            handle(order_stream(order), self._command(command))
        return order

    def _command(self, kind: type[Command]) -> Command:
        staff = self.envelope("staff-1")
        by_staff = {"barista": "staff-1"}
        more: dict[type[Command], dict[str, Any]] = {
            StartPreparation: {**by_staff, "take_over": False},
            TickLine: {**by_staff, "line": 1},
            FinishPreparation: {**by_staff, "desk": 1},
            TakeCash: {"payment": uuid4().hex, "given": 5000},
            TakeCardByHand: {"payment": uuid4().hex},
            CancelOrder: {"reason": "out of milk", "by_shop": True},
        }
        make: Any = kind
        command: Command = make(**staff, **more.get(kind, {}))
        return command

    def stock(self) -> None:
        """Something on every screen: waiting, being made, ready, paid, cancelled, parked, …"""
        for number in range(2):
            self.order(name=f"Carla {number}", note="extra hot")
        self.order(StartPreparation, TickLine)
        self.order(TakeCash, StartPreparation, FinishPreparation)
        self.order(TakeCardByHand, StartPreparation, FinishPreparation, ServeOrder)
        self.order(TakeCash, CancelOrder)
        self.order(CancelOrder)
        card = self.order()
        handle(order_stream(card), card_payment(self.envelope(), "demo-approve"))
        register(self.customer, f"Carla {self.customer.hex[:8]}", self.envelope())
        ParkedEvent.objects.create(
            projection="board",
            generation=1,
            stream="order-00000000000000000000000000000001",
            revision=1,
            position=1,
            event_id=uuid4(),
            type_name="CoffeeOrdered",
            recorded_at=timezone.now(),
            error="Undecodable: nobody can read this.",
        )
        ParkedReaction.objects.create(
            event_id=uuid4(),
            stream="order-00000000000000000000000000000001",
            revision=1,
            position=1,
            type_name="PaymentStarted",
            recorded_at=timezone.now(),
            error="Undecodable: nobody can react to this.",
        )
        self.project()

    def project(self) -> None:
        """Bring what was written to the screens."""
        self.projector.handle(event_store().read_all(after=self.projector.position))

    @property
    def links(self) -> Sequence[str]:
        """The addresses that only their owner knows: of the orders, and of the customer."""
        tokens = [f"/o/{order_token(order)}/" for order in self.orders]
        return [*tokens, f"/me/{customer_token(self.customer)}/"]


def guest_cookie(customer: UUID) -> str:
    """The signed cookie of a guest's device."""
    response = HttpResponse()
    guests.remember(response, customer)
    return response.cookies[guests.cookie_name("guest")].value


@contextmanager
def stocked_shop(eventstore_uri: str, push: Push | None = None) -> Iterator[StockedShop]:
    """A shop with something on every screen, on a log of its own."""
    with override_settings(EVENTSTORE_URI=eventstore_uri, **UNLIMITED):
        event_store.cache_clear()
        order_numbers._numbers.cache_clear()
        shop = StockedShop(push)
        shop.stock()
        try:
            yield shop
        finally:
            event_store().close()
            event_store.cache_clear()


@contextmanager
def put_back() -> Iterator[None]:
    """Whatever happens inside to the SQLite databases is undone afterwards."""
    kept = {alias: sqlite3.connect(":memory:") for alias in DATABASES}
    for alias, copy in kept.items():
        connections[alias].ensure_connection()
        connections[alias].connection.backup(copy)
    try:
        yield
    finally:
        for alias, copy in kept.items():
            copy.backup(connections[alias].connection)
            copy.close()
