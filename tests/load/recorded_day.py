"""A long log for rebuilds: the recorded shop's orders, over and over, under other ids.

Every version reads the same bytes, and each copy has a customer with a key of its own, as in a real
log. Knows the envelope of an event and the table of keys; imports nothing of the shop's code.
"""

import json
import sqlite3
import tarfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from uuid import UUID, uuid5

from esdbclient import EventStoreDBClient, NewEvent, RecordedEvent, StreamState

from tests.eventstore_fixture import start_eventstore
from tests.shop import ROOT

RECORDED = ROOT / "tests/acceptance/opened_before/shop.tar.gz"
COPIES = UUID("0b4c8d5e-6f0a-4f57-9d0b-4a2a86c5f7d1")
ORDERED = "CoffeeOrdered"
OPEN_AT_ONCE = 20  # so many orders take turns, as at a bar
SECONDS_APART = 2


def make_shop(var: Path, events: int, *, whole_lives: bool) -> int:
    """Unpack the recorded shop and fill its log with about so many events; how many it has then."""
    with tarfile.open(RECORDED) as archive:
        archive.extractall(var, filter="data")
    log = start_eventstore(var / "eventstore", closed=True)
    client = EventStoreDBClient(log.uri)
    try:
        recorded = [event for event in client.read_all() if event.stream_name.startswith("order-")]
        orders: dict[str, list[RecordedEvent]] = defaultdict(list)
        for event in recorded:
            if whole_lives or event.type == ORDERED:
                orders[event.stream_name].append(event)
        forgotten = _forgotten_customers(var)
        known = [order for order in orders.values() if _customer(order[0]) not in forgotten]
        customers = dict(_append_copies(client, known, events))
        written = sum(1 for _ in client.read_all())
    finally:
        client.close()
        log.stop()
    _copy_keys(var, customers)
    return written


def _append_copies(
    client: EventStoreDBClient, orders: list[list[RecordedEvent]], events: int
) -> Iterator[tuple[str, str]]:
    """Append copies of these orders; yields the customer of each copy and the one it was."""
    appended = copy = 0
    under_way: list[tuple[int, list[RecordedEvent]]] = []
    for order in cycle(orders):
        if appended >= events and not under_way:
            return
        if appended < events:
            under_way.append((copy, list(order)))
            yield uuid5(COPIES, f"customer {copy}").hex, _customer(order[0])
            copy += 1
        if len(under_way) < OPEN_AT_ONCE and appended < events:
            continue
        for number, left in under_way:
            event = left.pop(0)
            client.append_to_stream(
                f"order-{uuid5(COPIES, f'order {number}').hex}",
                current_version=event.stream_position - 1
                if event.stream_position
                else StreamState.NO_STREAM,
                events=_copied(event, number),
            )
            appended += 1
        under_way = [(number, left) for number, left in under_way if left]


def _copied(event: RecordedEvent, copy: int) -> NewEvent:
    """The same fact later that day. Its id stays: with it the name and the note are sealed."""
    data, envelope = json.loads(event.data), json.loads(event.metadata)
    if event.type == ORDERED:
        data |= {"number": copy + 1, "customer": uuid5(COPIES, f"customer {copy}").hex}
    later = timedelta(seconds=copy * SECONDS_APART)
    occurred_at = datetime.fromisoformat(envelope["occurred_at"]) + later
    envelope["occurred_at"] = occurred_at.isoformat()
    return NewEvent(
        type=event.type,
        data=json.dumps(data).encode(),
        metadata=json.dumps(envelope).encode(),
        id=event.id,
    )


def _customer(ordered: RecordedEvent) -> str:
    return str(json.loads(ordered.data)["customer"])


def _forgotten_customers(var: Path) -> set[str]:
    with sqlite3.connect(var / "default.sqlite3") as accounts:
        keyed = accounts.execute("SELECT customer FROM orders_customerkey WHERE key = x''")
        return {customer for (customer,) in keyed}


def _copy_keys(var: Path, customers: dict[str, str]) -> None:
    with sqlite3.connect(var / "default.sqlite3") as accounts:
        accounts.executemany(
            "INSERT INTO orders_customerkey (customer, key, made_at) "
            "SELECT ?, key, made_at FROM orders_customerkey WHERE customer = ?",
            customers.items(),
        )
