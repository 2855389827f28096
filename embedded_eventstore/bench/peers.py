"""The same work done by the recorders of PyPI's ``eventsourcing``, if that is installed.

In process, without a network in between. Its SQLite recorder runs in WAL mode with
``synchronous=FULL`` and PostgreSQL with ``fsync`` and ``synchronous_commit`` on: a commit is on the
disk when it returns, as here.
"""

import importlib.util
import os
import pwd
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from embedded_eventstore.bench import workloads
from embedded_eventstore.bench.workloads import BATCH, PAYLOAD, Figures

_PAGE = 500


def is_installed() -> bool:
    return importlib.util.find_spec("eventsourcing") is not None


def sqlite(directory: Path, appends: int, events: int) -> Figures:
    return _measure({"sqlite": str(directory / "peer.db")}, appends, events)


def postgres(where: dict[str, Any], appends: int, events: int) -> Figures:
    return _measure(where, appends, events)


def _measure(where: dict[str, Any], appends: int, events: int) -> Figures:
    recorder = _recorder(where)
    recorder.create_table()
    times = _sequential(recorder, appends)
    figures: Figures = {
        workloads.SEQUENTIAL: statistics.median(times) * 1000,
        workloads.SEQUENTIAL_P99: statistics.quantiles(times, n=100)[98] * 1000,
        workloads.CONCURRENT: workloads.at_once(_appenders, where, appends // 4),
    }
    figures[workloads.SHARING] = figures[workloads.CONCURRENT]
    started = time.perf_counter()
    for _ in range(events // BATCH):
        originator = uuid4()
        recorder.insert_events([_event(originator, number) for number in range(BATCH)])
    figures[workloads.BATCHES] = events / (time.perf_counter() - started)
    started = time.perf_counter()
    read, last = 0, 0
    while page := recorder.select_notifications(last + 1, _PAGE):
        read, last = read + len(page), page[-1].id
    figures[workloads.READ_ALL] = read / (time.perf_counter() - started)
    ten = uuid4()
    recorder.insert_events([_event(ten, number) for number in range(10)])
    figures[workloads.READ_TEN] = 1000 * statistics.median(
        workloads.seconds(partial(recorder.select_events, ten)) for _ in range(appends // 2)
    )
    recorder.datastore.close()
    return figures


def _sequential(recorder: Any, appends: int) -> list[float]:
    originator = uuid4()
    events = [_event(originator, number) for number in range(appends)]
    return [workloads.seconds(partial(recorder.insert_events, [event])) for event in events]


def _appenders(where: dict[str, Any], each: int, begin: float) -> None:
    recorder = _recorder(where)

    def work() -> None:
        _sequential(recorder, 1)
        workloads.wait_until(begin)
        _sequential(recorder, each)

    workloads.in_threads(work)
    recorder.datastore.close()


def _recorder(where: dict[str, Any]) -> Any:
    if "sqlite" in where:
        from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

        files = SQLiteDatastore(where["sqlite"], lock_timeout=60, pool_size=16)
        return SQLiteApplicationRecorder(files)
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

    return PostgresApplicationRecorder(PostgresDatastore(**where, pool_size=8))


def _event(originator: Any, version: int) -> Any:
    from eventsourcing.persistence import StoredEvent

    return StoredEvent(originator, version, "shop:CoffeeOrdered", PAYLOAD)


@contextmanager
def running_postgres() -> Iterator[dict[str, Any] | None]:
    """A PostgreSQL of its own, synced at each commit; None if none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    program = str(found[-1]) if found else shutil.which("initdb")
    if program is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as directory:
        home, as_user = Path(directory), []
        if os.getuid() == 0:  # PostgreSQL refuses to run as root.
            user = pwd.getpwnam("postgres")
            os.chown(home, user.pw_uid, user.pw_gid)
            as_user = ["runuser", "-u", "postgres", "--"]
        control = [
            *as_user,
            str(Path(program).with_name("pg_ctl")),
            "-s",
            "-w",
            "-D",
            f"{home}/data",
        ]
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home}
        initialise = [*as_user, program, "-U", "bench", "-A", "trust", "-D", f"{home}/data"]
        subprocess.run(initialise, **quiet)  # type: ignore[call-overload]
        options = f"-c listen_addresses= -c unix_socket_directories={home}"
        subprocess.run(  # type: ignore[call-overload]
            [*control, "-l", f"{home}/log", "-o", options, "start"], **quiet
        )
        try:
            yield {
                "dbname": "postgres",
                "host": str(home),
                "port": 5432,
                "user": "bench",
                "password": "",
            }
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
