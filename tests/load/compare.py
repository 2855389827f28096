"""Two versions of the shop side by side, in one run.

    python -m tests.load.compare --before REVISION [--rounds 3]

`before` is a revision of this repository, `after` this checkout. Each has directories and ports of
its own, and only one of them is ever at work, in turns. Measured are rebuilds of two long logs, the
way from a click to the barista's screen at 20 orders a second, and orders at full load with and
without open screens. Prints medians, the lowest and the highest of the rounds, and after ÷ before.
"""

import argparse
import asyncio
import io
import os
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.load.browsers import Placed, at_a_pace, at_full_load
from tests.load.click_to_screen import waits
from tests.load.filled_shop import fill_log
from tests.load.open_shops import cpu_by_part, forget_other_shops, shop_forms, wait_until_quiet
from tests.load.screens import Screen, screen_of, watched
from tests.load.side_by_side import in_turns, percentile, shown
from tests.shop import PARTS, ROOT, Shop
from tests.visitor import Visitor

CLIENTS = 16
WARM_UP_ORDERS = 5
"""Few: with the burst that is measured they have room on the bar's screen."""

LONGEST_WAIT = 120
LOGS = {"orders only": False, "whole lives": True}
STAFF = {
    "bao": ("barista-queue", "board"),
    "casey": ("cashier-desk",),
    "ada": ("barista-queue", "sales"),
}
"""Who looks at which screens."""

Figures = dict[str, float]


@dataclass(frozen=True)
class Side:
    """One of the two versions."""

    name: str
    root: Path

    def shop(self, var: Path) -> Shop:
        """Its shop in this directory."""
        var.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Shop(var, {"PAYMENT_GIVE_UP_SECONDS": "60"}, self.root)


def rebuilt(shop: Shop, name: str, events: int) -> Figures:
    """Rebuild all read models once, in a process beside the open shop."""
    used = os.times()
    began = time.perf_counter()
    done = shop.command("rebuild", seconds=LONGEST_WAIT)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    now = os.times()
    cpu = now.children_user + now.children_system - used.children_user - used.children_system
    return {
        f"rebuild, {name}: events/s": events / seconds,
        f"rebuild, {name}: CPU µs an event": cpu / events * 1e6,
    }


def under_load(shop: Shop, name: str, place: Callable[[], Placed]) -> Figures:
    """Place orders, wait until everything followed, and say what one order cost each process."""
    wait_until_quiet(shop)
    before = cpu_by_part(shop)
    placed = place()
    wait_until_quiet(shop)
    used = {part: cpu - before[part] for part, cpu in cpu_by_part(shop).items()}
    orders = len(placed.sent)
    figures = {f"{name}: orders/s": orders / placed.seconds}
    figures |= {f"{name}: {part} CPU ms an order": used[part] / orders * 1e3 for part in PARTS}
    figures[f"{name}: CPU ms an order, all"] = sum(used.values()) / orders * 1e3
    for share in (50, 99):
        figures[f"{name}: POST p{share} ms"] = percentile(placed.took, share)
    return figures


def served(shop: Shop, seconds: float) -> Figures:
    """All figures of one freshly opened shop."""
    forms = shop_forms(shop, CLIENTS)

    async def full_load(screens: Sequence[Screen]) -> Placed:
        async with AsyncExitStack() as stack:
            for screen in screens:
                await stack.enter_async_context(watched(screen))
            return await at_full_load(forms, seconds)

    with ExitStack() as stack:
        screens = []
        for username, views in STAFF.items():
            visitor = stack.enter_context(Visitor(shop))
            visitor.log_in(username, shop.logins[username], "/staff/")
            screens += [screen_of(visitor, view) for view in views]
        asyncio.run(at_a_pace(forms, 1, WARM_UP_ORDERS))
        wait_until_quiet(shop)
        seen_after = list(asyncio.run(waits(forms, screens[0])).values())
        return (
            {f"click → barista p{share} ms": percentile(seen_after, share) for share in (50, 99)}
            | under_load(shop, "5 screens open", lambda: asyncio.run(full_load(screens)))
            | under_load(shop, "no screen open", lambda: asyncio.run(full_load(())))
        )


class Comparison:
    """The figures of both sides, as they come in."""

    def __init__(self, sides: Sequence[Side], scratch: Path) -> None:
        self._sides = sides
        self._scratch = scratch
        self._figures: dict[str, dict[str, list[float]]] = {}

    def rebuilds(self, rounds: int, events: int) -> None:
        """Rebuild the read models of a long log in turns."""
        for name, whole_lives in LOGS.items():
            filled = self._scratch / name / "filled"
            written = fill_log(filled, events, orders_only=not whole_lives)
            with ExitStack() as stack:
                shops = {}
                for side in self._sides:
                    var = shutil.copytree(filled, self._scratch / name / side.name)
                    shops[side] = stack.enter_context(side.shop(var))
                    wait_until_quiet(shops[side])
                for side in in_turns(self._sides, rounds):
                    self._note(side, rebuilt(shops[side], f"{name}, {written:,} events", written))

    def orders(self, rounds: int, seconds: float) -> None:
        """Open a new shop for each turn, and order there."""
        for turn, side in enumerate(in_turns(self._sides, rounds)):
            with side.shop(self._scratch / f"turn {turn}") as shop:
                self._note(side, served(shop, seconds))

    def _note(self, side: Side, figures: Figures) -> None:
        for name, value in figures.items():
            self._figures.setdefault(name, {}).setdefault(side.name, []).append(value)
        print(
            f"  {side.name}: " + ", ".join(f"{n} {v:.4g}" for n, v in figures.items()), flush=True
        )

    def table(self) -> str:
        """Markdown: the median of each side with its lowest and highest, and their ratio."""
        lines = ["| | before | after | after ÷ before |", "|---|---|---|---|"]
        for name, values in self._figures.items():
            before, after = (values[side.name] for side in self._sides)
            ratio = statistics.median(after) / statistics.median(before)
            lines.append(f"| {name} | {shown(before)} | {shown(after)} | {ratio:.2f} |")
        return "\n".join(lines)


def check_out(revision: str, into: Path) -> Path:
    """The files of a revision, without touching the repository."""
    command = ["git", "archive", revision]
    archive = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(into, filter="data")
    return into


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--before", required=True, help="a git revision")
    options.add_argument("--rounds", type=int, default=3, help="turns of each version (3)")
    options.add_argument("--events", type=int, default=20_000, help="in the log to rebuild (20000)")
    options.add_argument("--seconds", type=float, default=8, help="of each load (8)")
    chosen = options.parse_args()
    forget_other_shops()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="barstucks-compare-") as directory:
        scratch = Path(directory)
        sides = (
            Side("before", check_out(chosen.before, scratch / "code")),
            Side("after", ROOT),
        )
        comparison = Comparison(sides, scratch)
        comparison.rebuilds(chosen.rounds, chosen.events)
        comparison.orders(chosen.rounds, chosen.seconds)
    print(
        f"\n{chosen.rounds} rounds in turns, {os.cpu_count()} cores, {CLIENTS} clients, "
        f"{time.monotonic() - began:.0f} s\n\n{comparison.table()}"
    )


if __name__ == "__main__":
    main()
