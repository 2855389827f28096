"""Events that cannot be read or applied, written past the shop: nobody else may notice."""

import json
import sqlite3
import time
import uuid
from contextlib import closing

from orders.event_store.client_library import EventStoreDBClient, NewEvent, StreamState
from tests.faults.attack import seconds_to_normal
from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.read_model_audit import position_of_screens
from tests.faults.recorded import Recorded, read_log
from tests.faults.shop_audit import open_intentions
from tests.shop import Shop

PARKED_SECONDS = 5.0
OTHERS_SECONDS = 2.0
OWNER = {"service": "ordering", "schema": 1, "command_id": str(uuid.uuid4()), "actor": "x"}

KINDS: dict[str, tuple[str, bytes, dict[str, object]]] = {
    "unknown type": ("CoffeeSang", b"{}", OWNER),
    "no JSON": ("CoffeeOrdered", b"\x00\xff not json", OWNER),
    "nothing": ("CoffeeOrdered", b"", OWNER),
    "a field is missing": ("CoffeeOrdered", b'{"number": 1}', OWNER),
    "a field has another type": ("OrderCancelled", b'{"reason": 17, "by_shop": []}', OWNER),
    "one megabyte": ("OrderCancelled", b'{"reason": "' + b"x" * 1_000_000 + b'"}', OWNER),
    "a later schema": ("CoffeeOrdered", b"{}", OWNER | {"schema": 99}),
    "an order that does not exist": ("OrderServed", b"{}", OWNER),
    "no metadata": ("OrderCancelled", b'{"reason": "", "by_shop": true}', {}),
    "a payment that is none": (
        "PaymentStarted",
        b'{"payment": null}',
        OWNER | {"service": "payment"},
    ),
}


def poison(shop: Shop, count: int, progress: Progress) -> Figure:
    """Each kind of bad event so many times, among good ones."""
    before = {part: shop.pid(part) for part in ("projector", "reactor")}
    good: list[str] = []
    slowest = 0.0
    with OrderingProgram.of(shop) as program, EventStoreDBClient(shop.eventstore_uri) as client:
        for number in range(count):
            for type_name, data, metadata in KINDS.values():
                event = NewEvent(type=type_name, data=data, metadata=json.dumps(metadata).encode())
                stream = f"order-{uuid.uuid4().hex}"
                client.append_to_stream(
                    stream, current_version=StreamState.NO_STREAM, events=event, timeout=5
                )
                answer = program.insist(new_key(), contents_of())
                good.append(answer.order)
                began = time.monotonic()
                position = int(answer.fields["position"])
                while position_of_screens(shop.var) < position and time.monotonic() < began + 10:
                    time.sleep(0.02)
                slowest = max(slowest, time.monotonic() - began)
            progress(number + 1)
        time.sleep(1)
        card = program.insist(new_key(), contents_of(card="demo-approve")).order
        shop.wait_until(lambda: _is_paid(shop, card), 20)
        time.sleep(PARKED_SECONDS)
    parked = _parked(shop)
    restarts = [part for part, pid in before.items() if shop.pid(part) != pid]
    reactor_behind = _reactor_behind(shop)
    normal = seconds_to_normal(shop, time.monotonic())
    text = (
        f"{count * len(KINDS)} bad events: {parked} streams parked; others on the screens after "
        f"{slowest:.1f} s at most; reactor {reactor_behind} events behind; restarts: "
        f"{', '.join(restarts) or 'none'}"
    )
    held = slowest <= OTHERS_SECONDS and parked > 0 and not restarts and reactor_behind == 0
    return Figure(text, held and normal <= 5)


def _is_paid(shop: Shop, order: str) -> bool:
    facts: list[Recorded] = [e for e in read_log(shop.eventstore_uri) if e.order == order]
    return any(e.type_name == "OrderPaid" for e in facts) and not open_intentions(facts)


def _parked(shop: Shop) -> int:
    with closing(sqlite3.connect(f"file:{shop.var}/read_models.sqlite3?mode=ro", uri=True)) as file:
        rows = file.execute("SELECT COUNT(DISTINCT stream) FROM projections_parkedevent")
        return int(rows.fetchone()[0])


def _reactor_behind(shop: Shop) -> int:
    """Events behind the reactor's checkpoint, of those older than a few seconds."""
    with closing(sqlite3.connect(f"file:{shop.var}/default.sqlite3?mode=ro", uri=True)) as file:
        position = file.execute("SELECT MAX(position) FROM orders_reactorcheckpoint").fetchone()[0]
    log = read_log(shop.eventstore_uri)
    return sum(event.position > (-1 if position is None else position) for event in log)


POISON = [
    Check(
        name="poison",
        fault="T9",
        goal="parked; others on the screens within 2 s; the reactor passes; 0 restarts",
        run=poison,
        full=10,
        short=1,
        needs_own_shop=True,
        is_audited=False,
    ),
]
