"""The disk of the whole shop is full: one clear answer everywhere, and no hand needed then."""

import json
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.faults.attack import seconds_to_normal
from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.shop import Shop
from tests.visitor import Visitor

DISK_MIB = 48
PAGES = ("/", "/basket/", "/me/", "/me/export.json", "/board/", "/register/", "/staff/login/")
SMALL_DISK = ("unshare", "--user", "--map-root-user", "--mount")


class ShopOnSmallDisk(Shop):
    """A shop whose directory is a disk of its own, in memory, which only its processes see."""

    def __init__(self, place: Path) -> None:
        super().__init__(var=place)
        self._place = place
        self.log = place.with_name("shop-on-small-disk.log")
        script = f'mount -t tmpfs -o size={DISK_MIB}m,mode=0700 none "{place}" && exec "$@"'
        self.under = (*SMALL_DISK, "sh", "-c", script, "sh")

    def start(self) -> None:
        """Serve; from then on commands beside the shop find its directory from outside."""
        super().start()
        self.environment = {**self.environment, "BARSTUCKS_VAR": str(self.var)}

    @property
    def eventstore_uri(self) -> str:
        """Where its log is; the certificate's path as it is outside."""
        inside, outside = quote(str(self._place), safe=""), quote(str(self.var), safe="")
        uri = super().eventstore_uri.replace(inside, outside)
        return uri.replace(str(self._place), str(self.var))

    @property
    def run(self) -> dict[str, Any]:
        """Read through the process that sees the disk."""
        if self.serving_pid is None:
            return {}
        self.var = Path(f"/proc/{self.serving_pid}/root{self._place}")
        return super().run


def can_mount() -> bool:
    """Whether the system lets us."""
    if shutil.which("unshare") is None:
        return False
    attempt = (*SMALL_DISK, "sh", "-c", "mount -t tmpfs none /mnt")
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0


def disk_full(shop: Shop, count: int, progress: Progress) -> Figure:
    """Fill the disk, use every page, make space; so many times."""
    if not can_mount():
        return Figure("no disk can be mounted here", None)
    place = shop.var / "disk"
    place.mkdir()
    answered: Counter[int] = Counter()
    slow = ready_while_full = 0.0
    normal = 0.0
    with ShopOnSmallDisk(place) as small:
        for number in range(count):
            with OrderingProgram.of(small) as program:
                program.insist(new_key(), contents_of())
            filler = small.var / "filler"
            _fill(filler)
            statuses, slowest = _use_everything(small)
            answered += statuses
            slow = max(slow, slowest)
            ready_while_full += small.is_ready()
            filler.unlink()
            normal = max(normal, seconds_to_normal(small, time.monotonic()))
            progress(number + 1)
        from tests.faults.shop_audit import shop_is_wrong

        wrong = [said for said in shop_is_wrong(small) if "tracebacks" not in said]
        code = small.stop()
    words = ", ".join(f"{n} × {status or 'no answer'}" for status, n in sorted(answered.items()))
    text = (
        f"while full: {words}"
        f"; /readyz 200 {ready_while_full:.0f} times; slowest {slow:.1f} s; normal after "
        f"{normal:.1f} s; ended with {code}"
    )
    if wrong:
        text += f"; audit: {wrong[0]}"
    bad = sum(n for status, n in answered.items() if status in {0, 500, 502})
    return Figure(
        text, not bad and not ready_while_full and not wrong and normal <= 5 and code == 0
    )


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
