"""Groups while the server is stopped, killed and started again: every event is delivered."""

import random
import threading
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    StreamState,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess, free_port
from embedded_eventstore.tests.test_persistent_consuming import append, read, seen, take
from embedded_eventstore.tests.test_persistent_groups import eventually


def test_a_restarted_group_goes_on_after_its_checkpoint(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        append(client, "s-1", 4)
        client.create_subscription_to_stream(
            "bar", "s-1", max_checkpoint_count=1, consumer_strategy="RoundRobin"
        )
        with read(client, "s-1") as subscription:
            first, _, third, _ = take(subscription, 4)
            subscription.ack(first)
            subscription.ack(third)
            eventually(
                lambda: (
                    client.get_subscription_info("bar", "s-1").last_checkpointed_event_position
                    == "0"
                )
            )
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        info = client.get_subscription_info("bar", "s-1")
        assert (info.consumer_strategy, info.last_checkpointed_event_position) == (
            *("RoundRobin",),
            "0",
        )
        with read(client, "s-1") as subscription:
            assert seen(take(subscription, 3)) == [(1, 0), (2, 0), (3, 0)]


def test_a_group_from_the_end_gets_what_was_written_before_the_restart(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        append(client, "s-1", 2)
        client.create_subscription_to_stream("bar", "s-1", from_end=True)
        client.create_subscription_to_all("bar", from_end=True, filter_include=["New"])
        append(client, "s-1", 2, "New")
        server.kill()
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        with read(client, "s-1") as subscription:
            assert seen(take(subscription, 2)) == [(2, 0), (3, 0)]
        with client.read_subscription_to_all("bar") as everything:
            assert [event.stream_position for event in islice(everything, 2)] == [2, 3]


def test_parked_messages_survive_also_those_that_were_being_replayed(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        append(client, "s-1", 2)
        client.create_subscription_to_stream("bar", "s-1", max_checkpoint_count=1)
        with read(client, "s-1") as subscription:
            for event in take(subscription, 2):
                subscription.nack(event, "park")
            eventually(lambda: client.get_subscription_info("bar", "s-1").parked_message_count == 2)
            client.replay_parked_events("bar", "s-1")
            first, second = take(subscription, 2)
            subscription.ack(second)
            assert first.stream_position == 0
            # Long enough for the clock, at whose ticks things are written down.
            time.sleep(1.3)
            server.kill()
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        # Of the two, the first was not acknowledged: nothing behind it is forgotten either.
        assert client.get_subscription_info("bar", "s-1").parked_message_count == 2
        client.replay_parked_events("bar", "s-1")
        with read(client, "s-1") as subscription:
            assert {event.stream_position for event in take(subscription, 2)} >= {0}


def test_the_server_stops_at_once_under_its_consumers(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        client.create_subscription_to_stream("bar", "s-1", max_subscriber_count=0)
        subscriptions = [read(client, "s-1") for _ in range(5)]
        append(client, "s-1", 50)
        assert server.stop() == 0

        for subscription in subscriptions:
            with pytest.raises(EventStoreDBClientException):
                take(subscription, 100)
        assert server.process.stderr is not None
        assert "still in progress" not in server.process.stderr.read()


class Consumer(threading.Thread):
    """Consumes and acknowledges, and comes back whenever the server does."""

    def __init__(self, uri: str) -> None:
        super().__init__(daemon=True)
        self._uri = uri
        self.seen: set[object] = set()
        self.finished = threading.Event()

    def run(self) -> None:
        with EventStoreDBClient(self._uri) as client:
            while not self.finished.is_set():
                try:
                    self._consume(client)
                except (EventStoreDBClientException, ValueError):
                    time.sleep(0.02)

    def _consume(self, client: EventStoreDBClient) -> None:
        subscription = read(client, "s-1")
        try:
            for event in subscription:
                self.seen.add(event.id)
                subscription.ack(event)
                if self.finished.is_set():
                    subscription.stop()
        except EventStoreDBClientException:
            # Not stopped, but given up: stopping a broken one takes the client five seconds.
            subscription._abort()
            raise


def storm(data: Path, kills: int) -> None:
    """Kill the server while events are appended and consumed; every one of them is delivered."""
    port, chance = free_port(), random.Random(3)
    uri = f"esdb://127.0.0.1:{port}?Tls=false"
    with ServerProcess(data, port) as server, EventStoreDBClient(uri) as client:
        client.create_subscription_to_stream(
            *("bar", "s-1"),
            max_subscriber_count=0,
            max_checkpoint_count=5,
            consumer_strategy="RoundRobin",
        )
    consumers = [Consumer(uri) for _ in range(3)]
    for consumer in consumers:
        consumer.start()
    acknowledged: list[NewEvent] = []
    for _ in range(kills):
        with ServerProcess(data, port) as server, EventStoreDBClient(uri) as client:
            until = time.monotonic() + chance.uniform(0.3, 0.8)
            while time.monotonic() < until:
                event = given.an_event()
                # A client that was here before the server waits a little before it tries again.
                with suppress(EventStoreDBClientException):
                    client.append_to_stream("s-1", current_version=StreamState.ANY, events=event)
                    acknowledged.append(event)
            server.kill()
    with ServerProcess(data, port) as server, EventStoreDBClient(uri) as client:
        assert len(acknowledged) > kills
        expected = {event.id for event in acknowledged}
        eventually(lambda: set().union(*(c.seen for c in consumers)) >= expected, seconds=30)
        eventually(lambda: _checkpoint(client) > 0)
        for consumer in consumers:
            consumer.finished.set()
        # One more for each that is connected, to notice it by.
        append(client, "s-1", len(consumers))
        for consumer in consumers:
            consumer.join()


def _checkpoint(client: EventStoreDBClient) -> int:
    """Where the group would go on; 0 while the client still waits before it tries again."""
    with suppress(EventStoreDBClientException):
        info = client.get_subscription_info("bar", "s-1")
        return int(info.last_checkpointed_event_position)
    return 0


@pytest.mark.slow
@pytest.mark.locked_client
def test_a_few_kills_cost_no_consumer_an_event(tmp_path: Path) -> None:
    storm(tmp_path / "log", kills=3)


@pytest.mark.locked_client
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_many_kills_cost_no_consumer_an_event(tmp_path: Path) -> None:
    storm(tmp_path / "log", kills=20)
