"""G5: building all read models anew from a log of mixed days, beside `eventsourcing`'s projections.

    python -m tests.load.rebuilds [--events 100000] [--shops DIRECTORY]

`manage.py rebuild` of a filled shop, from its log on loopback, and the peer (`eventsourcing_shop`)
with the same facts in its own files: each a process of its own, in turns, from start to end. Says
events a second, CPU an event and the peak of memory; several lengths show whether it is flat. The
shop's log works in a process of its own, whose CPU and memory are said beside.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.load.filled_shop import (
    FilledShops,
    environment_of,
    opened_log,
    opened_shops,
    shops_of_this_run,
)
from tests.load.open_shops import cpu_seconds
from tests.load.opened_shop import megabytes
from tests.load.side_by_side import Limit, Progress, Row
from tests.shop import ROOT

RATE = "events/s"
CPU = "CPU, microseconds an event"
PEAK = "peak of memory, MB"
LOG_CPU = "CPU of the log, microseconds an event"
LOG_MEMORY = "memory of the log, MB"

SHOP, PEER = "the shop", "eventsourcing"
ROUNDS = 3
LOOK_EVERY = 0.05
"""Seconds between two looks at the memory of the process that is measured."""

PEERS_FILES = "eventsourcing"
FULL_MEMORY_EVENTS = 50_000
"""After so many the engine keeps as many streams in memory as it ever does."""

Figures = dict[str, list[float]]


def measure(
    shops: FilledShops,
    lengths: Sequence[int],
    *,
    rounds: int = ROUNDS,
    peer: bool = True,
    progress: Progress = lambda share: None,
) -> dict[int, dict[str, Figures]]:
    """The figures by events in the log, and by who built: one a round."""
    found: dict[int, dict[str, Figures]] = {}
    for events in lengths:
        var = shops.var(events)
        sides = {SHOP: rebuilt_by_the_shop}
        if peer:
            fill_peer(var, events, shops)
            sides[PEER] = rebuilt_by_the_peer
        found[events] = {side: {} for side in sides}
        for number in range(rounds):
            for side in sides if number % 2 else reversed(sides):
                for name, value in sides[side](var).items():
                    found[events][side].setdefault(name, []).append(value)
            progress((number + 1) / rounds)
    return found


def fill_peer(var: Path, events: int, shops: FilledShops) -> None:
    """Record the same days with the peer, if it has none in there."""
    directory = var / PEERS_FILES
    if not (directory / "filled").exists():
        command = ["fill", str(directory), str(events), shops.end.isoformat()]
        module = [sys.executable, "-m", "tests.load.eventsourcing_shop"]
        subprocess.run([*module, *command], cwd=ROOT, env=environment_of(var), check=True)
        (directory / "filled").touch()


def rebuilt_by_the_shop(var: Path) -> dict[str, float]:
    """`manage.py rebuild`, with the log beside it."""
    with opened_log(var) as log:
        before = cpu_seconds(log.server.pid)
        said, figures = _timed(var, "manage.py", "rebuild", EVENTSTORE_URI=log.uri)
        events = max(int(line.split()[-2]) for line in said if line.endswith(" events"))
        used = cpu_seconds(log.server.pid) - before
        figures |= {LOG_CPU: used * 1e6 / events, LOG_MEMORY: megabytes(log)}
    return _an_event(figures, events)


def rebuilt_by_the_peer(var: Path) -> dict[str, float]:
    """The peer's projection, from its first event to its last."""
    directory = var / PEERS_FILES
    said, figures = _timed(var, "-m", "tests.load.eventsourcing_shop", "project", str(directory))
    return _an_event(figures, int(said[-1].split()[0]))


def _timed(var: Path, *words: str, **more: str) -> tuple[list[str], dict[str, float]]:
    """Run Python in the environment of this shop; its lines, its seconds, its CPU and its peak."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment_of(var, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    peak = 0.0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        peak = max(peak, _peak_of(process.pid))
        time.sleep(LOOK_EVERY)
    _, status, used = ended
    process.returncode = status
    said = process.stdout.read().splitlines()  # a few lines: less than a pipe holds
    process.stdout.close()
    if status:
        raise subprocess.CalledProcessError(status, words)
    return said, {
        RATE: time.perf_counter() - began,
        CPU: used.ru_utime + used.ru_stime,
        PEAK: peak,
    }


def _peak_of(pid: int) -> float:
    """The most memory that a living process has had, in MB.

    Not `ru_maxrss`: that begins with what the process that started it had.
    """
    status = Path(f"/proc/{pid}/status").read_text()
    lines = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) / 1000 if lines else 0.0  # none once it has ended


def _an_event(figures: dict[str, float], events: int) -> dict[str, float]:
    return {**figures, RATE: events / figures[RATE], CPU: figures[CPU] * 1e6 / events}


def rows(rounds: int, events: float, progress: Progress) -> list[Row]:
    """Rows of speed beside the peer; of memory beside half a history, if that is long enough."""
    long, shops = int(events), shops_of_this_run()
    found = measure(shops, (long,), rounds=rounds, progress=progress)[long]
    ours, peer = found[SHOP], found[PEER]
    of_peer = Limit(3, of_ratio=True)
    what = f"rebuild, {long:,} events of mixed days"
    memory = Row("G5", f"{what}: {PEAK}", ours=ours[PEAK])
    if long // 2 >= FULL_MEMORY_EVENTS:
        half = measure(shops, (long // 2,), rounds=1, peer=False)[long // 2][SHOP]
        memory.limit, memory.peer = Limit(1.25, at_most=True, of_ratio=True), "half as many"
        memory.ours = [statistics.median(ours[PEAK])]
        memory.peers = half[PEAK]
    return [
        Row("G5", f"{what}: {RATE}", Limit(10_000), ours=ours[RATE]),
        Row("G5", f"{what}: {RATE}", of_peer, PEER, peer[RATE], ours[RATE]),
        Row("G5", f"{what}: {CPU}", None, PEER, peer[CPU], ours[CPU]),
        Row("G5", f"{what}: {LOG_CPU}", ours=ours[LOG_CPU]),
        memory,
    ]


def main() -> None:
    """Measure and print."""
    with opened_shops(__doc__, [100_000]) as (shops, lengths):
        measured = measure(shops, lengths)
    for events, sides in measured.items():
        for side, figures in sides.items():
            for name, values in figures.items():
                print(
                    f"{events:>10,} events: {side:<14} {name:<40}{statistics.median(values):10.1f}"
                )
        if PEER in sides:
            rates = zip(sides[SHOP][RATE], sides[PEER][RATE], strict=True)
            ratio = statistics.median(shop / peer for shop, peer in rates)
            print(f"{events:>10,} events: the shop builds {ratio:.2f} x as fast as eventsourcing")


if __name__ == "__main__":
    main()
