"""The state of an order that is not in memory: from the log beside from its row, in one run.

    python -m tests.load.state_on_a_miss [ORDERS]            (default 500; about half a minute)

From the log, as the engine does it: read the order's stream of six events, decode, fold. From the
row: read the `TrackedOrder`, load its compact facts, fold. In turns, order by order, not in the
sequence in which they were written; with a log of its own on loopback (TLS and passwords, as in a
shop), SQLite, and the customers' keys in memory. Prints medians in microseconds.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID, uuid4

import django

VAR = tempfile.TemporaryDirectory(prefix="barstucks-state-on-a-miss-")
if __name__ == "__main__":
    os.environ["BARSTUCKS_VAR"] = VAR.name
    for elsewhere in ("DATABASE_URL", "READ_MODELS_URL"):
        os.environ.pop(elsewhere, None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402

from orders.command_handler import handle  # noqa: E402
from orders.domain.order_status import OrderStatus, fold  # noqa: E402
from orders.domain.ordering import PlaceOrder, ServeOrder  # noqa: E402
from orders.domain.payment import TakeCash  # noqa: E402
from orders.domain.preparation import FinishPreparation, StartPreparation, TickLine  # noqa: E402
from orders.domain.streams import order_stream  # noqa: E402
from orders.event_codec import key_ring  # noqa: E402
from orders.event_store import EventStore, StoredEvent  # noqa: E402
from orders.tests.shop_cast import LATTE, NOON, envelope  # noqa: E402
from projections.engine.checkpoints import active_cursors, active_generation  # noqa: E402
from projections.engine.folded_stream import FoldedStreams  # noqa: E402
from projections.engine.projector import Projector  # noqa: E402
from projections.folded_order import ORDERS  # noqa: E402
from projections.screens import PROJECTIONS  # noqa: E402
from projections.screens.order_tracking import NAME, TrackedOrder  # noqa: E402
from tests.eventstore_fixture import running_eventstore  # noqa: E402

T = TypeVar("T")

ROUNDS = 3
LAST_REVISION = 5


def write_orders(store: EventStore, count: int) -> dict[UUID, str]:
    """Carry out six commands of one event each on so many orders. Each order's customer."""
    customers = {uuid4(): uuid4().hex for _ in range(count)}
    for number, (order, customer) in enumerate(customers.items(), start=1):
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
            TakeCash(**envelope(), payment=uuid4().hex, given=LATTE.unit_price),
            ServeOrder(**envelope()),
        ):
            handle(order_stream(order), command, store=store)
    return customers


def project(store: EventStore) -> None:
    """Bring every read model up to date."""
    projector = Projector(store, ORDERS, lambda: active_cursors(PROJECTIONS))
    projector.load_cursors()
    projector.handle(store.read_all())


class Stopwatch:
    """The microseconds that each part took, call by call."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {}

    def time(self, part: str, read: Callable[[UUID], T], order: UUID) -> T:
        """Read this order, and keep how long it took."""
        began = time.perf_counter()
        result = read(order)
        self.took.setdefault(part, []).append((time.perf_counter() - began) * 1e6)
        return result


def measure(store: EventStore, customers: dict[UUID, str]) -> Stopwatch:
    """Both ways for every order, which must come to the same state."""
    keys, watch = key_ring(), Stopwatch()
    streams, generation = FoldedStreams(ORDERS, store, keys), active_generation(NAME)

    def events_of(order: UUID) -> list[StoredEvent]:
        return store.read_stream(order_stream(order))

    def from_the_log(order: UUID) -> OrderStatus:
        return streams.read(order_stream(order), LAST_REVISION).state

    def row_of(order: UUID) -> TrackedOrder:
        return TrackedOrder.objects.get(generation=generation, order=order.hex)

    def from_the_row(order: UUID) -> OrderStatus:
        return fold(row_of(order).loaded_facts())

    orders = list(customers)
    for _ in range(ROUNDS):
        random.shuffle(orders)
        for order in orders:
            keys.fetch([customers[order]])
            watch.time("log: read alone", events_of, order)
            watch.time("row: read alone", row_of, order)
            logged = watch.time("log: read, decode, fold", from_the_log, order)
            stored = watch.time("row: read, load, fold", from_the_row, order)
            assert logged == stored
    return watch


def main(count: int) -> None:
    """Measure with a log and tables of its own, and print."""
    for database in ("default", "read_models"):
        call_command("migrate", database=database, verbosity=0)
    with running_eventstore(closed=True) as log:
        store = EventStore(log.uri)
        try:
            customers = write_orders(store, count)
            project(store)
            watch = measure(store, customers)
        finally:
            store.close()
    for part, took in sorted(watch.took.items()):
        median, most = statistics.median(took), sorted(took)[len(took) * 95 // 100]
        print(f"{part:<26} {median:>7.0f} µs   (95 of 100 below {most:.0f})")


if __name__ == "__main__":
    with VAR:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
