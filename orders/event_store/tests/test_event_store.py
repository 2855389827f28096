"""The adapter against a running Eventstore: order, one winner, and an outcome whatever happens."""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from orders.event_store import (
    EventStore,
    EventStoreError,
    NewStoredEvent,
    OutcomeUnknown,
    StoredEvent,
    StoreUnavailable,
    WrongRevision,
)
from orders.event_store.client import StoreClient
from orders.event_store.client_library import (
    EventStoreDBClientException,
    GrpcDeadlineExceeded,
    NodeIsNotLeader,
    RecordedEvent,
    ServiceUnavailable,
)
from orders.event_store.limits import CALL_SECONDS, bounded
from orders.event_store.log import _whole as whole
from orders.tests.patience import once_it_is_back
from tests.eventstore_fixture import RunningEventstore, start_eventstore

BUDGET_SECONDS = 5.0
"""No request takes longer than this under any fault; the adapter itself aims at 3."""


def new(word: str = "said") -> NewStoredEvent:
    return NewStoredEvent(
        event_id=uuid4(), type_name="WordSaid", data=f'"{word}"'.encode(), metadata=b"{}"
    )


def stream() -> str:
    return f"order-{uuid4().hex}"


def test_a_stream_reads_as_it_was_written(store: EventStore) -> None:
    name, events = stream(), [new("one"), new("two")]

    position = store.append(name, None, events)
    last = store.append(name, 1, [new("three")])

    read = store.read_stream(name)
    assert [event.data for event in read] == [b'"one"', b'"two"', b'"three"']
    assert [event.revision for event in read] == [0, 1, 2]
    assert (read[1].position, read[2].position) == (position, last)
    assert read[0].event_id == events[0].event_id
    assert read[0].recorded_at.tzinfo is not None


def test_a_stream_that_is_not_there_is_empty(store: EventStore) -> None:
    assert store.read_stream(stream()) == []


@pytest.mark.parametrize("expected", [None, 0, 5])
def test_another_revision_than_expected_is_refused(store: EventStore, expected: int | None) -> None:
    name = stream()
    store.append(name, None, [new(), new()])

    with pytest.raises(WrongRevision):
        store.append(name, expected, [new()])
    assert len(store.read_stream(name)) == 2


def test_the_same_append_again_is_no_second_one(store: EventStore) -> None:
    name, events = stream(), [new(), new()]

    assert store.append(name, None, events) == store.append(name, None, events)
    assert len(store.read_stream(name)) == 2


def test_the_whole_log_reads_both_ways_and_in_pieces(own_eventstore: RunningEventstore) -> None:
    store = EventStore(own_eventstore.uri)
    assert (store.head(), store.read_all()) == (0, [])
    for word in "abcde":
        store.append(stream(), None, [new(word)])
    store.append("elsewhere-1", None, [new("not ours")])

    everything = store.read_all()
    third = everything[2].position

    assert [event.data for event in everything] == [b'"a"', b'"b"', b'"c"', b'"d"', b'"e"']
    assert store.head() == everything[-1].position
    assert store.read_all(after=third) == everything[3:]
    assert store.read_all(after=third, limit=1) == everything[3:4]
    assert store.read_all(after=third, backwards=True) == [everything[1], everything[0]]
    assert store.read_all(limit=2, backwards=True) == [everything[4], everything[3]]
    store.close()


def test_a_subscription_brings_what_was_then_what_is(own_eventstore: RunningEventstore) -> None:
    store = EventStore(own_eventstore.uri)
    first = store.append(stream(), None, [new("before")])
    store.append(stream(), None, [new("missed")])
    subscription = store.subscribe(first)
    words: list[bytes] = []

    for event in subscription:
        words.append(event.data)
        if event.data == b'"missed"':
            store.append(stream(), None, [new("live")])
        elif event.data == b'"live"':
            subscription.stop()

    assert words == [b'"missed"', b'"live"']
    store.close()


def test_a_subscription_is_stopped_from_another_thread(store: EventStore) -> None:
    subscription = store.subscribe(store.head())
    arrived, ended = threading.Event(), threading.Event()

    def follow() -> None:
        for _ in subscription:
            arrived.set()
        ended.set()

    thread = threading.Thread(target=follow)
    thread.start()
    store.append(stream(), None, [new()])
    assert arrived.wait(10)
    subscription.stop()
    subscription.stop()

    assert ended.wait(10)
    thread.join()


def test_a_frozen_log_is_reported_within_the_budget(own_eventstore: RunningEventstore) -> None:
    store, name = EventStore(own_eventstore.uri), stream()
    store.append(name, None, [new()])
    own_eventstore.freeze()

    calls: list[tuple[type[EventStoreError], Callable[[], object]]] = [
        (OutcomeUnknown, lambda: store.append(name, 0, [new()])),
        (StoreUnavailable, lambda: store.read_stream(name)),
        (StoreUnavailable, store.head),
        (StoreUnavailable, lambda: store.read_all(limit=1)),
    ]
    with ThreadPoolExecutor(1) as pool:
        for expected, call in calls:
            with pytest.raises(expected):
                pool.submit(call).result(timeout=BUDGET_SECONDS)

    own_eventstore.thaw()
    assert len(once_it_is_back(lambda: store.read_stream(name))) in {1, 2}  # unknown is unknown
    store.close()


def test_a_subscription_to_a_frozen_log_can_be_stopped(own_eventstore: RunningEventstore) -> None:
    store = EventStore(own_eventstore.uri)
    store.append(stream(), None, [new()])
    own_eventstore.freeze()
    subscription, ended = store.subscribe(None), threading.Event()

    def follow() -> None:
        assert list(subscription) == []
        ended.set()

    thread = threading.Thread(target=follow)
    thread.start()
    while subscription._client is None:
        time.sleep(0.01)
    subscription.stop()

    assert ended.wait(10)
    thread.join()
    store.close()


def test_a_log_that_is_gone_wrote_certainly_nothing(own_eventstore: RunningEventstore) -> None:
    store, name = EventStore(own_eventstore.uri), stream()
    store.append(name, None, [new()])
    own_eventstore.kill()

    raised: list[type[EventStoreError]] = []
    for _ in range(3):
        with pytest.raises(EventStoreError) as caught:
            store.append(name, 0, [new()])
        raised.append(caught.type)
        with pytest.raises(StoreUnavailable):
            store.read_stream(name)

    # The first may have been on its way when the connection broke.
    assert raised[1:] == [StoreUnavailable, StoreUnavailable]
    with pytest.raises(StoreUnavailable):
        list(store.subscribe(None))
    store.close()


def test_a_reading_goes_on_when_the_log_was_restarted(tmp_path: Path) -> None:
    server = start_eventstore(tmp_path)
    port = urlsplit(server.uri).port or 0
    store, name = EventStore(server.uri), stream()
    store.append(name, None, [new()])

    try:
        for _ in range(5):
            server.kill()
            server = start_eventstore(tmp_path, port)
            assert len(store.read_stream(name)) == 1
    finally:
        server.stop()
        store.close()


def test_a_reading_cut_off_is_repeated_but_one_too_slow_is_not(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, tries = stream(), []
    store.append(name, None, [new()])

    def failing(error: EventStoreDBClientException) -> None:
        def cut_off(response: Iterable[RecordedEvent]) -> list[StoredEvent]:
            tries.append(error)
            if len(tries) == 1:
                raise error
            return whole(response)

        tries.clear()
        monkeypatch.setattr("orders.event_store.log._whole", cut_off)

    failing(ServiceUnavailable("sendmsg: Broken pipe (32)"))
    before = store._connected().connection
    assert len(store.read_stream(name)) == 1
    assert store._connected().connection is not before
    failing(NodeIsNotLeader())
    assert len(store.read_stream(name)) == 1
    failing(ServiceUnavailable("sendmsg: Broken pipe (32)"))
    assert len(store.read_all(limit=1)) == 1
    failing(GrpcDeadlineExceeded())
    with pytest.raises(StoreUnavailable):
        store.read_stream(name)
    assert len(tries) == 1


def test_a_broken_connection_is_left_once_however_many_find_it_broken(
    eventstore_uri: str,
) -> None:
    client = StoreClient(eventstore_uri)
    broken = client.connection

    client.leave(broken, None)
    found = client.connection
    client.leave(broken, None)

    assert client.connection is found is not broken
    client.close()


@pytest.mark.parametrize("discover", ["", "+discover"])
def test_an_address_may_begin_as_kurrentdbs_do(eventstore_uri: str, discover: str) -> None:
    name = stream()
    store = EventStore(eventstore_uri.replace("esdb://", f"kurrentdb{discover}://", 1))
    store.append(name, None, [new()])

    assert len(store.read_stream(name)) == 1
    store.close()


def test_a_log_that_was_never_there_is_said_so() -> None:
    store = EventStore("esdb://127.0.0.1:1?Tls=false")

    with pytest.raises(StoreUnavailable, match="Nothing was saved"):
        store.append(stream(), None, [new()])
    store.close()


def test_the_search_for_a_cluster_s_leader_is_bounded() -> None:
    assert "MaxDiscoverAttempts=2" in bounded("esdb://a:1,b:2?Tls=false")
    assert bounded("esdb://a:1?GossipTimeout=4").count("GossipTimeout") == 1
    assert 2 * CALL_SECONDS + 0.1 <= 3
