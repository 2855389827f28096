"""Appends of many threads over one open call: each gets its own outcome, whatever the others get.

Given a log and threads that append, when the call breaks, stands still or carries a conflict, then
every append ends as it would have alone.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from orders.event_store import (
    EventStore,
    NewStoredEvent,
    OutcomeUnknown,
    WrongRevision,
)
from orders.event_store.appender import Appender
from orders.event_store.client import StoreClient
from orders.event_store.client_library import ServiceUnavailable
from tests.eventstore_fixture import RunningEventstore, start_eventstore

THREADS = 16


def new() -> NewStoredEvent:
    return NewStoredEvent(event_id=uuid4(), type_name="Said", data=b"{}", metadata=b"{}")


def stream() -> str:
    return f"order-{uuid4().hex}"


def own_calls_of(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The streams of appends that took a call of their own."""
    taken: list[str] = []
    append_to_stream = StoreClient.append_to_stream

    def noting(client: StoreClient, name: str, **arguments: object) -> int:
        taken.append(name)
        return append_to_stream(client, name, **arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(StoreClient, "append_to_stream", noting)
    return taken


def test_many_threads_share_one_call(store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    own_calls, calls = own_calls_of(store, monkeypatch), set()

    def append(name: str) -> int:
        position = store.append(name, None, [new()])
        calls.add(store._appender._call)
        return position

    with ThreadPoolExecutor(THREADS) as pool:
        names = [stream() for _ in range(THREADS * 5)]
        positions = list(pool.map(append, names))

    assert len(calls) == 1
    assert own_calls == []
    assert len(set(positions)) == len(names)
    for name, position in zip(names, positions, strict=True):
        (event,) = store.read_stream(name)
        assert event.position == position


def test_a_conflict_is_one_append_s_own_affair(store: EventStore) -> None:
    name = stream()

    def append(_number: int) -> str:
        try:
            store.append(name, None, [new()])
        except WrongRevision:
            return "conflict"
        return "written"

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(append, range(THREADS)))

    assert sorted(outcomes) == ["conflict"] * (THREADS - 1) + ["written"]
    assert len(store.read_stream(name)) == 1
    assert store.append(name, 0, [new()]) > 0


def test_an_append_whose_call_broke_is_sent_again_and_counts_once(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(stream(), None, [new()])
    own_calls, name = own_calls_of(store, monkeypatch), stream()
    append = Appender.append

    def without_its_response(appender: Appender, *arguments: object) -> int:
        append(appender, *arguments)  # type: ignore[arg-type]
        raise ServiceUnavailable("Socket closed")

    monkeypatch.setattr(Appender, "append", without_its_response)

    position = store.append(name, None, [new()])

    assert own_calls == [name]
    (event,) = store.read_stream(name)
    assert event.position == position


def test_after_the_log_was_restarted_a_new_call_is_opened(tmp_path: Path) -> None:
    server = start_eventstore(tmp_path)
    port = urlsplit(server.uri).port or 0
    store, name = EventStore(server.uri), stream()
    try:
        store.append(name, None, [new()])
        for revision in range(3):
            server.stop()
            server = start_eventstore(tmp_path, port)
            store.append(name, revision, [new()])
        assert len(store.read_stream(name)) == 4
    finally:
        server.stop()
        store.close()


def test_an_append_to_a_log_that_stands_still_is_unknown_and_the_next_goes_on(
    own_eventstore: RunningEventstore,
) -> None:
    store, name = EventStore(own_eventstore.uri), stream()
    store.append(name, None, [new()])
    call = store._appender._call
    own_eventstore.freeze()
    with pytest.raises(OutcomeUnknown):
        store.append(name, 0, [new()])
    own_eventstore.thaw()

    store.head()  # closes the circuit breaker
    while True:
        try:
            store.append(name, store.read_stream(name)[-1].revision, [new()])
            break
        except WrongRevision:
            continue  # the first one came in between: unknown is unknown

    assert store._appender._call is call
    assert call is not None
    assert call._pending == {}
    store.close()
