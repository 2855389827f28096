"""What is measured, through the real client: the same for the store and for the floor."""

import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from embedded_eventstore.bench.shared_call import SharedCall, shared_call
from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState

EVENT_BYTES = 640
BATCH = 100
CLIENTS = 16
PROCESSES = 2
PAYLOAD = b'{"x":"' + b"x" * (EVENT_BYTES - 8) + b'"}'

SEQUENTIAL = "one append after another, ms p50"
SEQUENTIAL_P99 = "one append after another, ms p99"
CONCURRENT = f"{CLIENTS} appenders, appends/s"
SHARING = f"{CLIENTS} appenders, {PROCESSES} open calls, appends/s"
BATCHES = f"batches of {BATCH}, events/s"
READ_ALL = "read everything, events/s"
READ_TEN = "read a stream of 10, ms p50"
READ_EARLIER_TEN = "read one from before the batches, ms p50"
LAG = "append returned to seen live, ms p50"
LAG_P99 = "append returned to seen live, ms p99"

Figures = dict[str, float]


def measure(uri: str, appends: int, events: int) -> Figures:
    """Everything the floor can do as well."""
    figures: Figures = {}
    with EventStoreDBClient(uri) as client:
        write_ten(client, "earlier ten")
        times = sequential(client, appends)
        figures[SEQUENTIAL] = statistics.median(times) * 1000
        figures[SEQUENTIAL_P99] = statistics.quantiles(times, n=100)[98] * 1000
    figures[CONCURRENT] = at_once(_appenders, uri, appends // 4)
    figures[SHARING] = at_once(_sharing_appenders, uri, appends // 4)
    with EventStoreDBClient(uri) as client:
        started = time.perf_counter()
        for _ in range(events // BATCH):
            batch = [an_event() for _ in range(BATCH)]
            client.append_to_stream(
                f"batch-{uuid4()}", current_version=StreamState.NO_STREAM, events=batch
            )
        figures[BATCHES] = events / (time.perf_counter() - started)
        started = time.perf_counter()
        count = sum(1 for _ in client.read_all())
        figures[READ_ALL] = count / (time.perf_counter() - started)
        write_ten(client, "ten")
        for what, stream in ((READ_TEN, "ten"), (READ_EARLIER_TEN, "earlier ten")):
            read = partial(client.get_stream, stream, limit=10)
            figures[what] = 1000 * statistics.median(seconds(read) for _ in range(appends // 2))
    return figures


def write_ten(client: EventStoreDBClient, stream: str) -> None:
    events = [an_event() for _ in range(10)]
    client.append_to_stream(stream, current_version=StreamState.ANY, events=events)


def sequential(client: EventStoreDBClient | SharedCall, appends: int) -> list[float]:
    """The seconds each append took."""
    stream = f"sequential-{uuid4()}"
    version: int | StreamState = StreamState.NO_STREAM
    times = []
    for number in range(appends):
        event = an_event()
        started = time.perf_counter()
        client.append_to_stream(stream, current_version=version, events=event)
        times.append(time.perf_counter() - started)
        version = number
    return times


def live_lag(uri: str, appends: int) -> Figures:
    """How long after an append's return a live subscriber has the event."""
    seen: dict[Any, float] = {}
    returned: dict[Any, float] = {}
    with EventStoreDBClient(uri) as client:
        subscription = client.subscribe_to_all(from_end=True)

        def follow() -> None:
            for event in subscription:
                seen[event.id] = time.perf_counter()
                if len(seen) == appends:
                    return

        follower = threading.Thread(target=follow)
        follower.start()
        for _ in range(appends):
            event = an_event()
            client.append_to_stream(
                f"live-{event.id}", current_version=StreamState.NO_STREAM, events=event
            )
            returned[event.id] = time.perf_counter()
        follower.join()
        subscription.stop()
    lags = [1000 * max(0.0, seen[event_id] - moment) for event_id, moment in returned.items()]
    return {LAG: statistics.median(lags), LAG_P99: statistics.quantiles(lags, n=100)[98]}


def at_once(append: Callable[[Any, int, float], None], where: Any, each: int) -> float:
    """Appends per second of all clients together, in processes of their own."""
    # Not forked: gRPC's threads would be missing from the copy.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as processes:
        begin = time.time() + 3
        running = [processes.submit(append, where, each, begin) for _ in range(PROCESSES)]
        for process in running:
            process.result()
        return CLIENTS * each / (time.time() - begin)


def in_threads(work: Callable[[], None]) -> None:
    """This process's share of the clients."""
    threads = [threading.Thread(target=work) for _ in range(CLIENTS // PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_until(begin: float) -> None:
    time.sleep(max(0.0, begin - time.time()))


def _appenders(uri: str, each: int, begin: float) -> None:
    def work() -> None:
        with EventStoreDBClient(uri) as client:
            client.append_to_stream(
                f"warm-{uuid4()}", current_version=StreamState.ANY, events=an_event()
            )
            wait_until(begin)
            sequential(client, each)

    in_threads(work)


def _sharing_appenders(uri: str, each: int, begin: float) -> None:
    with shared_call(uri) as call:

        def work() -> None:
            sequential(call, 1)
            wait_until(begin)
            sequential(call, each)

        in_threads(work)


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def sync_milliseconds(directory: Path) -> float:
    """How long this disk takes to sync a page; the median of many."""
    times = []
    with (directory / "probe").open("wb") as file:
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            times.append(seconds(lambda: os.fdatasync(file.fileno())))
    return statistics.median(times) * 1000


def an_event() -> NewEvent:
    return NewEvent(type="CoffeeOrdered", data=PAYLOAD)


def table(columns: dict[str, Figures]) -> Iterator[str]:
    """Lines of text: the first column's figures, and each other's with how the first compares."""
    (first, own), *others = columns.items()
    width = max(map(len, own)) + 2
    heading = "".join(f"{name:>22}" for name, _ in others)
    yield f"{'':{width}}{first:>12}{heading}"
    for what, figure in own.items():
        cells = "".join(
            f"{column[what]:12.2f} (x{figure / column[what]:7.2f})" if what in column else " " * 22
            for _, column in others
        )
        yield f"{what:{width}}{figure:12.2f}{cells}"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
