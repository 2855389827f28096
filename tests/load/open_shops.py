"""The shop and its peer, open for a measurement: forms to post, CPU by process, and the audit.

Each is a real one with processes, files and ports of its own, on loopback.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.faults.read_model_audit import read_models_are_wrong, wait_for_screens
from tests.faults.recorded import head, read_log
from tests.load.browsers import BrowserSession
from tests.load.side_by_side import Wrong
from tests.shop import OF_ANOTHER_SHOP, PARTS, ROOT, Shop
from tests.visitor import Visitor

QUIET_CPU = 0.05  # seconds of CPU in half a second: all processes wait for something to do
LONGEST_WAIT = 120.0


def forget_other_shops() -> None:
    """Begin a program that measures: which shop the shell is about does not matter to it.

    SIGTERM ends it as an exception does, so that what it has opened is closed.
    """
    for name in OF_ANOTHER_SHOP:
        os.environ.pop(name, None)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process until now."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def cpu_by_part(shop: Shop) -> dict[str, float]:
    """CPU seconds of each process of an open shop."""
    return {part: cpu_seconds(shop.pid(part)) for part in PARTS}


def wait_until_quiet(shop: Shop) -> None:
    """Wait until no process has anything to do: what was ordered stands on the screens."""
    deadline = time.monotonic() + LONGEST_WAIT
    quiet, before = 0, sum(cpu_by_part(shop).values())
    while quiet < 2:
        if time.monotonic() > deadline:
            raise TimeoutError(f"The shop does not come to rest: {shop.end_of_log(10)}")
        time.sleep(0.5)
        now = sum(cpu_by_part(shop).values())
        quiet, before = quiet + 1 if now - before < QUIET_CPU else 0, now


def shop_forms(shop: Shop, browsers: int) -> list[BrowserSession]:
    """So many customers with something in their baskets, at the order form."""
    forms = []
    for _ in range(browsers):
        with Visitor(shop) as visitor:
            form = visitor.order_form(item="/menu/flat-white/")
            forms.append(session_of(visitor, form.value("csrfmiddlewaretoken")))
    return forms


def session_of(visitor: Visitor, token: str) -> BrowserSession:
    """The visitor's cookies, with the token of a form."""
    cookies = "; ".join(f"{k}={v}" for k, v in visitor.client.cookies.items())
    return BrowserSession(urlsplit(visitor.url).port or 0, cookies, token)


def audit(shop: Shop, acknowledged: Iterable[str]) -> None:
    """Raise `Wrong` unless the log and the read models have each of these orders exactly once.

    `acknowledged` are all orders of this shop: one that nobody was told of is a doubled one.
    """
    expected = set(acknowledged)
    wait_for_screens(shop, head(shop.eventstore_uri), LONGEST_WAIT)
    log = read_log(shop.eventstore_uri)
    ordered = Counter(event.order for event in log if event.type_name == "CoffeeOrdered")
    lost = [order for order in expected if not ordered[order]]
    doubled = [order for order, times in ordered.items() if times > 1]
    unknown = [order for order in ordered if order not in expected]
    if lost or doubled or unknown:
        raise Wrong(
            f"{len(lost)} acknowledged orders are not in the log, {len(doubled)} twice, "
            f"and {len(unknown)} are there that nobody was told of."
        )
    if wrong := read_models_are_wrong(shop, log):
        raise Wrong(f"The read models are wrong: {wrong[0]}")


@dataclass(frozen=True)
class CrudShop:
    """The peer's process."""

    port: int
    pid: int

    def forms(self, browsers: int) -> list[BrowserSession]:
        """So many customers with something in their baskets, at the order form."""
        forms = []
        for _ in range(browsers):
            with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
                token = client.get("/basket/").json()["token"]
                cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
                forms.append(BrowserSession(self.port, cookies, token))
        return forms


@contextmanager
def crud_shop(kind: str, directory: Path) -> Iterator[CrudShop]:
    """The peer, open: `plain`, `one-hop` or `tutorial` (see `crud_shop.serve`)."""
    directory.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.load.crud_shop.serve", kind, str(directory), str(port)],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"The {kind} peer did not start.")
        yield CrudShop(port, process.pid)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
