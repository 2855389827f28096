"""Connections: pings, slow readers, clients that vanish."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from embedded_eventstore.client_library import (
    ConsumerTooSlow,
    EventStoreDBClient,
    NewEvent,
    StreamState,
    streams_pb2,
    streams_pb2_grpc,
)
from embedded_eventstore.streams.subscriptions import MAX_PER_CONNECTION
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess, run_server

Options = streams_pb2.ReadReq.Options
SUBSCRIBE = streams_pb2.ReadReq(
    options=given.read_options(subscription=Options.SubscriptionOptions())
)


SERVER_THAT_COUNTS = """
import asyncio, signal, sys
from embedded_eventstore import __main__, node

class CountingNode(node.Node):
    async def start(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self.count)
        return await super().start()

    def count(self):
        print(self.subscriptions.per_connection.total(), flush=True)

__main__.Node = CountingNode
sys.exit(__main__.main())
"""

SUBSCRIBER = """
import sys, time
from embedded_eventstore.client_library import EventStoreDBClient
client = EventStoreDBClient(sys.argv[1])
subscriptions = [client.subscribe_to_all() for _ in range(5)]
print("subscribed", flush=True)
time.sleep(60)
"""


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "log", python=("-c", SERVER_THAT_COUNTS)) as server:
        yield server


def subscriptions_of(server: ServerProcess) -> int:
    server.process.send_signal(signal.SIGUSR1)
    assert server.process.stdout is not None
    return int(server.process.stdout.readline())


def wait_until_free(server: ServerProcess) -> None:
    for _ in range(500):
        if not subscriptions_of(server):
            return
        time.sleep(0.02)
    raise AssertionError("subscriptions remain whose clients are gone")


def test_a_subscription_is_freed_when_its_client_hangs_up(counting: ServerProcess) -> None:
    with EventStoreDBClient(counting.uri) as client:
        subscriptions = [client.subscribe_to_all() for _ in range(20)]
        assert subscriptions_of(counting) == 20
        for subscription in subscriptions:
            subscription.stop()
        wait_until_free(counting)


def test_a_subscription_is_freed_when_its_client_dies(counting: ServerProcess) -> None:
    with run_server(counting.uri, python=("-c", SUBSCRIBER)) as subscriber:
        assert subscriber.stdout is not None
        assert subscriber.stdout.readline() == "subscribed\n"
        assert subscriptions_of(counting) == 5
        subscriber.kill()
    wait_until_free(counting)


def test_one_connection_holds_a_bounded_number_of_subscriptions(
    counting: ServerProcess,
) -> None:
    with EventStoreDBClient(counting.uri) as client:
        read = given.raw_stub(client).Read
        calls = [read(SUBSCRIBE) for _ in range(MAX_PER_CONNECTION)]
        for call in calls:
            assert next(call).HasField("confirmation")
        with pytest.raises(grpc.RpcError) as refused:
            next(read(SUBSCRIBE))
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        for call in calls:
            call.cancel()


def resident_bytes(pid: int) -> int:
    """What the process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096


def test_readers_that_do_not_read_cost_no_memory(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        sleeping = [client.subscribe_to_all() for _ in range(10)]
        before = resident_bytes(server.process.pid)
        for _ in range(60):
            batch = [NewEvent(type="T", data=b"x" * 100_000) for _ in range(10)]
            client.append_to_stream("s-1", current_version=StreamState.ANY, events=batch)
        grown = resident_bytes(server.process.pid) - before
        # 60 MB were written: ten queues would be 600 MB. The tail in memory is bounded by 32 MB.
        assert grown < 120_000_000
        assert [next(subscription).stream_position for subscription in sleeping] == [0] * 10
        for subscription in sleeping:
            subscription.stop()


IMPATIENT_SERVER = (
    """
import sys
from embedded_eventstore.protocol import slow_readers
slow_readers.PATIENCE = 0.4
"""
    + SERVER_THAT_COUNTS
)


def test_a_subscriber_that_never_reads_is_dropped_with_a_word(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "log", python=("-c", IMPATIENT_SERVER)) as server,
        EventStoreDBClient(server.uri) as client,
        EventStoreDBClient(server.uri) as other,
    ):
        sleeping = client.subscribe_to_all()
        for _ in range(20):
            batch = [NewEvent(type="T", data=b"x" * 50_000) for _ in range(10)]
            other.append_to_stream("s-1", current_version=StreamState.ANY, events=batch)
        wait_until_free(server)
        with pytest.raises(ConsumerTooSlow):
            list(sleeping)
        assert len(list(other.read_all())) == 200
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < 2


@pytest.mark.slow
def test_a_client_that_pings_every_second_keeps_its_idle_connection(embedded_uri: str) -> None:
    target = embedded_uri.removeprefix("esdb://").partition("?")[0]
    pinging = (
        ("grpc.keepalive_time_ms", 1000),
        ("grpc.keepalive_timeout_ms", 1000),
        ("grpc.http2.ping_timeout_ms", 1000),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.keepalive_permit_without_calls", 1),
    )
    with grpc.insecure_channel(target, options=pinging) as channel:
        stub = streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]
        responses = stub.Read(SUBSCRIBE)
        next(responses)
        time.sleep(15)
        with EventStoreDBClient(embedded_uri) as client:
            client.append_to_stream(
                "pinged-1", current_version=StreamState.ANY, events=given.an_event("Pong")
            )
        types = (response.event.event.metadata["type"] for response in responses)
        assert next(type_name for type_name in types if type_name == "Pong")
        responses.cancel()
