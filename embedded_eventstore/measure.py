"""``python -m embedded_eventstore.measure``: how fast is it, beside what gRPC alone allows?

Each figure is taken twice in one run: from a fresh server, and from a floor server that speaks the
same messages but stores nothing. Quote the ratio; the figures are those of this machine, today.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from esdbclient import EventStoreDBClient, NewEvent, StreamState
from esdbclient.protos.Grpc import streams_pb2

from embedded_eventstore import recorded_event
from embedded_eventstore.operations import ProposedEvent

EVENT_BYTES = 640
BATCH = 500
CLIENTS = 16
PROCESSES = 2

Row = tuple[str, float, float | None, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appends", type=int, default=1000, help="one after another")
    parser.add_argument("--events", type=int, default=50_000, help="to read back")
    parser.add_argument("--floor", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        asyncio.run(_serve_floor(options.floor))
        return
    with tempfile.TemporaryDirectory() as directory:
        sync = _sync_milliseconds(Path(directory))
        arguments = ("embedded_eventstore", "--data", f"{directory}/log", "--port", "0")
        with _running(*arguments, "--insecure") as uri:
            store = dict(_measure(uri, options.appends, options.events))
            lag = _subscriber_lag(uri, options.appends)
        with _running("embedded_eventstore.measure", "--floor", str(options.events)) as uri:
            floor = dict(_measure(uri, options.appends, options.events))
    _print_table(store, floor, lag, sync)


def _measure(uri: str, appends: int, events: int) -> Iterator[tuple[str, float]]:
    with EventStoreDBClient(uri) as client:
        times = _sequential(client, f"sequential-{uuid4()}", appends)
        yield "sequential append, p50 ms", statistics.median(times) * 1000
        yield "sequential append, p99 ms", statistics.quantiles(times, n=100)[98] * 1000
    with ProcessPoolExecutor(PROCESSES) as processes:
        share = appends // 4
        started = time.perf_counter()
        list(processes.map(_append_concurrently, [uri] * PROCESSES, [share] * PROCESSES))
        elapsed = time.perf_counter() - started
        yield f"{CLIENTS} appenders, appends/s", CLIENTS * share / elapsed
    with EventStoreDBClient(uri) as client:
        started = time.perf_counter()
        for _ in range(events // BATCH):
            batch = [_an_event() for _ in range(BATCH)]
            client.append_to_stream(
                f"batch-{uuid4()}", current_version=StreamState.NO_STREAM, events=batch
            )
        yield f"batches of {BATCH}, events/s", events / (time.perf_counter() - started)
        started = time.perf_counter()
        count = sum(1 for _ in client.read_all())
        yield "read_all, events/s", count / (time.perf_counter() - started)


def _sequential(client: EventStoreDBClient, stream: str, appends: int) -> list[float]:
    version: int | StreamState = StreamState.NO_STREAM
    times = []
    for number in range(appends):
        event = _an_event()
        started = time.perf_counter()
        client.append_to_stream(stream, current_version=version, events=event)
        times.append(time.perf_counter() - started)
        version = number
    return times


def _append_concurrently(uri: str, appends: int) -> None:
    def work() -> None:
        with EventStoreDBClient(uri) as client:
            _sequential(client, f"concurrent-{uuid4()}", appends)

    threads = [threading.Thread(target=work) for _ in range(CLIENTS // PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _subscriber_lag(uri: str, appends: int) -> list[float]:
    """Seconds from an append's return until a live subscriber has the event."""
    seen: dict[Any, float] = {}
    with EventStoreDBClient(uri) as client:
        subscription = client.subscribe_to_all(from_end=True)

        def follow() -> None:
            for event in subscription:
                seen[event.id] = time.perf_counter()

        follower = threading.Thread(target=follow)
        follower.start()
        returned = {}
        for _ in range(appends):
            event = _an_event()
            client.append_to_stream(
                f"live-{event.id}", current_version=StreamState.NO_STREAM, events=event
            )
            returned[event.id] = time.perf_counter()
        while len(seen) < appends:
            time.sleep(0.01)
        subscription.stop()
        follower.join()
    return [max(0.0, seen[event_id] - moment) for event_id, moment in returned.items()]


def _print_table(
    store: dict[str, float], floor: dict[str, float], lag: list[float], sync: float
) -> None:
    lines = [f"{'':32}{'store':>10}{'floor':>10}{'ratio':>8}"]
    lines += [
        f"{what:32}{figure:10.2f}{floor[what]:10.2f}{figure / floor[what]:8.2f}"
        for what, figure in store.items()
    ]
    p50, p99 = statistics.median(lag) * 1000, statistics.quantiles(lag, n=100)[98] * 1000
    lines += [f"{'append returned to seen, p50 ms':32}{p50:10.2f}"]
    lines += [f"{'append returned to seen, p99 ms':32}{p99:10.2f}"]
    lines += [f"{'one sync of this disk, p50 ms':32}{sync:10.2f}"]
    sys.stdout.write("\n".join(lines) + "\n")


def _sync_milliseconds(directory: Path) -> float:
    times = []
    with (directory / "probe").open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


def _an_event() -> NewEvent:
    return NewEvent(type="CoffeeOrdered", data=b'{"x":"' + b"x" * (EVENT_BYTES - 8) + b'"}')


@contextmanager
def _running(module: str, *arguments: str) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip().rpartition(" ")[2]
        yield f"esdb://{address}?Tls=false"
    finally:
        server.terminate()
        server.wait()


async def _serve_floor(events: int) -> None:
    """Answers like the store, from memory: what gRPC and the client take anyway."""
    proposed = ProposedEvent(uuid4().bytes, "CoffeeOrdered", True, b"", bytes(EVENT_BYTES))
    prepared = recorded_event.encode(7, "order-1", 0, proposed, time.time_ns() // 100)
    appended = streams_pb2.AppendResp()
    appended.success.current_revision = appended.success.position.commit_position = 7
    in_batch = streams_pb2.BatchAppendResp()
    in_batch.success.position.commit_position = 7
    batch_answer = in_batch.SerializeToString()

    async def append(requests: Any, context: Any) -> streams_pb2.AppendResp:
        async for _ in requests:
            pass
        return appended

    async def batch_append(requests: Any, context: Any) -> None:
        async for _ in requests:
            await context.write(batch_answer)

    async def read(request: Any, context: Any) -> None:
        for _ in range(events):
            await context.write(prepared)

    parse: Callable[..., Any] = streams_pb2.AppendReq.FromString
    encode: Callable[..., Any] = streams_pb2.AppendResp.SerializeToString
    methods: dict[str, Any] = {
        "Append": grpc.stream_unary_rpc_method_handler(append, parse, encode),
        "BatchAppend": grpc.stream_stream_rpc_method_handler(
            batch_append, streams_pb2.BatchAppendReq.FromString
        ),
        "Read": grpc.unary_stream_rpc_method_handler(read, streams_pb2.ReadReq.FromString),
    }
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("event_store.client.streams.Streams", methods)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"floor listening on 127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
