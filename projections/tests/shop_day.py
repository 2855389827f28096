"""A random day in the shop: whatever the rules allow happens, in any order."""

import random
from collections import defaultdict
from datetime import timedelta
from uuid import UUID, uuid4

from orders.domain.command import Command, Envelope
from orders.domain.customer import ForgetCustomer, RegisterCustomer
from orders.domain.event import Event
from orders.domain.events import Line
from orders.domain.ordering import OrderingCommand, PlaceOrder
from orders.domain.payment import PaymentCommand
from orders.domain.preparation import PreparationCommand
from orders.domain.refused import Refused
from orders.domain.streams import customer_stream, order_stream
from orders.domain.tests.random_commands import kinds_of, random_command
from projections.tests.in_memory_log import OPENING, InMemoryLog

MENU = (("latte", "Latte", 450), ("espresso", "Espresso", 250), ("cookie", "Cookie", 280))

ABOUT_AN_ORDER = [
    kind
    for service in (OrderingCommand, PreparationCommand, PaymentCommand)
    for kind in kinds_of(service)
    if kind is not PlaceOrder
]


def random_day(seed: int, orders: int = 6, steps: int = 200) -> InMemoryLog:
    """A log that the rules allow. The same seed gives the same day."""
    dice = random.Random(seed)
    log = InMemoryLog()
    customers = [UUID(int=dice.getrandbits(128)) for _ in range(3)]
    placed: list[str] = []
    histories: dict[str, list[Event]] = defaultdict(list)

    def carry_out(stream: str, command: Command) -> bool:
        service = command.service
        try:
            events = service.decide(service.fold(histories[stream]), command)
        except Refused:
            return False
        histories[stream] += events
        log.write(stream, *events, actor=command.actor, after=0.25)
        return True

    for step in range(steps):
        log.now += timedelta(seconds=dice.choice((0.5, 20, 90)))
        if len(placed) < orders and (not placed or dice.random() < 0.25):
            stream = order_stream(UUID(int=dice.getrandbits(128)))
            order = _order(dice, len(placed) + 1, dice.choice(customers))
            if carry_out(stream, order):
                placed.append(stream)
        elif dice.random() < 0.03:
            customer = dice.choice(customers)
            name = f"Guest {step}"
            register = RegisterCustomer(**_envelope(dice), customer=customer.hex, name=name)
            carry_out(customer_stream(customer), register)
        elif dice.random() < 0.02:
            customer = dice.choice(customers)
            forget = ForgetCustomer(**_envelope(dice), customer=customer.hex)
            carry_out(customer_stream(customer), forget)
        else:
            command = random_command(dice.choice(ABOUT_AN_ORDER), dice, _envelope(dice))
            carry_out(dice.choice(placed), command)
    return log


def _envelope(dice: random.Random) -> Envelope:
    actor = dice.choice(("staff-1", "staff-2", "customer-0c", "reactor"))
    return Envelope(command_id=uuid4(), at=OPENING, actor=actor)


def _order(dice: random.Random, number: int, customer_id: UUID) -> PlaceOrder:
    lines = []
    for line in range(1, dice.randint(1, 3) + 1):
        item, name, price = dice.choice(MENU)
        options = ("SUB oat milk",) if dice.random() < 0.4 else ()
        lines.append(
            Line(
                line=line,
                item=item,
                name=name,
                size="",
                options=options,
                quantity=dice.randint(1, 3),
                unit_price=price,
            )
        )
    return PlaceOrder(
        **_envelope(dice),
        number=number,
        day="2026-05-04",
        customer=customer_id.hex,
        name=dice.choice(("Carla", "", "Zoë & <b>")),
        note=dice.choice(("", "extra hot")),
        lines=tuple(lines),
        currency="EUR",
        promised_seconds=240,
    )
