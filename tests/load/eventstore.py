"""G8, G9 and G10: the embedded Eventstore beside gRPC alone, and beside `eventsourcing`.

The workloads are those of `python -m embedded_eventstore.bench`, each round with new servers. What
gRPC alone does is the ceiling of any store behind this client. All three goals come from the same
rounds: whichever is asked for first measures for all.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from embedded_eventstore.bench import peers, workloads
from embedded_eventstore.bench.processes import running
from embedded_eventstore.bench.workloads import Figures
from tests.load.side_by_side import Limit, Progress, Row, in_turns

STORE, GRPC, POSTGRES = "the Eventstore", "gRPC alone", "eventsourcing on PostgreSQL"
SYNC = "one sync of the disk, ms"
EVENTS_AN_APPEND = 25
"""So many events are written in batches and read back, for each of the single appends."""

Rounds = dict[str, list[Figures]]
"""The figures of each round, by side."""


_measured: dict[tuple[int, int], Rounds] = {}
"""By rounds and appends, what this process has measured already."""


def measured(rounds: int, appends: int, progress: Progress) -> Rounds:
    """All figures of all sides, measured once; PostgreSQL is left out where there is none."""
    if (rounds, appends) in _measured:
        return _measured[rounds, appends]
    found: Rounds = {}
    sides = [STORE, GRPC, POSTGRES]
    for turn, side in enumerate(in_turns(sides, rounds)):
        with tempfile.TemporaryDirectory(prefix="barstucks-log-") as name:
            figures = MEASURE[side](Path(name), appends)
        if figures:
            found.setdefault(side, []).append(figures)
        progress((turn + 1) / (len(sides) * rounds))
    _measured[rounds, appends] = found
    return found


def _store(directory: Path, appends: int) -> Figures:
    figures = {SYNC: workloads.sync_milliseconds(directory)}
    with running("embedded_eventstore", "--data", f"{directory}/log") as server:
        figures |= workloads.measure(server.uri, appends, appends * EVENTS_AN_APPEND)
        return figures | workloads.live_lag(server.uri, appends)


def _grpc(_directory: Path, appends: int) -> Figures:
    events = appends * EVENTS_AN_APPEND
    with running("embedded_eventstore.bench.floor", str(events)) as server:
        return workloads.measure(server.uri, appends, events)


def _postgres(_directory: Path, appends: int) -> Figures:
    if not peers.is_installed():
        return {}
    with peers.running_postgres() as where:
        if where is None:
            return {}
        return peers.postgres(where, appends, appends * EVENTS_AN_APPEND)


MEASURE: dict[str, Callable[[Path, int], Figures]] = {
    STORE: _store,
    GRPC: _grpc,
    POSTGRES: _postgres,
}


def one_append(rounds: int, appends: int, progress: Progress) -> list[Row]:
    """G8: one append after another, beside gRPC and one sync of this disk."""
    return append_rows(measured(rounds, appends, progress))


def append_rows(found: Rounds) -> list[Row]:
    """The rows of G8."""
    what = workloads.SEQUENTIAL
    limit = Limit(1.3, at_most=True, of_ratio=True)
    row = Row("G8", what, limit, f"{GRPC} and one sync")
    for ours, floor in zip(found[STORE], found[GRPC], strict=True):
        row.note(ours[what], floor[what] + ours[SYNC])
    return [row, Row("G8", workloads.LAG_P99, ours=_of(found, STORE, workloads.LAG_P99))]


def many_appenders(rounds: int, appends: int, progress: Progress) -> list[Row]:
    """G9: sixteen appenders, beside gRPC alone and beside PostgreSQL."""
    return appender_rows(measured(rounds, appends, progress))


def appender_rows(found: Rounds) -> list[Row]:
    """The rows of G9."""
    what = workloads.CONCURRENT
    # The application's own appends share an open call.
    return [
        _beside(found, "G9", what, GRPC, Limit(0.9, of_ratio=True)),
        _beside(found, "G9", what, POSTGRES, Limit(1.5, of_ratio=True)),
        _beside(found, "G9", workloads.SHARING, POSTGRES, Limit(1.5, of_ratio=True)),
    ]


def reading(rounds: int, appends: int, progress: Progress) -> list[Row]:
    """G10: reading everything, and the ten events that a command reads, beside gRPC alone."""
    return reading_rows(measured(rounds, appends, progress))


def reading_rows(found: Rounds) -> list[Row]:
    """The rows of G10."""
    ten = Limit(1.5, at_most=True, of_ratio=True)
    return [
        _beside(found, "G10", workloads.READ_ALL, GRPC, Limit(0.95, of_ratio=True)),
        _beside(found, "G10", workloads.READ_TEN, GRPC, ten),
    ]


def _beside(found: Rounds, goal: str, what: str, peer: str, limit: Limit) -> Row:
    is_there = peer in found
    name = peer if is_there else f"{peer} (not on this machine)"
    return Row(goal, what, limit, name, _of(found, peer, what), _of(found, STORE, what))


def _of(found: Rounds, side: str, what: str) -> list[float]:
    return [figures[what] for figures in found.get(side, [])]
