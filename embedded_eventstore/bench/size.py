"""A large log: how long it takes to open, how fast it appends, how much memory the server needs."""

import statistics
import time
from pathlib import Path

from embedded_eventstore.bench.processes import running
from embedded_eventstore.bench.workloads import PAYLOAD, Figures, sequential
from embedded_eventstore.client_library import EventStoreDBClient
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.operations import ANY, Append, ProposedEvent

SUBSCRIBERS = 100
_IN_ONE_STREAM = 10
_IN_ONE_COMMIT = 10_000
_APPENDS = 400


def fill(directory: Path, events: int) -> None:
    """Write ``events`` events straight into a log, ten to a stream."""
    directory.mkdir(mode=0o700)
    log = Log(directory)
    for first in range(0, events, _IN_ONE_COMMIT):
        log.begin()
        for number in range(first, min(first + _IN_ONE_COMMIT, events), _IN_ONE_STREAM):
            batch = tuple(
                ProposedEvent((n + 1).to_bytes(16, "big"), "CoffeeOrdered", True, b"", PAYLOAD)
                for n in range(number, number + _IN_ONE_STREAM)
            )
            log.execute(Append(f"order-{number}", ANY, batch))
        log.commit()
        log.checkpoint()
    log.close()


def measure(directory: Path) -> Figures:
    """Open a log in a server, use it, and look at the server's memory in between."""
    figures: Figures = {}
    started = time.perf_counter()
    with running("embedded_eventstore", "--data", str(directory)) as server:
        figures["open, s"] = time.perf_counter() - started
        figures["memory when open, MB"] = server.megabytes
        with EventStoreDBClient(server.uri) as client:
            sequential(client, 50)
            times = sequential(client, _APPENDS)
            figures["one append after another, ms p50"] = statistics.median(times) * 1000
            for _ in client.read_all(limit=200_000):
                pass
            figures["memory after reading, MB"] = server.megabytes
            before = server.megabytes
            subscriptions = [client.subscribe_to_all(from_end=True) for _ in range(SUBSCRIBERS)]
            sequential(client, 50)
            figures[f"memory of {SUBSCRIBERS} subscribers, MB"] = server.megabytes - before
            for subscription in subscriptions:
                subscription.stop()
        figures["memory at the end, MB"] = server.megabytes
    return figures
