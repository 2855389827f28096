"""kill -9 of the log, of the projector and of the web while a rush goes on.

Afterwards: no acknowledged order lost or doubled, every screen right, the read models equal to the
fold of the log, all streams legal, all money accounted for.
"""

import json
import random
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.faults.audit import audit
from tests.faults.money_audit import unsettled
from tests.faults.recorded import Recorded, read_log
from tests.shop import ROOT, Shop

PARTS = ("eventstore", "projector", "web")
ROUND_SECONDS = 16
"""The supervisor takes five deaths of one part within a minute for a crash loop."""


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


def kill_in_turn(shop: Shop, rush: subprocess.Popen[str], rounds: int, pause: float) -> None:
    """kill -9 each part so many times; the rush must be under way each time."""
    chance = random.Random(7)
    for number in range(rounds):
        begun = time.monotonic()
        for part in PARTS:
            time.sleep(chance.uniform(0.2, 1.0) * pause)
            assert rush.poll() is None, "The rush was over before the blows were."
            pid = shop.kill(part)
            shop.wait_for_another(part, pid)
        if number + 1 < rounds:
            time.sleep(max(0.0, begun + ROUND_SECONDS - time.monotonic()))


def acknowledged_in(files: Path) -> list[str]:
    lines = [json.loads(line) for line in (files / "journal").read_text().splitlines()]
    return [line["order"] for line in lines if line["step"] == "placed"]


def open_intentions(log: list[Recorded]) -> list[str]:
    orders: dict[str, list[Recorded]] = defaultdict(list)
    for event in log:
        if event.order:
            orders[event.order].append(event)
    return [said for events in orders.values() for said in unsettled(events)]


def survive(shop: Shop, files: Path, *, customers: int, minutes: float, rounds: int) -> None:
    rush = begin_rush(shop, files, customers=customers, minutes=minutes)
    try:
        time.sleep(3)
        kill_in_turn(shop, rush, rounds, pause=2)
        output, _ = rush.communicate(timeout=minutes * 60 + 400)
    finally:
        if rush.poll() is None:
            rush.kill()
            rush.wait()
    print(output)
    assert rush.returncode == 0, output
    acknowledged = acknowledged_in(files)
    assert len(acknowledged) > customers / 2
    shop.wait_until(lambda: open_intentions(read_log(shop.eventstore_uri)) == [], 60)
    assert audit(read_log(shop.eventstore_uri), acknowledged) == []
    verified = shop.command("verify_read_models")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_kills_of_each_part_lose_nothing(shop: Shop, tmp_path: Path) -> None:
    survive(shop, tmp_path, customers=80, minutes=0.8, rounds=2)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_kills_of_each_part_lose_nothing(shop: Shop, tmp_path: Path) -> None:
    survive(shop, tmp_path, customers=350, minutes=4, rounds=10)
