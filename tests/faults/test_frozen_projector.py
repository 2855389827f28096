"""A projector that is frozen: every screen says so, and how much is missing; then all is well.

Orders are acknowledged meanwhile, which is right: the log is the truth, and it works.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.live_view import open_socket
from tests.shop import Shop
from tests.visitor import Visitor

ORDERS = 3
FROZEN_SECONDS = 7
WELL_WITHIN = 5.0


@contextmanager
def frozen(shop: Shop, part: str) -> Iterator[None]:
    """That process is stopped meanwhile, and does not know it."""
    pid = shop.pid(part)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def next_heartbeat(socket: ClientConnection, is_stale: bool, seconds: float) -> dict[str, Any]:
    """The first heartbeat that says that the screen is stale, or that it is not."""
    deadline = time.monotonic() + seconds
    while True:
        message: dict[str, Any] = json.loads(socket.recv(timeout=deadline - time.monotonic()))
        if message["kind"] == "heartbeat" and (message["stale"] is not None) == is_stale:
            return message


def readyz(shop: Shop) -> httpx.Response:
    return httpx.get(f"{shop.url}/readyz", trust_env=False)


def metrics(shop: Shop) -> dict[str, float]:
    text = httpx.get(f"{shop.url}/metrics", trust_env=False).text
    lines = [line.split() for line in text.splitlines() if line.startswith("barstucks_")]
    return {words[0]: float(words[-1]) for words in lines}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_screens_say_that_they_are_behind_and_how_much_is_missing(
    shop: Shop, helen: Visitor, bao: Visitor, ada: Visitor
) -> None:
    with (
        open_socket(bao, "barista-queue", bao.url) as bar,
        open_socket(helen, "board", helen.url) as board,
    ):
        assert next_heartbeat(bar, is_stale=False, seconds=10)
        assert readyz(shop).text == "ready\n"
        with frozen(shop, "projector"):
            for _ in range(ORDERS):
                helen.order()
            time.sleep(FROZEN_SECONDS)
            for socket in (bar, board):
                stale = next_heartbeat(socket, is_stale=True, seconds=10)["stale"]
                assert stale["words"] == "This screen is behind."
                assert stale["missing"] >= 1  # as many as were known when it turned
                assert 5 <= stale["seconds"] <= 30
            for page, visitor in (("/bar/", bao), ("/board/", helen)):
                (notice,) = visitor.open(page).find_all(id="live-bar")
                assert "This screen is behind." in notice.text
            ready = readyz(shop)
            assert ready.status_code == 200
            assert "facts missing" in ready.text
            assert metrics(shop)["barstucks_screens_behind_seconds"] > 5
            assert metrics(shop)["barstucks_facts_missing"] >= ORDERS
            time.sleep(8)
            assert "projector: silent" in readyz(shop).text
            assert "The projector is silent" in ada.open("/manage/projections/").text
        thawed = time.monotonic()
        for socket in (bar, board):
            next_heartbeat(socket, is_stale=False, seconds=WELL_WITHIN)
        assert time.monotonic() - thawed < WELL_WITHIN
        shop.wait_until(lambda: readyz(shop).text == "ready\n", WELL_WITHIN)
        assert not bao.open("/bar/").find_all(id="live-bar")


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_without_the_log_the_screens_do_not_say_that_they_are_live(
    shop: Shop, bao: Visitor
) -> None:
    with open_socket(bao, "barista-queue", bao.url) as bar:
        assert next_heartbeat(bar, is_stale=False, seconds=10)
        with frozen(shop, "eventstore"):
            stale = next_heartbeat(bar, is_stale=True, seconds=15)["stale"]
            assert (stale["missing"], stale["seconds"]) == (None, None)
        next_heartbeat(bar, is_stale=False, seconds=10)
