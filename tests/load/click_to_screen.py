"""G2: from a customer's click to the barista's screen at a calm pace, beside the tutorial's way.

The shop: durable in the log, projected, pushed. The peer: a row in the table, then `group_send` to
a consumer for each socket. Both have one screen open.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.staff import cancel_all, staff
from tests.load.browsers import BrowserSession, at_a_pace
from tests.load.open_shops import audit, crud_shop, shop_forms, wait_until_quiet
from tests.load.screens import Screen, screen_of, watched
from tests.load.side_by_side import Limit, Progress, Row, Wrong, in_turns, percentile
from tests.shop import Shop

ORDERS_A_SECOND = 20
BURST = 50
"""Orders at a time: the bar's screen shows sixty, and a few may have stayed there."""

LONGEST_WAIT = 30.0


async def waits(forms: Sequence[BrowserSession], screen: Screen) -> dict[str, float]:
    """Seconds from when each order of a burst was due until it stands on that screen."""
    async with watched(screen) as seen:
        placed = await at_a_pace(forms, BURST / ORDERS_A_SECOND, ORDERS_A_SECOND)
        deadline = time.monotonic() + LONGEST_WAIT
        while not placed.sent.keys() <= seen.keys():
            if time.monotonic() > deadline:
                raise Wrong("An order never came to the barista's screen.")
            await asyncio.sleep(0.02)
    return {order: seen[order] - sent for order, sent in placed.sent.items()}


@dataclass(frozen=True)
class Side:
    """The shop or the peer: who orders there, and one open screen."""

    forms: list[BrowserSession]
    screen: Screen
    clear: Callable[[Iterable[str]], None] = lambda orders: None
    """Has these orders leave the screen."""

    def measure(self, seconds: float) -> dict[str, float]:
        """About so many seconds of orders, in bursts that the screen has room for."""
        found: dict[str, float] = {}
        for _ in range(max(1, round(seconds * ORDERS_A_SECOND / BURST))):
            burst = asyncio.run(waits(self.forms, self.screen))
            self.clear(burst)
            found |= burst
        return found


def measure(rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Rows of the median and of the slowest in a hundred."""
    peer = "CRUD, then group_send"
    median = Row("G2", "click → barista's screen p50 ms", Limit(15, at_most=True), peer)
    slowest = Row("G2", "click → barista's screen p99 ms", Limit(60, at_most=True), peer)
    beside = Row("G2", "the same p99 beside", Limit(1.0, at_most=True, of_ratio=True), peer)
    acknowledged: list[str] = []
    with ExitStack() as stack, tempfile.TemporaryDirectory() as scratch:
        shop = stack.enter_context(Shop())
        tutorial = stack.enter_context(crud_shop("tutorial", Path(scratch)))
        bao, ada = stack.enter_context(staff(shop, "bao", "ada"))

        def clear(orders: Iterable[str]) -> None:
            cancel_all(ada, orders)
            wait_until_quiet(shop)

        sides = {
            "shop": Side(shop_forms(shop, 4), screen_of(bao, "barista-queue"), clear),
            "tutorial": Side(tutorial.forms(4), Screen(f"ws://127.0.0.1:{tutorial.port}/ws/bar/")),
        }
        for name, side in sides.items():  # the first of each is slower: nothing is loaded yet
            found = side.measure(0)
            acknowledged += found if name == "shop" else ()
        done: dict[str, list[float]] = {}
        for turn, name in enumerate(in_turns(list(sides), rounds)):
            wait_until_quiet(shop)
            found = sides[name].measure(seconds)
            done[name] = list(found.values())
            acknowledged += found if name == "shop" else ()
            progress((turn + 1) / (2 * rounds))
            if turn % 2:
                for row, share in ((median, 50), (slowest, 99), (beside, 99)):
                    row.note(*(percentile(done[side], share) for side in ("shop", "tutorial")))
        audit(shop, acknowledged)
    return [median, slowest, beside]
