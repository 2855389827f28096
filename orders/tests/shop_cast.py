"""Test data of the write side: Carla's latte, and the envelopes of commands."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from orders.domain.command import Envelope
from orders.domain.events import Line
from orders.domain.ordering import PlaceOrder

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CARLA = UUID("0c" * 16)

LATTE = Line(
    line=1,
    item="caffe-latte",
    name="Caffè Latte",
    size="large",
    options=("EXTRA cream", "NO sugar"),
    quantity=1,
    unit_price=570,
)


def envelope(command_id: UUID | None = None, actor: str = "staff-1") -> Envelope:
    """The envelope of a command, with a new id unless one is given."""
    return Envelope(command_id=command_id or uuid4(), at=NOON, actor=actor)


def latte_order(
    command_id: UUID | None = None, *, name: str = "", note: str = "", number: int = 41
) -> PlaceOrder:
    """Carla orders a large latte with extra cream and no sugar."""
    return PlaceOrder(
        **envelope(command_id, f"customer-{CARLA.hex}"),
        number=number,
        day="2026-05-04",
        customer=CARLA.hex,
        name=name,
        note=note,
        lines=(LATTE,),
        currency="EUR",
        promised_seconds=240,
    )
