"""Waiting for one's own writes: on the event loop, briefly, and only for what can still come."""

import asyncio
import threading
import time
from typing import Any

import pytest

from orders.links import order_token
from projections.engine.arrivals import LONGEST_WAIT, Arrivals
from projections.tests.some_orders import HELEN
from projections.views.own_writes import HAS_OWN_WRITES, OwnWrites

SOON = 0.5
"""Seconds: much less than the longest wait."""


class ReadModels:
    """How far two projections are and where the log ends, as a test says; counts the readings."""

    def __init__(self, head: int | None) -> None:
        self.positions = {"directory": 100, "order-tracking": 100}
        self.log_head = head
        self.looks = self.asks = 0
        self.log_responds = threading.Event()
        self.log_responds.set()

    def look(self) -> dict[str, int]:
        self.looks += 1
        return dict(self.positions)

    def head(self) -> int | None:
        self.asks += 1
        head = self.log_head
        self.log_responds.wait(10)
        return head

    def arrivals(self, **more: Any) -> Arrivals:
        return Arrivals(self.look, self.head, **more)


async def timed(arrived: Any) -> tuple[bool, float]:
    began = time.monotonic()
    return await arrived, time.monotonic() - began


async def test_what_is_there_is_not_waited_for() -> None:
    shop = ReadModels(head=100)

    assert await shop.arrivals().at(100, ["directory"])
    assert (shop.looks, shop.asks) == (1, 0)


async def test_a_position_is_waited_for_until_all_projections_have_it() -> None:
    shop = ReadModels(head=200)
    waiting = asyncio.create_task(timed(shop.arrivals().at(200, ["directory", "order-tracking"])))
    await asyncio.sleep(0.05)
    shop.positions["directory"] = 200
    await asyncio.sleep(0.05)
    assert not waiting.done()

    shop.positions["order-tracking"] = 200
    arrived, seconds = await waiting

    assert arrived
    assert seconds < SOON


async def test_a_position_that_does_not_come_is_waited_for_a_second() -> None:
    arrived, seconds = await timed(ReadModels(head=200).arrivals().at(200, ["directory"]))

    assert not arrived
    assert LONGEST_WAIT <= seconds < LONGEST_WAIT + SOON


async def test_nobody_waits_for_a_position_beyond_the_head() -> None:
    shop = ReadModels(head=100)
    arrivals = shop.arrivals()

    outcomes = await asyncio.gather(
        *(timed(arrivals.at(999_999_999_999_999_999, ["directory"])) for _ in range(200))
    )

    assert not any(arrived for arrived, _ in outcomes)
    assert max(seconds for _, seconds in outcomes) < SOON
    assert shop.asks <= 2  # for all of them together


async def test_a_fact_that_is_newer_than_the_last_look_at_the_head_is_waited_for() -> None:
    shop = ReadModels(head=100)
    arrivals = shop.arrivals()
    assert not await arrivals.at(101, ["directory"])

    shop.log_head = 200  # somebody orders
    waiting = asyncio.create_task(arrivals.at(200, ["directory"]))
    await asyncio.sleep(3 * 0.1)
    assert not waiting.done()
    shop.positions["directory"] = 200

    assert await waiting


async def test_a_fact_that_came_while_the_log_was_asked_is_waited_for_too() -> None:
    shop = ReadModels(head=100)
    arrivals = shop.arrivals()
    shop.log_responds.clear()
    beyond = asyncio.create_task(arrivals.at(101, ["directory"]))
    await asyncio.sleep(0.05)

    shop.log_head = 200  # the response under way does not know of it
    waiting = asyncio.create_task(arrivals.at(200, ["directory"]))
    await asyncio.sleep(0.05)
    shop.log_responds.set()

    assert not await beyond
    assert not waiting.done()
    shop.positions["directory"] = 200
    assert await waiting


async def test_a_log_that_does_not_say_where_it_ends_holds_nobody_up_longer() -> None:
    shop = ReadModels(head=None)
    arrived, seconds = await timed(shop.arrivals().at(200, ["directory"]))
    assert (arrived, seconds < SOON) == (False, True)

    shop.log_responds.clear()
    arrived, seconds = await timed(shop.arrivals().at(200, ["directory"]))
    shop.log_responds.set()
    assert not arrived
    assert seconds < LONGEST_WAIT + SOON


async def test_one_reader_looks_for_all_and_only_while_somebody_waits() -> None:
    shop = ReadModels(head=200)
    arrivals = shop.arrivals(most_waiting=50)
    waiting = [asyncio.create_task(arrivals.at(200, ["directory"])) for _ in range(50)]
    await asyncio.sleep(0.1)

    assert not await arrivals.at(200, ["directory"])  # one too many: does not wait
    shop.positions["directory"] = 200
    assert all(await asyncio.gather(*waiting))

    assert shop.looks < 50
    await asyncio.sleep(0.05)
    looks = shop.looks
    await asyncio.sleep(0.05)
    assert shop.looks == looks


async def test_read_models_that_cannot_be_read_hold_nobody_up() -> None:
    def broken() -> dict[str, int]:
        raise OSError("the disk is gone")

    waiting = Arrivals(broken, lambda: 200)

    arrived, seconds = await timed(waiting.at(200, ["directory"]))

    assert not arrived
    assert seconds < SOON


# --- before the pages ----------------------------------------------------------------------------


class Page:
    """The application behind: keeps the scope it was called with."""

    scope: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("/me/", b"after=100", True),
        ("/me/", b"after=101", False),
        (f"/o/{order_token(HELEN)}/", b"x=1&after=100", True),
        ("/me/", b"", None),
        ("/me/", b"after=nonsense", None),
        ("/me/", b"after=-1", None),
        ("/me/", b"after=101&x=" * 600, None),  # more parameters than Django reads
        ("/", b"after=101", None),  # waits for nothing
        ("/nowhere/at/all/", b"after=101", None),
    ],
)
async def test_a_view_that_declares_it_is_told_whether_it_shows_the_own_writes(
    path: str, query: bytes, told: bool | None
) -> None:
    page, arrivals = Page(), ReadModels(head=100).arrivals()

    await OwnWrites(page, arrivals)({"path": path, "query_string": query}, None, None)

    assert page.scope.get(HAS_OWN_WRITES) is told
