"""The adapter against an Eventstore with TLS and passwords, as `manage.py serve` runs it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orders.event_store import (
    EventStore,
    EventStoreError,
    NewStoredEvent,
    StoreUnavailable,
    WrongRevision,
)
from orders.tests.patience import once_it_is_back
from tests.eventstore_fixture import RunningEventstore, running_eventstore, start_eventstore

STREAM = f"order-{uuid4().hex}"


@pytest.fixture
def closed_eventstore() -> Iterator[RunningEventstore]:
    with running_eventstore(closed=True) as server:
        yield server


@pytest.fixture
def closed_store(closed_eventstore: RunningEventstore) -> Iterator[EventStore]:
    store = EventStore(closed_eventstore.uri)
    yield store
    store.close()


def new(data: bytes = b"{}") -> NewStoredEvent:
    return NewStoredEvent(event_id=uuid4(), type_name="Thing", data=data, metadata=b"{}")


def in_a_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_it_appends_and_reads(closed_store: EventStore) -> None:
    position = closed_store.append(STREAM, None, [new(b"1"), new(b"2")])

    assert [event.data for event in closed_store.read_stream(STREAM)] == [b"1", b"2"]
    assert [event.data for event in closed_store.read_all()] == [b"1", b"2"]
    assert closed_store.head() == position
    with pytest.raises(WrongRevision):
        closed_store.append(STREAM, None, [new()])


def test_a_subscription_brings_what_was_then_what_is_and_stops(closed_store: EventStore) -> None:
    closed_store.append(STREAM, None, [new(b"before")])
    subscription = closed_store.subscribe(None)
    arrived: list[bytes] = []
    before, live = threading.Event(), threading.Event()

    def follow() -> None:
        for event in subscription:
            arrived.append(event.data)
            (live if event.data == b"live" else before).set()

    following = in_a_thread(follow)
    assert before.wait(10)
    closed_store.append(STREAM, 0, [new(b"live")])
    assert live.wait(10)
    subscription.stop()
    following.join(10)

    assert not following.is_alive()
    assert arrived == [b"before", b"live"]


def test_a_frozen_log_is_reported_and_its_subscription_stops(
    closed_eventstore: RunningEventstore, closed_store: EventStore
) -> None:
    closed_store.append(STREAM, None, [new()])
    subscription = closed_store.subscribe(None)
    arrived = threading.Event()

    def follow() -> None:
        for _ in subscription:
            arrived.set()

    following = in_a_thread(follow)
    assert arrived.wait(10)
    closed_eventstore.freeze()
    with pytest.raises(StoreUnavailable):
        closed_store.read_stream(STREAM)
    subscription.stop()
    following.join(10)
    closed_eventstore.thaw()

    assert not following.is_alive()
    assert len(once_it_is_back(lambda: closed_store.read_stream(STREAM))) == 1


def test_it_goes_on_when_the_log_comes_back(tmp_path: Path) -> None:
    server = start_eventstore(tmp_path / "log", closed=True)
    port = int(server.uri.rpartition("@")[2].partition("?")[0].rpartition(":")[2])
    store = EventStore(server.uri)
    try:
        store.append(STREAM, None, [new()])
        server.kill()
        # The first may have been on its way when the connection broke.
        with pytest.raises(EventStoreError):
            store.append(STREAM, 0, [new()])
        with pytest.raises(StoreUnavailable):
            store.append(STREAM, 0, [new()])
        server.stop()
        server = start_eventstore(tmp_path / "log", port, closed=True)
        store.append(STREAM, 0, [new()])
        assert len(store.read_stream(STREAM)) == 2
    finally:
        store.close()
        server.stop()


@pytest.mark.parametrize("wrong", ["password", "authority"])
def test_whoever_is_not_let_in_has_written_nothing(
    closed_eventstore: RunningEventstore, closed_store: EventStore, tmp_path: Path, wrong: str
) -> None:
    user, at, server = closed_eventstore.uri.rpartition("@")
    with running_eventstore(closed=True) as another:
        of_another = another.uri.rpartition("=")[2]
        uri = (
            f"{user[:-1]}{'a' if user[-1] != 'a' else 'b'}{at}{server}"
            if wrong == "password"
            else f"{user}{at}{server.partition('=')[0]}={of_another}"
        )
        store = EventStore(uri)
        with pytest.raises(StoreUnavailable):
            store.append(STREAM, None, [new()])
        with pytest.raises(StoreUnavailable):
            list(store.subscribe(None))
        store.close()
    assert closed_store.read_stream(STREAM) == []
