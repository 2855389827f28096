"""However long the queue is: a screen carries what it can show, says how much more there is, and
one that was open all the time shows the same as one just opened.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import Client

from orders.domain.event import Event
from orders.domain.events import CoffeePrepared, OrderCancelled, PreparationStarted
from projections.engine.sequences import Committed
from projections.live import broadcaster, connection, push, snapshots
from projections.live.broadcaster import Broadcaster
from projections.live.connection import MOST_WAITING_BYTES, LiveConnection
from projections.screen import SHORT, SNAPSHOT_CHARACTERS, Room
from projections.screens import cashier_desk, pickup_board
from projections.screens.barista_queue import queries, ticket
from projections.tests.at_a_screen import BOTH, member, page, shown, without_tokens
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import EVERY_VIEW, project, projector_of
from projections.tests.some_orders import order_hex, order_stream_number, ordered

LARGEST_NOTE = "ALLERGY " + "<é☕>" * 48
BOUNDED = (
    (ticket.NAME, "ticket-", queries.QUEUE_SHOWN),
    (cashier_desk.NAME, "balance-", cashier_desk.BALANCES_SHOWN),
    (pickup_board.NAME, "entry-", pickup_board.MAKING_SHOWN),
)


def orders(count: int, **of_each: Any) -> InMemoryLog:
    log = InMemoryLog()
    for number in range(1, count + 1):
        log.write(order_stream_number(number), ordered(number, **of_each))
    return log


def fragments_of(text: str) -> dict[str, str]:
    return {fragment["id"]: fragment["html"] for fragment in json.loads(text)["fragments"]}


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize(("view", "prefix", "most"), BOUNDED)
def test_a_snapshot_has_the_first_rows_and_says_how_many_there_are_besides(
    view: str, prefix: str, most: int
) -> None:
    shown(orders(most + 7))

    fragments = fragments_of(snapshots.snapshot(view))

    rows = [name for name in fragments if name.startswith(prefix)]
    assert rows == [f"{prefix}{order_hex(number)}" for number in range(1, most + 1)]
    besides = 7 + (pickup_board.MAKING_ROOM if view == pickup_board.NAME else 0)
    assert any(f"and <b>{besides}</b> more" in (html or "") for html in fragments.values())
    assert snapshots.is_crowded(view)


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize(("view", "prefix", "most"), BOUNDED)
def test_a_screen_that_is_just_full_leaves_nothing_out(view: str, prefix: str, most: int) -> None:
    shown(orders(most))

    room = Room()
    snapshots.snapshot(view, room)

    assert room.left_out == 0
    assert not snapshots.is_crowded(view)


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize("view", [view for view, *_ in BOUNDED])
@pytest.mark.parametrize("share", [1.0, SHORT])
def test_no_snapshot_of_the_largest_orders_is_more_than_may_wait_for_a_socket(
    view: str, share: float
) -> None:
    shown(orders(80, name="Ł" * 40, note=LARGEST_NOTE, items=50))

    room = Room(share)
    size = len(snapshots.snapshot(view, room).encode())

    assert size < MOST_WAITING_BYTES * max(share, 0.5)
    assert room.left_out > 0


@pytest.mark.django_db(databases=BOTH)
def test_the_till_sorts_in_the_database_as_its_rows_say() -> None:
    log = orders(30)
    made: tuple[Event, ...] = (PreparationStarted(barista="staff-1"), CoffeePrepared(desk=1))
    cancelled = OrderCancelled(reason="out of milk", by_shop=True)
    for number in range(1, 30, 3):
        log.write(order_stream_number(number), *made)
    for number in range(2, 30, 5):
        log.write(order_stream_number(number), cancelled)
    shown(log)

    rows = list(cashier_desk.open_balances())

    assert rows == sorted(rows, key=lambda balance: balance.sort)


@pytest.mark.django_db(databases=BOTH)
@pytest.mark.parametrize(
    ("path", "role", "prefix", "most"),
    [
        ("/bar/", "barista", "ticket-", queries.QUEUE_SHOWN),
        ("/till/", "cashier", "balance-", cashier_desk.BALANCES_SHOWN),
    ],
)
def test_the_rest_stands_on_the_next_pages(path: str, role: str, prefix: str, most: int) -> None:
    shown(orders(most + 7))
    client: Client = member(role, "Ada")

    first, second = page(client, path), page(client, f"{path}?page=2")

    assert first.count(f'id="{prefix}') == most
    assert f'href="{path}?page=2"' in first
    assert "data-live=" in first
    assert second.count(f'id="{prefix}') == 7
    assert "Page 2 of 2" in second
    assert "data-live=" not in second
    for senseless in ("0", "-1", "x", "99999", "²"):
        assert f'id="{prefix}' in page(client, f"{path}?page={senseless}")


class Reader:
    """The server's side of a socket whose reader takes so many characters with each turn."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.waiting = 0
        self.sent: list[dict[str, Any]] = []
        self.most_waiting = 0

    def prepare(self, text: str) -> object:
        return text

    def write(self, prepared: object) -> None:
        text = str(prepared)
        self.sent.append(json.loads(text))
        self.waiting += len(text.encode())
        self.most_waiting = max(self.most_waiting, self.waiting)

    def waiting_bytes(self) -> int:
        return self.waiting

    def take(self) -> None:
        self.waiting = max(0, self.waiting - self.takes)


class Shown:
    """A screen that applies what it gets, and asks for nothing."""

    def __init__(self) -> None:
        self.seq = -1
        self.fragments: dict[str, tuple[str, str, str]] = {}

    def take(self, message: dict[str, Any]) -> None:
        seq = message.get("seq", self.seq)
        if message["kind"] == "push":
            if seq <= self.seq:
                return
            assert seq == self.seq + 1, "A gap: it would have to ask for a snapshot."
        if message["kind"] == "snapshot":
            self.fragments = {}
        self.seq = seq
        for fragment in message.get("fragments", ()):
            self.fragments.pop(fragment["id"], None)
            if fragment["html"] is not None:
                html = without_tokens(fragment["html"])
                self.fragments[fragment["id"]] = (fragment["slot"], fragment["sort"], html)


@pytest.fixture
async def screens() -> AsyncIterator[Broadcaster]:
    running = Broadcaster()
    yield running
    await running.stop()
    await sync_to_async(connections.close_all)()


async def opened(screens: Broadcaster, view: str, reader: Reader) -> LiveConnection:
    async def send(_: dict[str, Any]) -> None: ...

    live = LiveConnection(view, send, reader)
    screens._connections.setdefault(view, set()).add(live)
    screens.send_snapshot([live])
    await settled(screens)
    return live


async def settled(screens: Broadcaster) -> None:
    while screens._drawing:
        await asyncio.gather(*screens._drawing.values())


@pytest.mark.django_db(databases=BOTH, transaction=True)
@pytest.mark.parametrize(("view", "prefix", "most"), BOUNDED)
async def test_a_screen_open_all_the_time_shows_the_same_as_one_just_opened(
    view: str, prefix: str, most: int, screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "SUMMARY_PAUSE", 0.0)
    log = await sync_to_async(orders)(most - 2)
    changes: list[Committed] = []
    projector = await sync_to_async(projector_of)(log, push=changes.extend)
    await sync_to_async(projector.handle)(log.events)
    reader, state = Reader(takes=10**9), Shown()
    await opened(screens, view, reader)

    def ordinary(number: int) -> tuple[int, tuple[Event, ...]]:
        return number, (ordered(number),)

    cancelled = OrderCancelled(reason="out of milk", by_shop=True)
    steps: list[tuple[int, tuple[Event, ...]]] = [
        *map(ordinary, range(most - 1, most + 6)),  # over the bound …
        (most + 4, (cancelled,)),  # … one that nobody sees goes …
        *((number, (cancelled,)) for number in range(1, 8)),  # … and those that everybody sees
        ordinary(most + 6),
    ]
    for number, events in steps:
        changes.clear()
        new = log.write(order_stream_number(number), *events)
        await sync_to_async(projector.handle)(new)
        screens.receive(await sync_to_async(push.message_of)(changes, EVERY_VIEW))
        await settled(screens)
        reader.take()
        for message in reader.sent:
            state.take(message)
        reader.sent.clear()
        fresh = Shown()
        fresh.take(json.loads(await sync_to_async(snapshots.snapshot)(view)))
        assert state.fragments == fresh.fragments, number
        assert state.seq == fresh.seq


@pytest.mark.django_db(databases=BOTH, transaction=True)
async def test_who_reads_slowly_waits_then_gets_a_short_screen_and_is_never_closed(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "BUSY_PAUSE", 0.01)
    monkeypatch.setattr(connection, "SLOW_SECONDS", 4.0)
    log = await sync_to_async(orders)(cashier_desk.BALANCES_SHOWN + 40)
    await sync_to_async(project)(log, [log.events])
    reader = Reader(takes=4_000)
    live = await opened(screens, cashier_desk.NAME, reader)
    whole = reader.sent[0]
    for second in range(300):
        screens.receive({"frames": {cashier_desk.NAME: '{"kind":"push"}'}, "touched": []})
        await asyncio.sleep(0.02)
        reader.take()
        live.watch(1_000.0 + second)
        if len(reader.sent) > 2:
            break

    kinds = [message["kind"] for message in reader.sent]
    assert kinds[0] == "snapshot"
    assert "snapshot" in kinds[1:]
    short = next(message for message in reader.sent[1:] if message["kind"] == "snapshot")
    assert len(short["fragments"]) < len(whole["fragments"]) / 2
    assert reader.most_waiting <= SNAPSHOT_CHARACTERS * 2
    assert live.close_code is None
    screens.leave(live)
