"""A reactor that hangs is seen by those who take money, by the manager and by the metrics."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

SEEN_AFTER = 8
"""Seconds: it is said to be behind after five."""

GONE_AFTER = 5
"""Seconds until nothing is said any more, once it goes on."""


@contextmanager
def hung(shop: Shop) -> Iterator[None]:
    """The reactor's process stands still."""
    pid = shop.pid("reactor")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def seconds_behind(visitor: Visitor) -> float:
    """What the metrics say."""
    lines = visitor.client.get("/metrics").text.splitlines()
    return next(
        float(line.split()[1])
        for line in lines
        if line.startswith("barstucks_reactor_seconds_behind ")
    )


def test_a_reactor_that_hangs_is_seen_and_one_that_goes_on_is_not(
    shop: Shop, helen: Visitor, casey: Visitor, ada: Visitor
) -> None:
    shop.wait_until(lambda: seconds_behind(casey) == 0, 10)
    with hung(shop):
        helen.order()  # with the first order come the day's numbers
        shop.wait_until(lambda: "behind" in casey.open("/till/reactor/").text, SEEN_AFTER)
        assert "2 events" in ada.open("/manage/projections/").text
        assert seconds_behind(casey) > 5

    went_on = time.monotonic()
    shop.wait_until(lambda: "behind" not in casey.open("/till/reactor/").text, 30)
    assert time.monotonic() - went_on < GONE_AFTER
