"""The cast, their usual order and their envelope: what every test of the rules begins with."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from orders.domain.command import Envelope
from orders.domain.event import Event, type_of
from orders.domain.events import CoffeeOrdered, Line, OrderAmended, Station
from orders.domain.fact import Fact

OPENING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
CARLA = "0c" * 16  # a customer
BAO = "staff-1"  # a barista
ANA = "staff-2"  # another


ENVELOPE = Envelope(command_id=UUID(int=1), at=OPENING, actor="staff-1")

LATTE = Line(
    line=1,
    item="latte",
    name="Latte",
    size="large",
    options=("SUB oat milk",),
    quantity=2,
    unit_price=450,
)
COOKIE = Line(
    line=2,
    item="cookie",
    name="Cookie",
    size="",
    options=(),
    quantity=1,
    unit_price=250,
    station=Station.FOOD,
)

ORDERED = CoffeeOrdered(
    number=41,
    day="2026-05-04",
    customer=CARLA,
    name="Carla",
    note="",
    lines=(LATTE, COOKIE),
    currency="EUR",
    promised_seconds=240,
)
TOTAL = 1150

AMENDED = OrderAmended(customer=CARLA, note="", allergies="", lines=(LATTE,), promised_seconds=240)
"""Without the cookie."""

AMENDED_TOTAL = 900


def recorded(*events: Event, minutes: float = 1, delay: float = 0) -> list[Fact]:
    """These events as facts of one stream, `minutes` apart, each recorded `delay` minutes late."""
    return [
        fact(event, revision, OPENING + timedelta(minutes=minutes * revision), delay)
        for revision, event in enumerate(events)
    ]


def fact(event: Event, revision: int, at: datetime, delay: float = 0) -> Fact:
    """One event as a fact."""
    return Fact(
        event=event,
        event_id=uuid5(NAMESPACE_OID, str(revision)),
        type_name=type_of(event).name,
        schema=type_of(event).version,
        stream="order-" + "0a" * 16,
        revision=revision,
        position=1000 + revision,
        occurred_at=at,
        recorded_at=at + timedelta(minutes=delay),
        actor="staff-1",
        command_id=UUID(int=revision + 1),
        correlation_id="",
        causation_id="",
    )
