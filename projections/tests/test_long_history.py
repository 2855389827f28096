"""A page takes the same work after forty days as after ten: counts, at two lengths of history.

The last day is the same in both, and so are the day and the week before it. Counted are statements,
steps of SQLite's virtual machine (each row that is looked at takes some), and events read.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone

from orders.event_store import EventStore, StoredEvent, event_store
from orders.links import order_token
from orders.personal_data import key_ring
from projections.engine.checkpoints import active_cursors, active_rows
from projections.engine.projector import Projector
from projections.folded_order import ORDERS
from projections.live import snapshots
from projections.screens import LIVE_SCREENS, PROJECTIONS, directory
from projections.screens.directory import DirectoryEntry
from projections.screens.order_tracking import TrackedOrder
from projections.tests.at_a_screen import BOTH, member
from projections.tests.projecting import start_anew
from tests.eventstore_fixture import start_eventstore
from tests.load.long_log import days_until, fill, note_what_is_done

pytestmark = pytest.mark.django_db(databases=BOTH)

END = datetime.fromisoformat("2026-05-07T09:10:00+02:00")
ORDERS_A_DAY = 20
SHORT, LONG = 1_300, 5_200
"""Events of ten days, and of forty."""

STEPS_AT_ONCE = 20


@dataclass
class Work:
    """What was done meanwhile, in this process and for it."""

    statements: int = 0
    steps: int = 0
    events_read: int = 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """Count what the block does."""
    work = Work()

    def statement(execute: Callable[..., Any], *arguments: Any) -> Any:
        work.statements += 1
        return execute(*arguments)

    def step() -> int:
        work.steps += STEPS_AT_ONCE
        return 0

    def reading(read: Callable[..., list[StoredEvent]]) -> Callable[..., list[StoredEvent]]:
        def counting(*arguments: Any, **named: Any) -> list[StoredEvent]:
            events = read(*arguments, **named)
            work.events_read += len(events)
            return events

        return counting

    with ExitStack() as stack, monkeypatch.context() as patch:
        for name in ("read_stream", "read_all"):
            patch.setattr(EventStore, name, reading(getattr(EventStore, name)))
        for alias in BOTH:
            connection = connections[alias]
            stack.enter_context(connection.execute_wrapper(statement))
            if connection.vendor == "sqlite":
                connection.ensure_connection()
                connection.connection.set_progress_handler(step, STEPS_AT_ONCE)
                stack.callback(connection.connection.set_progress_handler, None, 0)
        yield work


@contextmanager
def shop_with(events: int, directory: Path) -> Iterator[None]:
    """The log and the read models of a shop with so much history."""
    note_what_is_done(fill(directory, days_until(events, END, orders_a_day=ORDERS_A_DAY)))
    log = start_eventstore(directory)
    event_store.cache_clear()
    key_ring().clear()
    try:
        with override_settings(EVENTSTORE_URI=log.uri):
            projector = Projector(event_store(), ORDERS, lambda: active_cursors(PROJECTIONS))
            projector.load_cursors()
            everything = event_store().read_all()
            for first in range(0, len(everything), 2_000):
                projector.handle(everything[first : first + 2_000])
            yield
            event_store().close()
    finally:
        event_store.cache_clear()
        log.stop()


def looks() -> dict[str, Callable[[Client], object]]:
    """What somebody may look at, by a name: the same in both shops."""
    served = TrackedOrder.objects.filter(ordered_at__lt=END - timedelta(hours=1), progress="served")
    order = served.latest("ordered_at")
    yesterday = END - timedelta(days=1)
    customers = active_rows(DirectoryEntry).filter(kind="customer", first_at__lt=yesterday)
    customer = customers.latest("first_at").stream
    at = f"?at={quote(yesterday.isoformat())}"
    at_half = f"?at={quote((order.ordered_at + timedelta(seconds=100)).isoformat())}"
    pages = {
        "the bar": "/bar/",
        "the bar yesterday": f"/bar/{at}",
        "the bar, looking for a number": f"/bar/?done={order.number}",
        "the till": "/till/",
        "the till yesterday": f"/till/{at}",
        "the till, looking for a number": f"/till/?q={order.number}",
        "the till, one order": f"/till/?order={order.order}",
        "the board": "/board/",
        "the board yesterday": f"/board/{at}",
        "the day before": f"/manage/?day={timezone.localdate(yesterday)}",
        "sales at a time": f"/manage/{at}",
        "open orders": "/manage/open/",
        "the read side": "/manage/projections/",
        "the latest streams": "/manage/streams/",
        "streams by number": f"/manage/streams/?q={order.number}",
        "streams by id": f"/manage/streams/?q={order.order}",
        "an order's facts at a time": f"/manage/streams/order-{order.order}/{at_half}",
        "a customer's facts at a time": f"/manage/streams/{customer}/{at}",
        "an order": f"/o/{order_token(UUID(order.order))}/",
        "an order at a time": f"/o/{order_token(UUID(order.order))}/{at_half}",
    }

    def opened(path: str) -> Callable[[Client], object]:
        def look(client: Client) -> object:
            assert client.get(path).status_code == 200
            return None

        return look

    def drawn(view: str) -> Callable[[Client], object]:
        return lambda _client: (snapshots.snapshot(view), snapshots.is_crowded(view))

    return {name: opened(path) for name, path in pages.items()} | {
        f"a snapshot of {view}": drawn(view) for view in LIVE_SCREENS if view != "order"
    }


def work_of_each_look(monkeypatch: pytest.MonkeyPatch) -> dict[str, Work]:
    """The least of three: what is kept for a second may run out between two looks."""
    client, least = member("manager", "Ada"), {}
    for name, look in looks().items():
        look(client)  # what a process does once only
        works = []
        for _ in range(3):
            with counted(monkeypatch) as work:
                look(client)
            works.append(work)
        least[name] = min(works, key=astuple)
    return least


def test_no_page_takes_more_work_after_a_longer_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "FOUND_AT_MOST", 5)
    monkeypatch.setattr(timezone, "now", lambda: END)
    with shop_with(SHORT, tmp_path / "short"):
        short = work_of_each_look(monkeypatch)
    start_anew()
    with shop_with(LONG, tmp_path / "long"):
        long = work_of_each_look(monkeypatch)

    more = {
        name: (astuple(short[name]), astuple(long[name]))
        for name in short
        if (short[name].statements, short[name].events_read)
        != (long[name].statements, long[name].events_read)
        or long[name].steps > 1.1 * short[name].steps + 10 * STEPS_AT_ONCE
    }
    assert more == {}
    assert short["an order's facts at a time"].events_read > 2
    assert short["the bar yesterday"].events_read == 0
