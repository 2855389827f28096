"""A circuit breaker before the log: while it is away, nobody waits to find out again.

Opens after three failures within five seconds, or at the first call that gets no response in
time. While it is open calls are refused at once, and every two seconds a thread of its own asks
the log whether it is back; so does whoever is allowed around the breaker. Knows neither the log
nor its client.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from prometheus_client import Counter, Gauge

MOST_FAILURES = 3
WITHIN_SECONDS = 5.0
"""So many failures within so many seconds open it."""

PROBE_EVERY = 2.0
"""Seconds between two questions whether the log is back: at most so long it is missed in vain."""

OPEN = Gauge("barstucks_log_circuit_open", "1 while the log is taken to be away")
REFUSED = Counter("barstucks_log_calls_refused", "Calls refused because the log is away")


class Failure(Enum):
    """How a call failed, as far as that says something about the log as a whole."""

    UNREACHABLE = auto()
    TIMED_OUT = auto()


class CircuitBreaker:
    """Says whether calls are worth making. Safe to share between threads."""

    def __init__(
        self, probe: Callable[[], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`probe` asks the log, reports to this breaker, and may raise."""
        self._probe = probe
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at: deque[float] = deque(maxlen=MOST_FAILURES)
        self._is_open = False
        self._probed_at = 0.0
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the log is taken to be away."""
        return self._is_open

    def admits(self) -> bool:
        """Whether a call may be made. While open: no, but it may begin to ask anew."""
        if not self._is_open:
            return True
        REFUSED.inc()
        with self._lock:
            is_due = self._clock() - self._probed_at >= PROBE_EVERY
            if is_due and not self._probing:
                self._begin_to_probe()
        return False

    def succeeded(self) -> None:
        """The log responded."""
        if not self._is_open and not self._failed_at:
            return
        with self._lock:
            self._failed_at.clear()
            self._is_open = False
            OPEN.set(0)

    def failed(self, failure: Failure) -> None:
        """The log did not respond."""
        now = self._clock()
        with self._lock:
            if self._is_open:
                return
            self._failed_at.append(now)
            many = len(self._failed_at) == MOST_FAILURES
            if failure is Failure.TIMED_OUT or (
                many and now - self._failed_at[0] <= WITHIN_SECONDS
            ):
                self._is_open = True
                OPEN.set(1)
                self._begin_to_probe()  # at once: it may have been that one call

    def _begin_to_probe(self) -> None:
        self._probing = True
        threading.Thread(target=self._ask, name="log-probe", daemon=True).start()

    def _ask(self) -> None:
        try:
            self._probe()
        except Exception:  # noqa: BLE001, S110 - still away, whatever it is; it has been reported
            pass
        finally:
            with self._lock:
                self._probing = False
                self._probed_at = self._clock()
