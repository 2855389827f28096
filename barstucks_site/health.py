"""Is this web process alive, and may it be sent customers? Looked at once a second, asked cheaply.

Alive: the event loop turns. Ready: not closing, and the log and the accounts answered a moment
ago. The read models do not count: without them customers can still order.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections, connection

from orders.event_store import event_store

LOOK_EVERY = 1.0  # seconds
BELIEVED_FOR = 4.0  # seconds; one look at a log that does not answer takes up to 3

log = structlog.get_logger(__name__)


def reach_the_log() -> None:
    """Raise the store's `StoreUnavailable` if the log does not answer in time."""
    event_store().head()


def reach_the_accounts() -> None:
    """Raise a database error if the accounts cannot be read."""
    close_old_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@dataclass(frozen=True)
class Seen:
    """What one look saw; `at` is in seconds of the monotonic clock."""

    well: bool
    at: float


class Watch:
    """Looks at the neighbours from a thread of its own and remembers what it saw last."""

    def __init__(
        self,
        *looks: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._looks = looks
        self._clock = clock
        self._seen: Seen | None = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.closing = threading.Event()
        """Set when the process begins to close: from then on it is not ready."""

    def look(self) -> Seen:
        """Look now, and remember."""
        well = True
        for reach in self._looks:
            try:
                reach()
            except Exception as wrong:  # noqa: BLE001 - unwell, whatever it is
                if self._seen is None or self._seen.well:
                    log.warning("health.unwell", cannot=reach.__name__, because=str(wrong))
                well = False
                break
        if well and self._seen is not None and not self._seen.well:
            log.info("health.well_again")
        self._seen = Seen(well, self._clock())
        return self._seen

    def ready(self) -> bool:
        """Whether customers may come. Looks itself only if nobody does so in the background."""
        if self.closing.is_set():
            return False
        seen = self._seen if self._thread is not None else self.look()
        return seen is not None and seen.well and self._clock() - seen.at <= BELIEVED_FOR

    def start(self) -> None:
        """Begin to look in the background, for as long as the process lives."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_looking, name="health", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the background look."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(BELIEVED_FOR)
            self._thread = None

    def _keep_looking(self) -> None:
        while not self._stop.is_set():
            self.look()
            self._stop.wait(LOOK_EVERY)


watch = Watch(reach_the_log, reach_the_accounts)
