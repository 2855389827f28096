"""Shops with a long history: files that are made once, and opened as often as somebody measures.

A log of believable days (`long_log.py`), and the read models that the shop makes of it. Starts
processes; imports nothing of the shop's code.
"""

import argparse
import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from tests.eventstore_fixture import RunningEventstore, start_eventstore
from tests.shop import OF_ANOTHER_SHOP, ROOT

NAME_OF_LOG = "eventstore"
LENGTHS = (10_000, 100_000, 1_000_000)
"""Events in the logs of shops that are compared."""

SHORT = LENGTHS[0]
"""Beside a shop with so much history longer ones are put."""

LAST_RUSH = datetime.fromisoformat("2026-11-27T09:10:00+01:00")
"""Where their logs end: in the morning's rush, when the screens are full."""


def environment_of(var: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the shop in this directory."""
    own = {name: value for name, value in os.environ.items() if name not in OF_ANOTHER_SHOP}
    return {**own, "BARSTUCKS_VAR": str(var), "PYTHONPATH": str(ROOT), **more}


def run(var: Path, *words: str, **more: str) -> str:
    """Run Python in the environment of this shop; what it printed. Raises `SystemExit`."""
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment_of(var, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def fill_log(
    var: Path, events: int, *, end: datetime | None = None, orders_only: bool = False
) -> int:
    """Fill the log of the shop in this directory, which is made; how many events it has then."""
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = ["--orders-only"] * orders_only
    if end is not None:
        options += ["--end", end.isoformat()]
    said = run(var, "-m", "tests.load.long_log", str(var), str(events), *options)
    return int(said.split()[0])


@contextmanager
def opened_log(var: Path) -> Iterator[RunningEventstore]:
    """The log of a closed shop, served as the shop does it."""
    log = start_eventstore(var / NAME_OF_LOG, closed=True)
    try:
        yield log
    finally:
        log.stop()


def build_read_models(var: Path) -> str:
    """Build all read models of a closed shop from its log; what the command said."""
    with opened_log(var) as log:
        run(var, "manage.py", "migrate", "--database", "read_models", "--verbosity", "0")
        return run(var, "manage.py", "rebuild", EVENTSTORE_URI=log.uri)


@dataclass
class FilledShops:
    """Closed shops of several lengths of history, in a directory; each is made when it is needed.

    All end at the same moment with the same day. In a directory that is kept they are found again.
    """

    directory: Path
    end: datetime = LAST_RUSH
    _found: dict[int, Path] = field(default_factory=dict)

    def var(self, events: int) -> Path:
        """The files of the shop with about so many events."""
        if events not in self._found:
            var = self.directory / f"{events}-events"
            if not (var / "filled").exists():
                fill_log(var, events, end=self.end)
                build_read_models(var)
                (var / "filled").touch()
            self._found[events] = var
        return self._found[events]


@cache
def shops_of_this_run() -> FilledShops:
    """Shops that several measurements of one process share; gone when it ends."""
    scratch = tempfile.TemporaryDirectory(prefix="barstucks-shops-")
    atexit.register(scratch.cleanup)
    return FilledShops(Path(scratch.name))


@contextmanager
def opened_shops(
    description: str | None, lengths: Sequence[int] = LENGTHS
) -> Iterator[tuple[FilledShops, list[int]]]:
    """For a command that measures: the shops, and the lengths of history that are asked for."""
    options = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--events", type=int, nargs="+", default=list(lengths))
    options.add_argument("--shops", type=Path, help="a directory to keep the shops in")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="barstucks-shops-") as scratch:
        yield FilledShops(chosen.shops or Path(scratch)), chosen.events
