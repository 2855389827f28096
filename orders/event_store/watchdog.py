"""A process's sign of life to the supervisor that started it.

To be given by the loop that does the work, never by a thread beside it: a process that lives and
does nothing is started again. Knows neither the supervisor nor the loop.
"""

import os
import time
from contextlib import suppress

PIPE = "WATCHDOG_FD"
"""The environment variable with the number of an inherited pipe; a byte in it is a sign of life."""

EVERY = 1.0
"""Seconds between two signs of life; a loop that turns faster gives no more."""


class Watchdog:
    """Writes signs of life into a pipe; without one, each call does nothing."""

    def __init__(self, pipe: int | None) -> None:
        self._pipe = pipe
        self._next = 0.0
        if pipe is not None:
            os.set_blocking(pipe, False)
            os.set_inheritable(pipe, False)

    def alive(self) -> None:
        """Say that the loop turns. Cheap, never waits and never fails."""
        now = time.monotonic()
        if self._pipe is None or now < self._next:
            return
        self._next = now + EVERY
        with suppress(OSError):  # full, or nobody reads: the supervisor is busy or gone
            os.write(self._pipe, b".")


def watchdog() -> Watchdog:
    """This process's watchdog, as its environment says. To be called once, by its main command."""
    given = os.environ.pop(PIPE, "")
    return Watchdog(int(given) if given.isdigit() else None)
