"""`bin/bench [G1 G2 …]`: the shop beside its peers, goal by goal, as one table.

    --full            rounds and seconds enough for a figure to quote; quick otherwise
    --markdown FILE   the table also as a file
    --beside          measure also beside other work, which the table then says

Nothing else should run on the machine meanwhile: if something does, it ends with 2. Ends with 1 if
the shop lost or doubled anything while it was measured, or if a goal could not be measured; one
that is not reached is a figure.
"""

import argparse
import os
import platform
import shlex
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load import (
    click_to_screen,
    eventstore,
    fanout,
    idle_shop,
    menu_on_a_phone,
    opened_shop,
    other_work,
    past_orders,
    past_screens,
    placing_orders,
    rebuilds,
    sustained,
)
from tests.load.open_shops import forget_other_shops
from tests.load.side_by_side import Progress, Row, Wrong, table
from tests.shop import ROOT

BAR_WIDTH = 24


@dataclass(frozen=True)
class Goal:
    """How one goal is measured, quickly and fully: rounds, and how much.

    Seconds of each turn, publishes, or events in the log.
    """

    measure: Callable[[int, Any, Progress], list[Row]]
    quick: tuple[int, Any]
    full: tuple[int, Any]


GOALS: Mapping[str, Goal] = {  # rounds, and seconds, publishes or events
    "G1": Goal(placing_orders.measure, quick=(2, 3.0), full=(5, 10.0)),
    "G2": Goal(click_to_screen.measure, quick=(1, 5.0), full=(5, 15.0)),
    "G3": Goal(sustained.measure, quick=(1, 6.0), full=(1, 600.0)),
    "G4": Goal(fanout.measure, quick=(1, 5), full=(5, 15)),
    "G5": Goal(rebuilds.rows, quick=(1, 10_000), full=(5, 100_000)),
    "G6": Goal(past_orders.rows, quick=(10, 20_000), full=(60, 1_000_000)),
    "G7": Goal(past_screens.rows, quick=(3, 10_000), full=(9, 1_000_000)),
    "G8": Goal(eventstore.one_append, quick=(1, 400), full=(5, 1000)),
    "G9": Goal(eventstore.many_appenders, quick=(1, 400), full=(5, 1000)),
    "G10": Goal(eventstore.reading, quick=(1, 400), full=(5, 1000)),
    "G11": Goal(opened_shop.rows, quick=(1, 10_000), full=(5, 1_000_000)),
    "G12": Goal(idle_shop.measure, quick=(1, 5.0), full=(5, 15.0)),
    "G13": Goal(menu_on_a_phone.measure, quick=(1, 0), full=(1, 0)),
}


class Bar:
    """How far one goal is, on a terminal; nothing elsewhere."""

    def __init__(self, goal: str) -> None:
        self._goal = goal
        self._begun = time.monotonic()

    def show(self, share: float) -> None:
        """So much of it is done."""
        filled = round(BAR_WIDTH * share)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        self._write(f"{self._goal:4} {bar} {time.monotonic() - self._begun:.0f} s")

    def clear(self) -> None:
        """Leave the terminal as it was."""
        self._write("")

    def _write(self, line: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{line}")
            sys.stderr.flush()


def main(words: Sequence[str] | None = None) -> int:
    """Measure what was asked for; the exit code."""
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("goals", nargs="*", metavar="GOAL", help=f"default: {' '.join(GOALS)}")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--beside", action="store_true")
    options = parser.parse_args(words)
    unknown = [goal for goal in options.goals if goal not in GOALS]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. There are {', '.join(GOALS)}.")
    found = other_work.busy_cores()
    if found > other_work.MOST and not options.beside:
        parser.error(
            f"something else uses {found:.1f} cores of this machine, and the figures would say "
            "little; wait for it, or measure beside it with --beside"
        )
    forget_other_shops()
    begun = time.monotonic()
    rows, wrong, beside = _measured(options.goals or list(GOALS), is_full=options.full)
    command = shlex.join(["bin/bench", *(sys.argv[1:] if words is None else words)])
    said = (
        f"`{command}`, {time.monotonic() - begun:.0f} s; {here_and_now()}; other work before each "
        f"goal: at most {max(found, beside):.2f} cores\n\n{table(rows)}"
    )
    print(said)
    if options.markdown:
        options.markdown.write_text(said)
    for sentence in wrong:
        print(sentence)
    return 1 if wrong else 0


def here_and_now() -> str:
    """The machine, the date and the revision: without them a figure says nothing."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    describe = ["git", "describe", "--always", "--dirty"]
    git = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False)
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores "
        f"({models[0] if models else platform.machine()}), {memory:.0f} GB, "
        f"Python {platform.python_version()}, revision {git.stdout.strip() or 'unknown'}"
    )


def _measured(goals: Sequence[str], *, is_full: bool) -> tuple[list[Row], list[str], float]:
    """The rows, what was wrong, and the cores that were busy before a goal, at most."""
    rows: list[Row] = []
    wrong: list[str] = []
    beside = 0.0
    for name in goals:
        goal, bar = GOALS[name], Bar(name)
        rounds, amount = goal.full if is_full else goal.quick
        bar.show(0)
        beside = max(beside, other_work.busy_cores())
        try:
            rows += goal.measure(rounds, amount, bar.show)
        except Wrong as error:
            wrong.append(f"{name}: {error}")
        except Exception as error:  # noqa: BLE001 - the figures of the other goals took an hour
            wrong.append(f"{name} could not be measured: {type(error).__name__} {error}")
            traceback.print_exc()
        finally:
            bar.clear()
    return rows, wrong, beside


if __name__ == "__main__":
    sys.exit(main())
