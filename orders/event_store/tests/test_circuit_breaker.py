"""A log that is away costs nobody time, and is used again soon after it is back."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from orders.event_store import EventStore, NewStoredEvent, OutcomeUnknown, StoreUnavailable
from orders.event_store.circuit_breaker import PROBE_EVERY, CircuitBreaker, Failure
from orders.event_store.deadline import answering_until
from orders.tests.patience import until
from tests.eventstore_fixture import RunningEventstore

AT_ONCE = 0.05
"""Seconds in which a call is refused while the breaker is open."""


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Probe:
    """Asks a log that is away, and can be held up while it does."""

    def __init__(self) -> None:
        self.asked = 0
        self.goes_on = threading.Event()
        self.goes_on.set()

    def __call__(self) -> None:
        self.asked += 1
        self.goes_on.wait(10)
        raise StoreUnavailable

    def rest(self, times: int) -> None:
        """Wait until it was asked so many times, and nobody asks just now."""
        until(lambda: self.asked == times)
        until(lambda: not any(each.name == "log-probe" for each in threading.enumerate()))


def test_it_opens_after_three_failures_within_five_seconds() -> None:
    clock = Clock()
    breaker = CircuitBreaker(Probe(), clock)
    for _ in range(6):
        breaker.failed(Failure.UNREACHABLE)
        clock.now += 2.6
    assert not breaker.is_open

    clock.now += 10
    for _ in range(3):
        breaker.failed(Failure.UNREACHABLE)

    assert breaker.is_open
    assert not breaker.admits()


def test_a_response_in_between_is_a_log_that_is_there() -> None:
    breaker = CircuitBreaker(Probe())
    for _ in range(4):
        breaker.failed(Failure.UNREACHABLE)
        breaker.failed(Failure.UNREACHABLE)
        breaker.succeeded()

    assert breaker.admits()


def test_one_call_that_gets_no_response_in_time_opens_it() -> None:
    breaker = CircuitBreaker(Probe())

    breaker.failed(Failure.TIMED_OUT)

    assert not breaker.admits()


def test_it_asks_at_once_then_every_two_seconds_and_once_at_a_time() -> None:
    clock, probe = Clock(), Probe()
    breaker = CircuitBreaker(probe, clock)
    breaker.failed(Failure.TIMED_OUT)
    probe.rest(1)

    breaker.admits()
    assert probe.asked == 1
    probe.goes_on.clear()
    clock.now += PROBE_EVERY
    for _ in range(5):
        assert not breaker.admits()
    until(lambda: probe.asked == 2)
    clock.now += 10 * PROBE_EVERY
    breaker.admits()
    assert probe.asked == 2
    probe.goes_on.set()
    probe.rest(2)


def test_any_response_closes_it() -> None:
    breaker = CircuitBreaker(Probe())
    breaker.failed(Failure.TIMED_OUT)

    breaker.succeeded()

    assert breaker.admits()


# --- before a real log ---------------------------------------------------------------------------


def new() -> NewStoredEvent:
    return NewStoredEvent(event_id=uuid4(), type_name="WordSaid", data=b"{}", metadata=b"{}")


@pytest.fixture
def frozen(own_eventstore: RunningEventstore) -> Iterator[tuple[EventStore, str]]:
    """A log that stopped responding, noticed by a reading; and a stream of one event in it."""
    store, name = EventStore(own_eventstore.uri), f"order-{uuid4().hex}"
    store.append(name, None, [new()])
    own_eventstore.freeze()
    with pytest.raises(StoreUnavailable):
        store.read_stream(name)
    yield store, name
    store.close()


def test_a_frozen_log_refuses_at_once_and_is_used_again_soon_after(
    frozen: tuple[EventStore, str], own_eventstore: RunningEventstore
) -> None:
    store, name = frozen
    for _ in range(20):
        began = time.monotonic()
        with pytest.raises(StoreUnavailable):
            store.append(name, 0, [new()])
        with pytest.raises(StoreUnavailable):
            store.read_stream(name)
        assert time.monotonic() - began < AT_ONCE
        time.sleep(0.05)

    own_eventstore.thaw()
    thawed = time.monotonic()
    until(lambda: not _refused(store, name))

    assert time.monotonic() - thawed < PROBE_EVERY + 1
    assert store.append(name, 0, [new()])  # nothing that was refused was written


def test_asking_for_the_head_goes_around_the_breaker_and_closes_it(
    frozen: tuple[EventStore, str], own_eventstore: RunningEventstore
) -> None:
    store, name = frozen
    own_eventstore.thaw()

    until(lambda: store.head() > 0)

    assert not store.is_away
    assert len(store.read_stream(name)) == 1


def _refused(store: EventStore, name: str) -> bool:
    try:
        store.read_stream(name)
    except StoreUnavailable:
        return True
    return False


# --- deadlines -----------------------------------------------------------------------------------


def test_nothing_is_appended_for_a_caller_whose_time_is_over(store: EventStore) -> None:
    name = f"order-{uuid4().hex}"

    with answering_until(time.monotonic()), pytest.raises(StoreUnavailable):
        store.append(name, None, [new()])

    assert store.read_stream(name) == []
    assert not store.is_away


def test_a_call_ends_before_its_caller_is_gone(own_eventstore: RunningEventstore) -> None:
    store, name = EventStore(own_eventstore.uri), f"order-{uuid4().hex}"
    store.append(name, None, [new()])
    own_eventstore.freeze()
    began = time.monotonic()

    with answering_until(began + 1.0), pytest.raises(OutcomeUnknown):
        store.append(name, 0, [new()])

    assert time.monotonic() - began <= 1.0 + AT_ONCE
    own_eventstore.thaw()
    store.close()
