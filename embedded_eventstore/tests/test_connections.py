"""Connections: pings, slow readers, clients that vanish."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import grpc
import pytest
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import streams_pb2, streams_pb2_grpc

from embedded_eventstore.node import Node
from embedded_eventstore.subscriptions import MAX_PER_CONNECTION
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess

Options = streams_pb2.ReadReq.Options
SUBSCRIBE = streams_pb2.ReadReq(
    options=given.read_options(subscription=Options.SubscriptionOptions())
)


def a_stub(channel: grpc.Channel | grpc.aio.Channel) -> streams_pb2_grpc.StreamsStub:
    return streams_pb2_grpc.StreamsStub(channel)  # type: ignore[no-untyped-call]


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true within ten seconds")


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[tuple[Node, str]]:
    running = Node(tmp_path / "log", "127.0.0.1", 0)
    port = await running.start()
    yield running, f"127.0.0.1:{port}"
    await running.stop()


async def test_a_subscription_is_freed_when_its_client_hangs_up(node: tuple[Node, str]) -> None:
    running, target = node
    async with grpc.aio.insecure_channel(target) as channel:
        stub = a_stub(channel)
        calls = [stub.Read(SUBSCRIBE) for _ in range(20)]
        for call in calls:
            assert (await call.read()).HasField("confirmation")
        assert running.subscriptions.per_connection.total() == 20
        for call in calls:
            call.cancel()
        await until(lambda: not running.subscriptions.per_connection)


SUBSCRIBER = """
import sys, time
from esdbclient import EventStoreDBClient
client = EventStoreDBClient(f"esdb://{sys.argv[1]}?Tls=false")
subscriptions = [client.subscribe_to_all() for _ in range(5)]
time.sleep(60)
"""


async def test_a_subscription_is_freed_when_its_client_dies(node: tuple[Node, str]) -> None:
    running, target = node
    client = await asyncio.create_subprocess_exec(sys.executable, "-c", SUBSCRIBER, target)
    await until(lambda: running.subscriptions.per_connection.total() == 5)
    client.kill()
    await client.wait()
    await until(lambda: not running.subscriptions.per_connection)


async def test_one_connection_holds_a_bounded_number_of_subscriptions(
    node: tuple[Node, str],
) -> None:
    _, target = node
    async with grpc.aio.insecure_channel(target) as channel:
        stub = a_stub(channel)
        calls = [stub.Read(SUBSCRIBE) for _ in range(MAX_PER_CONNECTION)]
        for call in calls:
            await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.Read(SUBSCRIBE).read()
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        calls[0].cancel()


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
        answers = a_stub(channel).Read(SUBSCRIBE)
        next(answers)
        time.sleep(15)
        with EventStoreDBClient(embedded_uri) as client:
            client.append_to_stream(
                "pinged-1", current_version=StreamState.ANY, events=given.an_event("Pong")
            )
        types = (answer.event.event.metadata["type"] for answer in answers)
        assert next(type_name for type_name in types if type_name == "Pong")
        answers.cancel()
