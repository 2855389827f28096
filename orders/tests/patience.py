"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

from orders.event_store import StoreUnavailable

PATIENCE_SECONDS = 30
BACK_SECONDS = 5
"""A log that is back is found again within so many seconds, also by readings alone."""

Result = TypeVar("Result")


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def once_it_is_back(call: Callable[[], Result]) -> Result:
    """The result of a call once the log can be reached again, which must be soon."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return call()
        except StoreUnavailable:
            assert time.monotonic() < end, "it never came back"
            time.sleep(0.05)
