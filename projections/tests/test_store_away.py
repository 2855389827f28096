"""The log goes away, hangs, comes back: the projector goes on by itself, and loses nothing."""

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.db import connections

from orders.event_store import EventStore, LogFollower, log_follower
from projections.engine.checkpoints import active_cursors, active_rows
from projections.engine.models import Checkpoint, CheckpointState
from projections.engine.projector import Projector
from projections.folded_order import ORDERS
from projections.screens import PROJECTIONS
from projections.screens.barista_queue.ticket import QueueTicket
from projections.tests.in_memory_log import FixedKeys
from projections.tests.projecting import project, projector_of
from projections.tests.shop_day import random_day
from projections.tests.shop_files import write_down
from tests.eventstore_fixture import RunningEventstore, start_eventstore

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

PATIENCE = 60


@pytest.fixture
def running(own_eventstore: RunningEventstore) -> Iterator[Projector]:
    yield from project_from(own_eventstore.uri)


def project_from(uri: str) -> Generator[Projector, None, None]:
    store, stopping = EventStore(uri), threading.Event()
    projector = Projector(store, ORDERS, lambda: active_cursors(PROJECTIONS), keys=FixedKeys())
    follower = LogFollower(store, projector, turn_seconds=0.1)
    thread = threading.Thread(target=closing_connections, args=(follower.run, stopping))
    thread.start()
    try:
        yield projector
    finally:
        stopping.set()
        thread.join(20)
        store.close()
        assert not thread.is_alive()


def closing_connections(run: Callable[[threading.Event], None], stopping: threading.Event) -> None:
    """A thread's connections to the databases end with the thread."""
    try:
        run(stopping)
    finally:
        connections.close_all()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_at(head: int, **of: str) -> None:
    deadline = time.monotonic() + PATIENCE
    positions: set[int] = set()
    while positions != {head} and time.monotonic() < deadline:
        positions = set(Checkpoint.objects.filter(**of).values_list("position", flat=True))
        time.sleep(0.05)
    assert positions == {head}


def written(uri: str, seed: int) -> int:
    store = EventStore(uri)
    write_down(store, random_day(seed, orders=3, steps=60))
    head = store.head()
    store.close()
    return head


def test_a_frozen_log_is_followed_again_once_it_thaws(
    running: Projector, own_eventstore: RunningEventstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_follower, "WATCH_EVERY", 0.2)
    wait_until_at(written(own_eventstore.uri, 31))
    own_eventstore.freeze()
    time.sleep(4)
    own_eventstore.thaw()
    wait_until_at(written(own_eventstore.uri, 32))


def test_a_log_that_was_killed_and_started_again_is_followed_from_where_it_was(
    tmp_path: Path,
) -> None:
    port = free_port()
    server = start_eventstore(tmp_path, port)
    projecting = project_from(server.uri)
    try:
        next(projecting)
        wait_until_at(written(server.uri, 33))
        server.kill()
        server = start_eventstore(tmp_path, port)
        wait_until_at(written(server.uri, 34))
    finally:
        projecting.close()
        server.stop()


def test_rows_of_facts_that_a_restored_log_does_not_have_are_gone(
    own_eventstore: RunningEventstore, tmp_path: Path
) -> None:
    older = start_eventstore(tmp_path)
    try:
        kept = written(older.uri, 35)
        lost = written(own_eventstore.uri, 35), written(own_eventstore.uri, 36)
        assert lost[1] > lost[0]
        for uri, head in ((own_eventstore.uri, lost[1]), (older.uri, kept)):
            projecting = project_from(uri)
            next(projecting)
            try:
                wait_until_at(head, state=CheckpointState.ACTIVE)
            finally:
                projecting.close()
        store = EventStore(older.uri)
        orders = {e.stream for e in store.read_all() if e.stream.startswith("order-")}
        store.close()
    finally:
        older.stop()

    shown = {f"order-{ticket.order}" for ticket in active_rows(QueueTicket)}
    assert shown == orders


def test_one_projection_that_is_beyond_an_older_log_is_built_anew_though_others_are_not() -> None:
    log = random_day(37, orders=3, steps=60)
    project(log, [log.events])
    queue = Checkpoint.objects.filter(projection="barista-queue")
    Checkpoint.objects.exclude(projection="barista-queue").update(position=log.events[3].position)
    projector = projector_of(log)
    assert projector.load(lambda: log.events[5].position) is None
    assert sorted(queue.values_list("generation", "state")) == [(1, "retired"), (2, "active")]
    assert not active_rows(QueueTicket).exists()
