"""The supervisor's end of a child's watchdog: a pipe, and for how long nothing came through it.

Silence is counted in the supervisor's own turns: time in which the supervisor itself stood still
(a frozen container, a machine asleep) says nothing about a child. Knows no process.
"""

import os

PIPE = "WATCHDOG_FD"
"""The environment variable that tells a child the number of its end of the pipe."""

HANG_SECONDS = 15.0
"""Silence after which a child that gave signs of life counts as hanging."""

START_SECONDS = 300.0
"""The same before the first sign of life: recovery and migrations take their time."""

LONGEST_TURN = 1.0
"""Seconds that one turn of the supervisor adds to a silence at most."""

READ_AT_ONCE = 4096  # bytes


class SignOfLife:
    """One process's pipe. Times are in seconds of a monotonic clock."""

    def __init__(self, now: float, hang_seconds: float = HANG_SECONDS) -> None:
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._hang_seconds = hang_seconds
        self._looked_at = now
        self.silent_seconds = 0.0
        self.was_given = False
        """Whether there was any sign of life yet."""

    def started(self) -> None:
        """The child has its end: let go of our copy of it."""
        os.close(self.writing)

    def close(self) -> None:
        """The process is gone."""
        os.close(self._reading)

    def is_missing(self, now: float) -> bool:
        """Look into the pipe; whether the process is silent for too long."""
        turn, self._looked_at = now - self._looked_at, now
        if self._came():
            self.silent_seconds = 0.0
            self.was_given = True
        else:
            self.silent_seconds += min(turn, LONGEST_TURN)
        most = self._hang_seconds if self.was_given else max(START_SECONDS, self._hang_seconds)
        return self.silent_seconds > most

    def forgive(self) -> None:
        """Begin to count anew."""
        self.silent_seconds = 0.0

    def _came(self) -> bool:
        try:
            return bool(os.read(self._reading, READ_AT_ONCE))
        except BlockingIOError:
            return False
