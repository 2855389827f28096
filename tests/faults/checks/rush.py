"""A rush hour, with customers, baristas and cashiers at their screens, while parts are killed.

The rush checks every screen itself, at its height and at its end: A9 and A10 of the audit.
"""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.audit import audit
from tests.faults.check import Check, Figure, Progress
from tests.faults.recorded import read_log
from tests.faults.shop_audit import SETTLED_SECONDS, open_intentions
from tests.shop import ROOT, Shop

PARTS = ("eventstore", "projector", "web")
ROUND_SECONDS = 16
"""The supervisor takes five deaths of one part within a minute for a crash loop."""

CUSTOMERS_A_ROUND = 22
MINUTES_A_ROUND = 0.4
LAST_SECONDS = 400


def rush_under_kills(shop: Shop, count: int, progress: Progress) -> Figure:
    """kill -9 of log, projector and web, each so many times, while a rush goes on."""
    files = shop.log.with_name("rush")
    files.mkdir()
    minutes = max(0.8, MINUTES_A_ROUND * count)
    customers = max(80, CUSTOMERS_A_ROUND * count)
    rush = begin_rush(shop, files, customers=customers, minutes=minutes)
    try:
        time.sleep(3)
        _kill_in_turn(shop, rush, count, progress)
        output, _ = rush.communicate(timeout=minutes * 60 + LAST_SECONDS)
    finally:
        if rush.poll() is None:
            rush.kill()
            rush.wait()
    if rush.returncode != 0:
        wrong = [line.strip() for line in output.splitlines() if line.strip().startswith("- ")]
        return Figure(f"the rush found: {wrong[0] if wrong else output[-200:]}", held=False)
    acknowledged = acknowledged_in(files)
    shop.wait_until(lambda: not open_intentions(read_log(shop.eventstore_uri)), SETTLED_SECONDS)
    lost = audit(read_log(shop.eventstore_uri), acknowledged)
    text = (
        f"{len(acknowledged)} orders through {count * len(PARTS)} kills; every screen right at the "
        f"height and at the end; {len(lost)} wrong in the log"
    )
    return Figure(text, not lost and len(acknowledged) > customers / 2)


def begin_rush(shop: Shop, files: Path, *, customers: int, minutes: float) -> subprocess.Popen[str]:
    """A rush in a process of its own, which nobody kills."""
    return subprocess.Popen(
        [
            *(sys.executable, "manage.py", "rush", "--url", shop.url, "--pace", "0.1"),
            *("--customers", str(customers), "--minutes", str(minutes), "--seed", "7"),
            *("--journal", str(files / "journal"), "--report", str(files / "report")),
        ],
        cwd=ROOT,
        env=shop.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _kill_in_turn(shop: Shop, rush: subprocess.Popen[str], rounds: int, progress: Progress) -> None:
    """kill -9 each part so many times; the rush must be under way each time."""
    chance = random.Random(7)
    for number in range(rounds):
        begun = time.monotonic()
        for part in PARTS:
            time.sleep(chance.uniform(0.4, 2.0))
            assert rush.poll() is None, "The rush was over before the blows were."
            pid = shop.kill(part)
            shop.wait_for_another(part, pid)
        progress(number + 1)
        if number + 1 < rounds:
            time.sleep(max(0.0, begun + ROUND_SECONDS - time.monotonic()))


def acknowledged_in(files: Path) -> list[str]:
    """The orders that the rush was told yes to, so far."""
    lines = [json.loads(line) for line in (files / "journal").read_text().splitlines()]
    return [line["order"] for line in lines if line["step"] == "placed"]


RUSH = [
    Check(
        name="rush-under-kills",
        fault="T1",
        goal="no order lost or doubled, every screen right",
        run=rush_under_kills,
        full=30,
        needs_own_shop=True,
    ),
]
