"""G11: opening a log and a shop after a long history, beside an empty one.

    python -m tests.load.opened_shop [--events 10000 100000 1000000] [--shops DIRECTORY]

How long until the log listens, what one append costs then, how much memory the store needs, also
after it was read, and how long after `manage.py serve` the first page is there. In turns; medians.
Appends go to a copy of the log: the shop's own ends where its last day ends.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from uuid import uuid4

import httpx

from orders.event_store.client_library import EventStoreDBClient, NewEvent, StreamState
from tests.eventstore_fixture import RunningEventstore, start_eventstore
from tests.load.filled_shop import (
    NAME_OF_LOG,
    FilledShops,
    environment_of,
    opened_shops,
    shops_of_this_run,
)
from tests.load.side_by_side import Limit, Progress, Row
from tests.shop import Shop

OPEN = "open the log, s"
APPEND = "one append, ms"
MEMORY = "memory of the store when open, MB"
MEMORY_USED = "memory of the store after reading, MB"
FIRST_PAGE = "first page of the shop, s"

ROUNDS = 5
TURNS_OF_APPENDS = 8  # a round
APPENDS_A_TURN = 25
READ_EVENTS = 100_000
FIRST_PAGE_SECONDS = 60
PAGE_BYTES = 4096
EMPTY = 0

Figures = dict[str, list[float]]


def measure(
    shops: FilledShops,
    lengths: Sequence[int],
    *,
    rounds: int = ROUNDS,
    progress: Progress = lambda share: None,
) -> dict[int, Figures]:
    """The figures by events in the log, `EMPTY` among them: one a round."""
    found: dict[int, Figures] = {events: {} for events in (EMPTY, *lengths)}
    with tempfile.TemporaryDirectory(prefix="barstucks-logs-") as scratch:
        copies = {events: Path(scratch) / f"{events}-events" for events in found}
        for events in lengths:
            shutil.copytree(shops.var(events) / NAME_OF_LOG, copies[events])
        for _ in range(rounds):
            for events, copy in copies.items():
                note(found[events], OPEN, seconds_to_open(copy))
        used_in_turns(copies, found, rounds)
        progress(0.3)
        for number in range(rounds):
            for events in found:
                var = shops.var(events) if events else Path(scratch) / f"empty-{number}"
                note(found[events], FIRST_PAGE, seconds_to_first_page(var))
            progress(0.3 + 0.7 * (number + 1) / rounds)
    return found


def note(figures: Figures, name: str, value: float) -> None:
    """One more figure of that name."""
    figures.setdefault(name, []).append(value)


def seconds_to_open(log: Path) -> float:
    """Until a server listens on this log."""
    began = time.perf_counter()
    server = start_eventstore(log, closed=True)
    seconds = time.perf_counter() - began
    server.stop()
    return seconds


def used_in_turns(logs: dict[int, Path], found: dict[int, Figures], rounds: int) -> None:
    """Append to all logs in turns, then read them; what their servers need of memory."""
    with ExitStack() as stack:
        clients: dict[int, EventStoreDBClient] = {}
        servers: dict[int, RunningEventstore] = {}
        for events, log in logs.items():
            servers[events] = server = start_eventstore(log, closed=True)
            stack.callback(server.stop)
            note(found[events], MEMORY, megabytes(server))
            clients[events] = stack.enter_context(EventStoreDBClient(server.uri))
            milliseconds_to_append(clients[events])
        for number in range(rounds * TURNS_OF_APPENDS):
            for events in logs if number % 2 else reversed(logs):
                note(found[events], APPEND, milliseconds_to_append(clients[events]))
        for events, client in clients.items():
            for _event in islice(client.read_all(), READ_EVENTS):
                pass
            note(found[events], MEMORY_USED, megabytes(servers[events]))


def milliseconds_to_append(client: EventStoreDBClient) -> float:
    """The median of some appends to new streams, as orders are."""
    seconds = []
    for _ in range(APPENDS_A_TURN):
        event = NewEvent(type="Measured", data=b"{}")
        began = time.perf_counter()
        client.append_to_stream(
            f"measured-{uuid4().hex}", current_version=StreamState.NO_STREAM, events=event
        )
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds) * 1000


def megabytes(server: RunningEventstore) -> float:
    """What the process holds in memory."""
    pages = int(Path(f"/proc/{server.server.pid}/statm").read_text().split()[1])
    return pages * PAGE_BYTES / 1e6


def seconds_to_first_page(var: Path) -> float:
    """From `manage.py serve` until its menu is there. Raises `TimeoutError`."""
    shop = Shop(var, environment_of(var))
    began = time.perf_counter()
    shop.begin()
    try:
        shop.wait_until(lambda: _shows_its_menu(shop), FIRST_PAGE_SECONDS)
        return time.perf_counter() - began
    finally:
        shop.stop()


def _shows_its_menu(shop: Shop) -> bool:
    if "url" not in shop.run:
        return False
    try:
        return httpx.get(f"{shop.url}/", timeout=10, trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def rows(rounds: int, events: float, progress: Progress) -> list[Row]:
    """Rows of what opens with so many events."""
    long = int(events)
    found = measure(shops_of_this_run(), (long,), rounds=rounds, progress=progress)
    ours, empty = found[long], found[EMPTY]

    def row(name: str, limit: Limit, peer: str = "") -> Row:
        peers = empty[name] if peer else []
        return Row("G11", f"{long:,} events: {name}", limit, peer, peers, ours[name])

    return [
        row(OPEN, Limit(1, at_most=True)),
        row(FIRST_PAGE, Limit(5, at_most=True)),
        row(APPEND, Limit(1.1, at_most=True, of_ratio=True), "an empty log"),
        row(MEMORY, Limit(150, at_most=True)),
        row(MEMORY_USED, Limit(150, at_most=True)),
    ]


def main() -> None:
    """Measure and print."""
    with opened_shops(__doc__) as (shops, lengths):
        measured = measure(shops, lengths)
    for events, figures in measured.items():
        for name, values in figures.items():
            beside = statistics.median(values) / statistics.median(measured[EMPTY][name])
            print(
                f"{events:>10,} events: {name:<40} {statistics.median(values):8.2f}"
                f"   {beside:5.2f} x an empty one"
            )


if __name__ == "__main__":
    main()
