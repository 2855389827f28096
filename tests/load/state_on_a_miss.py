"""The state of an order that is not in memory: from the log beside from its row, in one run.

    python tests/load/state_on_a_miss.py [ORDERS]      (default 500; about ten seconds)

From the log, as the engine does it: read the order's stream, decode, fold. From the row: read the
`TrackedOrder`, load its compact facts, fold. Both in turns, order by order, in another sequence than
that in which they were written, with a log of its own on loopback (TLS and passwords, as in
a shop), SQLite and customers' keys in memory. Prints medians in microseconds.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from uuid import UUID, uuid4

import django

from tests.eventstore_fixture import running_eventstore

STATE_SEED = 1
ROUNDS = 3


def write_orders(log_uri: str, count: int) -> list[UUID]:
    """Carry out six commands on each order, one event each, and project them all."""
    from orders.command_handler import handle
    from orders.domain.ordering import PlaceOrder, ServeOrder
    from orders.domain.payment import TakeCash
    from orders.domain.preparation import FinishPreparation, StartPreparation, TickLine
    from orders.domain.streams import order_stream
    from orders.event_store import EventStore
    from orders.tests.shop_cast import LATTE, NOON, envelope
    from projections.engine.checkpoints import active_cursors
    from projections.engine.projector import Projector
    from projections.folded_order import ORDERS
    from projections.screens import PROJECTIONS

    store = EventStore(log_uri)
    orders = [uuid4() for _ in range(count)]
    for number, order in enumerate(orders, start=1):
        customer = uuid4().hex
        for command in (
            PlaceOrder(
                **envelope(actor=f"customer-{customer}"),
                number=number,
                day=NOON.date().isoformat(),
                customer=customer,
                name="Carla",
                note="no nuts",
                lines=(LATTE,),
                currency="EUR",
                promised_seconds=240,
            ),
            StartPreparation(**envelope(), barista="staff-1"),
            TickLine(**envelope(), barista="staff-1", line=1),
            FinishPreparation(**envelope(), barista="staff-1", desk=1),
            TakeCash(**envelope(), payment=uuid4().hex, given=570),
            ServeOrder(**envelope()),
        ):
            handle(order_stream(order), command, store=store)
    projector = Projector(store, ORDERS, lambda: active_cursors(PROJECTIONS))
    projector.load_cursors()
    projector.handle(store.read_all())
    store.close()
    return orders


def measure(log_uri: str, orders: list[UUID]) -> dict[str, list[float]]:
    """Microseconds for each order and way; every way must come to the same state."""
    from orders.domain.order_status import fold
    from orders.domain.streams import order_stream
    from orders.event_codec import key_ring
    from orders.event_store import EventStore
    from projections.engine.checkpoints import active_generation
    from projections.engine.folded_stream import FoldedStreams
    from projections.folded_order import ORDERS
    from projections.screens.order_tracking import NAME, TrackedOrder

    store, keys = EventStore(log_uri), key_ring()
    streams, generation = FoldedStreams(ORDERS, store, keys), active_generation(NAME)
    shuffled = random.Random(STATE_SEED).sample(orders, len(orders))
    took: dict[str, list[float]] = {}

    def timed(way: str, call: Callable[[], object]) -> object:
        began = time.perf_counter()
        result = call()
        took.setdefault(way, []).append((time.perf_counter() - began) * 1e6)
        return result

    for _ in range(ROUNDS):
        for order in shuffled:
            stream = order_stream(order)
            keys.fetch([str(streams.read(stream, 0).customer)])
            timed("log, read only", lambda: store.read_stream(stream))  # noqa: B023
            state = timed("log", lambda: streams.read(stream, 5).state)  # noqa: B023
            row = timed(
                "row, read only",
                lambda: TrackedOrder.objects.get(generation=generation, order=order.hex),  # noqa: B023
            )
            assert isinstance(row, TrackedOrder)
            facts = timed("row, load and fold", row.loaded_facts)
            again = timed(
                "row",
                lambda: fold(
                    TrackedOrder.objects.get(
                        generation=generation,
                        order=order.hex,  # noqa: B023
                    ).loaded_facts()
                ),
            )
            assert facts
            assert state == again, "both ways must come to the same state"
    store.close()
    return took
