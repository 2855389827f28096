"""The disk of the whole shop is full: one clear answer everywhere, and no hand needed then."""

import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from tests.faults.attack import seconds_to_normal
from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.shop_audit import shop_is_wrong
from tests.shop import ROOT, Shop
from tests.visitor import Visitor

DISK_MIB = 48
PAGES = ("/", "/basket/", "/me/", "/me/export.json", "/board/", "/register/", "/staff/login/")
NOTICED_SECONDS = 2.0
"""How long the shop may take to say that it is not ready."""

REFUSE_SHARE = 0.05
"""With less of a small disk the shop takes in nothing new (`barstucks_site.disk_space`)."""

SMALL_DISK = ("unshare", "--user", "--map-root-user", "--mount")


def can_mount() -> bool:
    """Whether the system lets us."""
    if shutil.which("unshare") is None:
        return False
    attempt = (*SMALL_DISK, "sh", "-c", "mount -t tmpfs none /mnt")
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0


def disk_full(shop: Shop, count: int, progress: Progress) -> Figure:
    """Fill the disk, use every page, make space; so many times.

    In a process of its own, because only that and its children see the disk.
    """
    if not can_mount():
        return Figure("no disk can be mounted here", None)
    place = shop.var / "disk"
    place.mkdir()
    mount = f'mount -t tmpfs -o size={DISK_MIB}m,mode=0700 none "{place}" && exec "$@"'
    words = (sys.executable, "-m", __name__, str(place), str(count))
    with subprocess.Popen(
        [*SMALL_DISK, "sh", "-c", mount, "sh", *words],
        cwd=ROOT,
        env=shop.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        said: dict[str, Any] = {}
        for line in process.stdout:
            said = json.loads(line)
            progress(said.get("done", count))
    if "text" not in said:
        return Figure("the check broke down", held=False)
    return Figure(said["text"], said["held"])


def _fill_again_and_again(place: Path, count: int) -> Figure:
    """What the process of its own does."""
    answered: Counter[int] = Counter()
    slow = normal = 0.0
    ready_while_full = 0
    shop = Shop(var=place)
    shop.log = place.with_name("shop.log")
    with shop:
        for number in range(count):
            with OrderingProgram.of(shop) as program:
                program.insist(new_key(), contents_of())
            filler = shop.var / "filler"
            _fill(filler)
            statuses, slowest = _use_everything(shop)
            answered += statuses
            slow = max(slow, slowest)
            time.sleep(NOTICED_SECONDS)
            # The shop itself may have made some room: SQLite's write-ahead logs shrink.
            ready_while_full += shop.is_ready() and _is_full(place)
            filler.unlink()
            normal = max(normal, seconds_to_normal(shop, time.monotonic()))
            print(json.dumps({"done": number + 1}), flush=True)
        wrong = shop_is_wrong(shop)
        code = shop.stop()
    words = ", ".join(f"{n} × {status or 'no answer'}" for status, n in sorted(answered.items()))
    text = (
        f"while full: {words}; /readyz 200 {ready_while_full} times; slowest order {slow:.1f} s; "
        f"normal after {normal:.1f} s; ended with {code}"
    )
    if wrong:
        text += f"; audit: {wrong[0]}"
    bad = sum(n for status, n in answered.items() if status in {0, 500, 502})
    held = not bad and not ready_while_full and not wrong and normal <= 5 and code == 0
    return Figure(text, held)


def _is_full(place: Path) -> bool:
    usage = shutil.disk_usage(place)
    return usage.free < usage.total * REFUSE_SHARE


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as opened:
        try:
            while True:
                opened.write(bytes(65536))
        except OSError:
            pass
        try:
            while True:
                opened.write(bytes(512))
        except OSError:
            pass


def _use_everything(shop: Shop) -> tuple[Counter[int], float]:
    """What the pages, an order, a login and a registration are answered; the slowest."""
    answered: Counter[int] = Counter()
    slowest = 0.0
    with OrderingProgram.of(shop) as program:
        for _ in range(8):
            answer = program.send(new_key(), contents_of())
            answered[answer.status] += 1
            slowest = max(slowest, answer.seconds)
    with Visitor(shop) as visitor:
        for path in PAGES:
            answered[_status(lambda path=path: visitor.client.get(path))] += 1
        try:
            form = visitor.open("/staff/login/").form(ending="/staff/login/")
            login = {"username": "bao", "password": json.dumps("wrong")}
            answered[_status(lambda: visitor.submit(form, login))] += 1
            form = visitor.open("/register/").form(ending="/register/")
            answered[_status(lambda: visitor.submit(form, {"name": new_key()[:8]}))] += 1
        except AssertionError:
            answered[500] += 1
    return answered, slowest


def _status(send: Any) -> int:
    try:
        return int(send().status_code)
    except httpx.TransportError:
        return 0


DISK_FULL = [
    Check(
        name="disk-full",
        fault="T7",
        goal="0 × 500, /readyz 503, 0 lost, normal within 5 s of space, no hand needed",
        run=disk_full,
        full=50,
        short=1,
        starts_shop=False,
    ),
]


if __name__ == "__main__":
    came_out = _fill_again_and_again(Path(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps({"text": came_out.text, "held": came_out.held}))
