"""A log read by another process: the same events, and no process is left behind."""

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from orders.event_store import EventStore, NewStoredEvent, ReadInAnotherProcess, StoreUnavailable
from orders.event_store.reading_process import ReadingProcess
from tests.eventstore_fixture import RunningEventstore

PARENT = """
import sys, time
from orders.event_store.reading_process import ReadingProcess, Wanted
reading = ReadingProcess(Wanted(sys.argv[1], None))
print(reading._process.pid, flush=True)
time.sleep(60)
"""
GONE_SECONDS = 10.0


def write(store: EventStore, count: int) -> None:
    events = [
        NewStoredEvent(event_id=uuid4(), type_name="WordSaid", data=b'"said"', metadata=b"{}")
        for _ in range(count)
    ]
    store.append(f"order-{uuid4().hex}", None, events)


@pytest.fixture
def store(own_eventstore: RunningEventstore) -> Iterator[EventStore]:
    store = EventStore(own_eventstore.uri)
    yield store
    store.close()


@pytest.fixture
def reading(store: EventStore, own_eventstore: RunningEventstore) -> Iterator[ReadingProcess]:
    write(store, 1)
    reading = ReadInAnotherProcess(store, own_eventstore.uri).subscribe(store.head())
    yield reading
    reading.stop()


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"  # nobody may have asked how it ended


def test_it_brings_what_is_behind_the_position_then_what_is_new(
    store: EventStore, reading: ReadingProcess
) -> None:
    after = store.head()
    write(store, 1_200)  # more than one message
    events = iter(reading)
    first = list(itertools.islice(events, 1_200))
    write(store, 1)
    last = next(events)

    assert [*first, last] == store.read_all(after=after)
    reading.stop()
    assert list(events) == []
    assert not is_running(reading._process.pid)


def test_a_log_that_goes_away_ends_it_with_a_failure(
    store: EventStore, reading: ReadingProcess, own_eventstore: RunningEventstore
) -> None:
    write(store, 1)
    events = iter(reading)
    next(events)
    own_eventstore.kill()

    with pytest.raises(StoreUnavailable):
        next(events)


def test_it_does_not_outlive_who_asked(own_eventstore: RunningEventstore) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, own_eventstore.uri],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()

    deadline = time.monotonic() + GONE_SECONDS
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)
