"""The read models against the log: A6 and A7 of the audit. For a shop on SQLite that runs.

The checkpoints are read from the file itself; the rows are compared by the shop's own command,
which folds the log anew.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.recorded import Recorded
from tests.shop import Shop

CATCH_UP_SECONDS = 60.0
VERIFY_SECONDS = 120.0
SLOWEST_VERIFY = 1_000
"""Events a second: a comparison folds the whole log once more."""


@dataclass(frozen=True)
class StoredCheckpoint:
    """How far one projection says it is, and how many events it says it has handled."""

    projection: str
    position: int
    handled: int


def read_checkpoints(var: Path) -> list[StoredCheckpoint]:
    """Of the generations that the screens show; [] while there is no file that can be read."""
    try:
        with closing(
            sqlite3.connect(f"file:{var / 'read_models.sqlite3'}?mode=ro", uri=True, timeout=5)
        ) as file:
            rows = file.execute(
                "SELECT projection, position, handled FROM projections_checkpoint"
                " WHERE state = 'active'"
            ).fetchall()
    except sqlite3.DatabaseError:
        return []
    return [StoredCheckpoint(*row) for row in rows]


def position_of_screens(var: Path) -> int:
    """The commit position that every projection has reached; -1 before there is one."""
    return min((checkpoint.position for checkpoint in read_checkpoints(var)), default=-1)


def wait_for_screens(shop: Shop, position: int, seconds: float = CATCH_UP_SECONDS) -> None:
    """Wait until every projection has reached the position; raises `TimeoutError`."""
    shop.wait_until(lambda: position_of_screens(shop.var) >= position, seconds)


def _at_rest(var: Path, position: int) -> bool:
    """Whether every projection is exactly there: after a restored log, one may be too far."""
    return {checkpoint.position for checkpoint in read_checkpoints(var)} == {position}


def read_models_are_wrong(shop: Shop, log: Sequence[Recorded]) -> list[str]:
    """Every checkpoint that is not at the end, every count and every row that differs."""
    last = log[-1].position if log else -1
    try:
        shop.wait_until(lambda: _at_rest(shop.var, last), CATCH_UP_SECONDS)
    except TimeoutError:
        where = ", ".join(f"{c.projection} at {c.position}" for c in read_checkpoints(shop.var))
        return [f"The read models never came to the end of the log, {last}: {where}."]
    wrong = []
    for checkpoint in read_checkpoints(shop.var):
        if checkpoint.handled != len(log):
            wrong.append(
                f"{checkpoint.projection} handled {checkpoint.handled} events of {len(log)}."
            )
    deadline = VERIFY_SECONDS + len(log) / SLOWEST_VERIFY
    verified = shop.command("verify_read_models", seconds=deadline)
    if verified.returncode:
        wrong.append(f"The read models differ from the log: {verified.stdout.strip()[-200:]}")
    return wrong
