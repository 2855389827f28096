"""A whole shop for tests: `manage.py serve` with files of its own, on ports of its own.

Knows the outside of the shop only: its command, its run file, its demo logins. The rest of the
environment is passed on: with DATABASE_URL and its kin set, the same shop runs on PostgreSQL.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
STOP_SECONDS = 30
PARTS = ("eventstore", "web", "projector", "reactor")


KINDS = ("MENU", "ORDERS", "LOGINS", "EXPORTS", "LINKS", "TRACKING", "PAGES")
UNLIMITED = {
    **{f"LIMIT_{kind}": "off" for kind in KINDS},
    "MOST_OPEN_ORDERS": "0",
    "MOST_UNPAID_PER_ADDRESS": "0",
    "MOST_UNPAID_PER_DEVICE": "0",
}
"""Tests ask faster than people do, all from one address, and never pay."""

COLLECTED = Path(os.environ.get("BARSTUCKS_VAR") or ROOT / "var") / "static"
"""Static files, collected once for all shops of a run."""

AS_DELIVERED = dict.fromkeys(UNLIMITED, "")
"""The limits that a shop has when nobody sets any."""


OF_ANOTHER_SHOP = (
    "EVENTSTORE_URI",
    "DATABASE_URL",
    "READ_MODELS_URL",
    "CHANNELS_URL",
    "SECRET_KEY",
    "BARSTUCKS_MODE",
    "BARSTUCKS_VAR",
)
"""Variables of a shell that would lead what is measured to other files and processes."""


class ShopDidNotStart(Exception):
    """The shop was not ready in time; the message carries the end of its log."""


class Shop:
    """One running shop. Everything it writes lies in `var`; its code in `root`.

    `options` are further ones of `serve`.

    Without limits of requests and open orders, unless the environment says so (`AS_DELIVERED`).
    """

    def __init__(
        self,
        var: Path | None = None,
        environment: Mapping[str, str] | None = None,
        root: Path = ROOT,
        python: Path = Path(sys.executable),
        host: str = "127.0.0.1",
        options: Sequence[str] = (),
    ) -> None:
        self._root = root
        address = ["--host", host, "--port", "0"]
        self._serve = [str(python), "manage.py", "serve", *address, *options]
        self._own_var = var is None
        self.var = var or Path(tempfile.mkdtemp(prefix="barstucks-shop-"))
        self.log = self.var / "shop.log"
        self.environment = os.environ | {
            "BARSTUCKS_VAR": str(self.var),
            "PAYMENT_GIVE_UP_SECONDS": "4",
            "HANG_SECONDS": "600",  # tests freeze parts on purpose
            "PYTHONUNBUFFERED": "1",
            **({"STATIC_ROOT": str(COLLECTED)} if root == ROOT else {}),
            **UNLIMITED,
            **(environment or {}),
        }
        self._serving: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:  # an interrupt meanwhile too: the shop has a session of its own
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        self.stop()
        if self._own_var:
            shutil.rmtree(self.var, ignore_errors=True)

    def start(self) -> None:
        """Serve, and wait until the shop is ready (60 s; raises `ShopDidNotStart`)."""
        self.begin()
        try:
            self.wait_until(self.is_ready, START_SECONDS)
        except TimeoutError as late:
            self.stop()
            raise ShopDidNotStart(self.end_of_log()) from late

    def begin(self) -> None:
        """Serve, and wait for nothing."""
        self.var.mkdir(parents=True, exist_ok=True)
        (self.var / "run.json").unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self._serving = subprocess.Popen(
                self._serve,
                cwd=self._root,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> int:
        """Terminate it, and kill it after 30 s. The exit code of `serve`."""
        if self._serving is None:
            return 0
        serving, self._serving = self._serving, None
        serving.send_signal(signal.SIGTERM)
        try:
            return serving.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(serving.pid, signal.SIGKILL)
            return serving.wait()

    @property
    def is_open(self) -> bool:
        """Whether `serve` was started and has not ended."""
        return self._serving is not None and self._serving.poll() is None

    def wait_for_its_end(self, seconds: float) -> int:
        """Wait until it has closed by itself. The exit code of `serve`; raises `TimeoutExpired`."""
        assert self._serving is not None
        serving, self._serving = self._serving, None
        return serving.wait(seconds)

    def end_of_log(self, lines: int = 60) -> str:
        """The end of the shop's log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    @property
    def run(self) -> dict[str, Any]:
        """What the supervisor wrote about itself: urls and pids; {} while it has not."""
        try:
            run = json.loads((self.var / "run.json").read_text())
        except (OSError, ValueError):
            return {}
        return run if isinstance(run, dict) else {}

    @property
    def url(self) -> str:
        """Where the shop is, without a slash at the end."""
        return str(self.run["url"]).rstrip("/")

    @property
    def eventstore_uri(self) -> str:
        """Where its log is."""
        return str(self.run["eventstore_uri"])

    def pid(self, part: str) -> int:
        """The process of one part just now: eventstore, web, projector or reactor."""
        return int(self.run["pids"][part])

    def kill(self, part: str) -> int:
        """kill -9 one part; the pid it had."""
        pid = self.pid(part)
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_another(self, part: str, than: int) -> None:
        """Wait until the supervisor has replaced a part and the shop is ready again (60 s)."""
        self.wait_until(lambda: self.run.get("pids", {}).get(part) not in {None, than}, 60)
        self.wait_until(self.is_ready, 60)

    def is_ready(self) -> bool:
        """Whether the shop says so itself."""
        if "url" not in self.run:
            return False
        try:
            response = httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False)
        except httpx.TransportError:
            return False
        return response.status_code == httpx.codes.OK

    def says_all_is_well(self) -> bool:
        """Whether /readyz says so, and adds nothing about what is missing."""
        try:
            response = httpx.get(f"{self.url}/readyz", timeout=2, trust_env=False)
        except (httpx.TransportError, KeyError):
            return False
        return response.status_code == httpx.codes.OK and response.text == "ready\n"

    def wait_until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Look again and again; raises `TimeoutError`, at once if the shop has closed."""
        deadline = time.monotonic() + seconds
        while not reached():
            gone = self._serving is not None and self._serving.poll() is not None
            if gone or time.monotonic() > deadline:
                raise TimeoutError(self.end_of_log())
            time.sleep(0.1)

    def command(self, *words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run `manage.py …` beside the shop, on its files and its log."""
        environment = self.environment | {"EVENTSTORE_URI": self.eventstore_uri}
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=self._root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    @property
    def logins(self) -> dict[str, str]:
        """The demo passwords, by user name."""
        accounts = json.loads((self.var / "demo_logins.json").read_text())
        return {username: account["password"] for username, account in accounts.items()}


@contextmanager
def running_shop() -> Iterator[Shop]:
    """A shop of our own, closed and swept afterwards."""
    with Shop() as shop:
        yield shop
