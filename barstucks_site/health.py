"""Liveness and readiness of a web process: /livez and /readyz, and what they are based on.

Alive: the event loop turns. Ready: not closing, and the log and the accounts responded a moment
ago. The read models do not count: without them customers can still order, and all web processes
read the same ones, so that a load balancer which took this process out would close the shop. What
is missing on the screens is said in the lines below "ready". Both are served on the event loop,
before Django, so that they work when every thread is busy. They say yes, or no and the code of the
reason.
"""

import threading
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from barstucks_site.disk_space import DiskCheck
from barstucks_site.log_certificate import LogCertificates
from barstucks_site.web_server.asgi_request import Application, Receive, Scope, Send
from orders.event_store import event_store
from projections.engine.backlog import COUNTED_TO, STALE_AFTER, backlog

CHECK_EVERY = 1.0  # seconds
VALID_FOR = 4.0  # seconds; one check of a log that does not respond takes up to 3

log = structlog.get_logger(__name__)


def reach_the_log() -> None:
    """Raise the store's `StoreUnavailable` if the log does not respond in time."""
    backlog.log_ends_at(event_store().head())


def reach_the_accounts() -> None:
    """Raise a database error if the accounts cannot be read."""
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


class HealthMonitor:
    """Checks the services it depends on in a thread of its own, and keeps the last result."""

    def __init__(
        self,
        *checks: Callable[[], None],
        afterwards: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`afterwards` is called after the checks, whatever came of them; it raises nothing."""
        self._checks = checks
        self._afterwards = afterwards
        self._clock = clock
        self._well: bool | None = None
        self.reason = "starting"
        """A code for people who watch: why it is not ready, as of the last check."""
        self._checked_at = 0.0
        self._thread: threading.Thread | None = None
        self.closing = threading.Event()
        """Set when the process begins to close: from then on it is not ready."""

    def check(self) -> None:
        """Call every check, and keep whether all of them passed."""
        well = all(self._passes(check) for check in self._checks)
        if well and self._well is False:
            log.info("health.well_again")
        self._checked_at, self._well = self._clock(), well
        self._afterwards()

    def _passes(self, check: Callable[[], None]) -> bool:
        try:
            check()
        except Exception as wrong:  # noqa: BLE001 - unwell, whatever it is
            self.reason = getattr(wrong, "code", "") or f"cannot_{check.__name__}"
            if self._well is not False:
                log.warning("health.unwell", cannot=check.__name__, because=str(wrong))
            return False
        return True

    def is_ready(self) -> bool:
        """Whether requests may be sent here. Checks now only if no thread does."""
        if self.closing.is_set():
            return False
        if self._thread is None:
            self.check()
        return bool(self._well) and self._clock() - self._checked_at <= VALID_FOR

    def start(self) -> None:
        """Check in the background, until `stop`."""
        self._thread = threading.Thread(target=self._keep_checking, name="health", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background checks, and be ready no more."""
        self.closing.set()
        self.reason = "closing"
        if self._thread is not None:
            self._thread.join(VALID_FOR)
            self._thread = None

    def _keep_checking(self) -> None:
        while not self.closing.is_set():
            self.check()
            self.closing.wait(CHECK_EVERY)


class Probes:
    """ASGI middleware: responds to /livez and /readyz and passes on everything else."""

    def __init__(self, inner: Application, monitor: HealthMonitor) -> None:
        self._inner = inner
        self._monitor = monitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond or pass on."""
        if scope["path"] not in {"/livez", "/readyz"} or scope["method"] not in {"GET", "HEAD"}:
            await self._inner(scope, receive, send)
            return
        if scope["path"] == "/livez":
            status, text = 200, b"alive\n"
        else:
            ready = self._monitor.is_ready()
            why = f"not ready: {self._monitor.reason}\n"
            status, text = (200, b"ready\n") if ready else (503, why.encode())
            text += (state_of_the_screens() + certificates.ending(timezone.now())).encode()
        headers = [
            (b"Content-Type", b"text/plain; charset=utf-8"),
            (b"Cache-Control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text})


def state_of_the_screens() -> str:
    """One line for each thing that is wrong with the read models; empty if nothing is."""
    if not backlog.has_begun:
        return ""
    worst, lines = backlog.worst(), ""
    if worst is None:
        return "screens: unknown\n"
    seconds = worst.age(timezone.now())
    if seconds >= STALE_AFTER:
        missing = f"{'more than ' * worst.is_more}{min(worst.facts, COUNTED_TO)}"
        lines = f"screens: {seconds:.0f} s behind, {missing} facts missing\n"
    return lines + "projector: silent\n" * backlog.is_projector_silent


def measure() -> None:
    """What is said beside yes and no."""
    backlog.measure()
    certificates.look()


certificates = LogCertificates(settings.EVENTSTORE_URI)
monitor = HealthMonitor(
    reach_the_log,
    reach_the_accounts,
    DiskCheck().reach_the_disk,
    afterwards=measure,
)
