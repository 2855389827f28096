"""Orders that need no dice."""

from uuid import UUID

from orders.domain.events import CoffeeOrdered, Line
from orders.domain.streams import customer_stream, order_stream

HELEN = UUID(int=0xE1E)
HELENS_STREAM = customer_stream(HELEN)


def order_stream_number(number: int) -> str:
    return order_stream(UUID(int=number))


def order_hex(number: int) -> str:
    return UUID(int=number).hex


def ordered(number: int, *, name: str = "Helen", note: str = "", items: int = 1) -> CoffeeOrdered:
    lines = tuple(
        Line(
            line=line,
            item=("latte", "espresso")[line % 2],
            name=("Latte", "Espresso")[line % 2],
            size="",
            options=("SUB oat milk",) if line == 1 else (),
            quantity=line,
            unit_price=400,
        )
        for line in range(1, items + 1)
    )
    return CoffeeOrdered(
        number=number,
        day="2026-05-04",
        customer=HELEN.hex,
        name=name,
        note=note,
        lines=lines,
        currency="EUR",
        promised_seconds=240,
    )
