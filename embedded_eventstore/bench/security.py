"""``python -m embedded_eventstore.bench.security``: what do TLS, passwords and access rights cost?

An open and a closed server run side by side and take turns, so that the ratio means something on a
busy machine. The client's own way to send a password asks a thread for it at each call; the last
column sends it as a plain header instead.
"""

import argparse
import base64
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import grpc

from embedded_eventstore.access.connection_string import connection_string
from embedded_eventstore.client_library import EventStoreDBClient, NewEvent, StreamState

EVENT_BYTES = 640
BATCH = 500
ROUNDS = 10

Figure = Callable[[EventStoreDBClient], float]


class HeaderClient(EventStoreDBClient):
    """Sends name and password as a header like any other."""

    def construct_call_credentials(
        self, username: str | None, password: str | None
    ) -> grpc.CallCredentials | None:
        basic = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._call_metadata += (("authorization", f"Basic {basic}"),)  # type: ignore[assignment]
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appends", type=int, default=1000, help="of each kind")
    parser.add_argument("--events", type=int, default=20_000, help="to read back")
    options = parser.parse_args()
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        open_uri = stack.enter_context(_running(directory / "open", insecure=True))
        closed_uri = stack.enter_context(_running(directory / "closed", insecure=False))
        clients = {
            "open": stack.enter_context(EventStoreDBClient(open_uri)),
            "closed": stack.enter_context(EventStoreDBClient(closed_uri)),
            "closed, header": stack.enter_context(HeaderClient(closed_uri)),
        }
        for name in ("open", "closed"):
            _fill(clients[name], options.events)
        one_stream, streams = f"s-{uuid4()}", options.appends // 2
        figures: dict[str, tuple[Figure, int]] = {
            "append to one stream, ms": (lambda c: _append(c, one_stream), options.appends),
            "append to a new stream, ms": (lambda c: _append(c, f"s-{uuid4()}"), streams),
            "read one event, ms": (_read_one, options.appends),
            "read_all, ms a thousand": (_read_all, ROUNDS),
        }
        _print_table(list(clients), {what: _take_turns(clients, *f) for what, f in figures.items()})


def _take_turns(
    clients: dict[str, EventStoreDBClient], figure: Figure, times: int
) -> dict[str, float]:
    """The median of each client's figures."""
    found: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(ROUNDS):
        for name, client in clients.items():
            found[name] += [figure(client) for _ in range(times // ROUNDS)]
    return {name: statistics.median(figures) for name, figures in found.items()}


def _append(client: EventStoreDBClient, stream: str) -> float:
    event = _an_event()
    started = time.perf_counter()
    client.append_to_stream(stream, current_version=StreamState.ANY, events=event)
    return (time.perf_counter() - started) * 1000


def _read_one(client: EventStoreDBClient) -> float:
    started = time.perf_counter()
    assert len(list(client.read_all(limit=1))) == 1
    return (time.perf_counter() - started) * 1000


def _read_all(client: EventStoreDBClient) -> float:
    started = time.perf_counter()
    count = sum(1 for _ in client.read_all())
    return (time.perf_counter() - started) * 1000 / (count / 1000)


def _fill(client: EventStoreDBClient, events: int) -> None:
    for _ in range(events // BATCH):
        batch = [_an_event() for _ in range(BATCH)]
        client.append_to_stream(f"b-{uuid4()}", current_version=StreamState.ANY, events=batch)


def _an_event() -> NewEvent:
    return NewEvent(type="CoffeeOrdered", data=b'{"x":"' + b"x" * (EVENT_BYTES - 8) + b'"}')


def _print_table(names: list[str], rows: dict[str, dict[str, float]]) -> None:
    lines = [f"{'median':30}" + "".join(f"{name:>24}" for name in names)]
    for what, row in rows.items():
        ratios = [f"{row[name]:.3f} ({row[name] / row[names[0]]:.2f} x)" for name in names]
        lines.append(f"{what:30}" + "".join(f"{cell:>24}" for cell in ratios))
    sys.stdout.write("\n".join(lines) + "\n")


@contextmanager
def _running(data: Path, *, insecure: bool) -> Iterator[str]:
    arguments = ["--data", str(data), "--port", "0", *(["--insecure"] if insecure else [])]
    server = subprocess.Popen(
        [sys.executable, "-m", "embedded_eventstore", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        port = int(server.stdout.readline().strip().rpartition(":")[2])
        yield f"esdb://127.0.0.1:{port}?Tls=false" if insecure else connection_string(data, port)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
