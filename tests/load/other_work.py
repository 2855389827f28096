"""Whether anything else works on this machine: then figures say little."""

import time
from pathlib import Path

MOST = 0.15
"""Cores: a quiet machine's own processes take less."""

LOOK_SECONDS = 0.5

HUNDREDTHS = 100
"""Linux counts processor time in hundredths of a second (USER_HZ)."""


def busy_cores(seconds: float = LOOK_SECONDS) -> float:
    """How many cores are at work just now, as Linux counts them. Waits so many seconds."""
    before, began = _busy_seconds(), time.monotonic()
    time.sleep(seconds)
    return (_busy_seconds() - before) / (time.monotonic() - began)


def _busy_seconds() -> float:
    words = Path("/proc/stat").read_text().splitlines()[0].split()
    user, nice, system, _idle, _waiting, *interrupts = map(int, words[1:9])
    return (user + nice + system + sum(interrupts)) / HUNDREDTHS
