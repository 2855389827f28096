"""Waiting for what must come true, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

from orders.event_store import StoreUnavailable

PATIENCE_SECONDS = 30
BACK_SECONDS = 5
"""A log that is back is found again within so many seconds, also by readings alone."""

Answer = TypeVar("Answer")


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def once_it_is_back(call: Callable[[], Answer]) -> Answer:
    """What a call answers when the log can be reached again, which must be soon."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return call()
        except StoreUnavailable:
            assert time.monotonic() < end, "it never came back"
            time.sleep(0.05)
