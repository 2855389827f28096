"""A read is whole or it fails: the client quietly ends a response when another thread reconnects.

Half a stream looks like an order that was never placed, or a payment that was never made.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

from orders.event_store import EventStore, NewStoredEvent, StoreUnavailable
from tests.eventstore_fixture import RunningEventstore

EVENTS = 1500
READS = 40


@contextmanager
def another_thread_reconnects(store: EventStore) -> Iterator[None]:
    """As every thread does that finds the log away: again and again, meanwhile."""
    done = threading.Event()

    def reconnect() -> None:
        while not done.wait(0.02):
            store._connected().reconnect()

    other = threading.Thread(target=reconnect)
    other.start()
    try:
        yield
    finally:
        done.set()
        other.join()


def lengths(read: Callable[[], int]) -> set[int]:
    """The lengths of the responses that came."""
    found = set()
    for _ in range(READS):
        try:
            found.add(read())
        except StoreUnavailable:
            continue
    return found


def written(store: EventStore) -> str:
    stream = f"order-{uuid4().hex}"
    events = [
        NewStoredEvent(event_id=uuid4(), type_name="WordSaid", data=b"{}", metadata=b"{}")
        for _ in range(EVENTS)
    ]
    store.append(stream, None, events)
    return stream


def test_a_stream_is_read_whole_or_not_at_all(store: EventStore) -> None:
    stream = written(store)
    with another_thread_reconnects(store):
        assert lengths(lambda: len(store.read_stream(stream))) <= {EVENTS}
    assert len(store.read_stream(stream)) == EVENTS


def test_the_log_is_read_whole_or_not_at_all(own_eventstore: RunningEventstore) -> None:
    with closing(EventStore(own_eventstore.uri)) as store:
        written(store)
        whole = len(store.read_all())
        with another_thread_reconnects(store):
            assert lengths(lambda: len(store.read_all())) <= {whole}
