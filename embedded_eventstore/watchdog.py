"""Signs of life of the event loop, for the process that started this one.

If WATCHDOG_FD names an inherited pipe, the loop writes a byte into it each second: who reads the
pipe learns when the loop hangs, though the process lives. Knows nothing of the server.
"""

import asyncio
import os
from contextlib import suppress

PIPE = "WATCHDOG_FD"
EVERY = 1.0
"""Seconds between two signs of life."""


def watch(loop: asyncio.AbstractEventLoop) -> None:
    """Give signs of life from now on, as long as the loop turns; without a pipe, nothing."""
    given = os.environ.pop(PIPE, "")
    if not given.isdigit():
        return
    pipe = int(given)
    os.set_blocking(pipe, False)

    def alive() -> None:
        with suppress(OSError):  # full, or nobody reads
            os.write(pipe, b".")
        loop.call_later(EVERY, alive)

    alive()
