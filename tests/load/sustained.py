"""G3: the highest rate of orders that the whole shop holds: placed, made, paid and handed over.

Five events an order, and three screens of the staff are open. First as many orders as there are
hands say what the shop can do at all; then orders come at a fixed pace, which is lowered until the
shop holds it: the read models stay less than three seconds behind, and so does every response.
"""

import asyncio
import sqlite3
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.load.browsers import Browser, BrowserSession, Placed
from tests.load.open_shops import (
    audit,
    cpu_by_part,
    session_of,
    shop_forms,
    wait_until_quiet,
)
from tests.load.screens import Screen, screen_of, watched
from tests.load.side_by_side import Limit, Progress, Row
from tests.shop import PARTS, Shop
from tests.visitor import Visitor

HANDS = 16
"""Connections of the customers, and of each of the two at work."""

ORDERS_A_SECOND = 165.0
LONGEST_LAG = 3.0  # seconds
LOOK_SECONDS = 0.5
SHARES = (0.95, 0.85, 0.75, 0.65, 0.55, 0.45)
"""Of the rate that the shop reached at full load: which paces are tried, one after another."""

TRIAL_SHARE = 0.1
"""A pace is tried for this share of the time it has to be held; at full load as well."""

SHORTEST_TRIAL = 3.0  # seconds

TRIALS_ON_THE_BAR = 0.2
"""So much of the progress bar is for trials: nobody knows before how many there will be."""

STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("bao", "/bar/{}/take/", {}),
    ("bao", "/bar/{}/ready/", {}),
    ("casey", "/till/{}/cash/", {"given": "100.00"}),
    ("casey", "/till/{}/serve/", {}),
)
"""Who presses what on an order that was just placed."""


@dataclass
class Crew:
    """Free connections of the customers and of those at work, by who has them."""

    forms: list[BrowserSession]
    staff: Mapping[str, BrowserSession]
    free: dict[str, asyncio.Queue[Browser]] = field(default_factory=dict)
    browsers: list[Browser] = field(default_factory=list)

    async def connect(self, stack: AsyncExitStack) -> None:
        """Open all connections."""
        self.browsers = []
        hands = {"customers": self.forms} | {name: [at] * HANDS for name, at in self.staff.items()}
        for name, forms in hands.items():
            self.free[name] = asyncio.Queue()
            for form in forms:
                browser = await stack.enter_async_context(Browser(form, sends_again=True))
                self.free[name].put_nowait(browser)
                self.browsers.append(browser)

    async def serve(self, placed: Placed, due: float) -> None:
        """The whole life of one order. Raises `NotPlaced`."""
        browser = await self.free["customers"].get()
        order = await browser.post(placed, due)
        self.free["customers"].put_nowait(browser)
        for name, path, fields in STEPS:
            browser = await self.free[name].get()
            await browser.send(self.staff[name].posted(path.format(order), fields))
            self.free[name].put_nowait(browser)


@dataclass
class Held:
    """What came of some time of orders."""

    placed: Placed
    longest_lag: float
    cpu: dict[str, float]
    sent_again: int = 0

    @property
    def rate(self) -> float:
        """Orders a second, from the first that was due to the last that was handed over."""
        return len(self.placed.sent) / self.placed.seconds

    @property
    def longest(self) -> float:
        """The longest of both waits, in seconds: for an order's response, and for the screens."""
        return max(self.longest_lag, *self.placed.took)


async def at_full_load(crew: Crew, placed: Placed, seconds: float) -> None:
    """So many orders at a time as there are hands."""
    until = time.perf_counter() + seconds

    async def one_after_another() -> None:
        while time.perf_counter() < until:
            await crew.serve(placed, time.perf_counter())

    await asyncio.gather(*(one_after_another() for _ in range(HANDS)))


async def at_a_pace(crew: Crew, placed: Placed, seconds: float, per_second: float) -> None:
    """Orders at fixed moments, whatever became of those before."""
    began = time.perf_counter()

    async def order(number: int) -> None:
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await crew.serve(placed, due)

    await asyncio.gather(*(order(number) for number in range(int(seconds * per_second))))


def lag(var: Path) -> float:
    """Seconds since the event that the slowest projection has come to was recorded.

    How far the screens are behind, as long as events keep coming.
    """
    query = "SELECT min(recorded_at) FROM projections_checkpoint WHERE state = 'active'"
    file = f"file:{var / 'read_models.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(file, uri=True, timeout=5)) as models:
        ((recorded_at,),) = models.execute(query)
    at = datetime.fromisoformat(recorded_at).replace(tzinfo=UTC)
    return (datetime.now(UTC) - at).total_seconds()


class Shift:
    """One open shop with its staff at work, and every order it ever said yes to."""

    def __init__(self, shop: Shop, crew: Crew, screens: list[Screen]) -> None:
        self.acknowledged: list[str] = []
        self.shop, self._crew, self._screens = shop, crew, screens

    def hold(
        self,
        seconds: float,
        per_second: float | None = None,
        progress: Progress = lambda share: None,
    ) -> Held:
        """Orders for so long, at that pace or at full load."""
        wait_until_quiet(self.shop)
        before = cpu_by_part(self.shop)
        held = asyncio.run(self._hold(seconds, per_second, progress))
        spent = cpu_by_part(self.shop)
        took = held.placed.seconds
        held.cpu = {part: (spent[part] - before[part]) / took * 100 for part in PARTS}
        self.acknowledged += held.placed.sent
        return held

    async def _hold(self, seconds: float, per_second: float | None, progress: Progress) -> Held:
        held = Held(Placed(), 0.0, {})
        async with AsyncExitStack() as stack:
            for screen in self._screens:
                await stack.enter_async_context(watched(screen))
            await self._crew.connect(stack)
            began = time.perf_counter()
            looking = asyncio.create_task(self._look(held, seconds, progress))
            if per_second is None:
                await at_full_load(self._crew, held.placed, seconds)
            else:
                await at_a_pace(self._crew, held.placed, seconds, per_second)
            held.placed.seconds = time.perf_counter() - began
            held.sent_again = sum(browser.sent_again for browser in self._crew.browsers)
            if looking.done():
                looking.result()  # it never ends by itself: this raises what went wrong
            looking.cancel()
        return held

    async def _look(self, held: Held, seconds: float, progress: Progress) -> None:
        began = time.perf_counter()
        await asyncio.sleep(LOOK_SECONDS)  # before the first orders nothing was recorded
        while True:
            progress(min(1.0, (time.perf_counter() - began) / seconds))
            await asyncio.sleep(LOOK_SECONDS)
            held.longest_lag = max(held.longest_lag, await asyncio.to_thread(lag, self.shop.var))


def measure(rounds: int, seconds: float, progress: Progress) -> list[Row]:
    """Rows of the rate, of how long anybody waited, and of each process at that rate."""
    rate = Row("G3", f"orders/s from the form to the hand, for {seconds:g} s", Limit(165))
    longest = Row(
        "G3", "longest wait of an order form or a screen, s", Limit(LONGEST_LAG, at_most=True)
    )
    again = Row("G3", "requests refused for a moment and sent again")
    highest = Row("G3", "the same at full load: orders/s")
    parts = {part: Row("G3", f"% of a core meanwhile, {part}") for part in PARTS}
    for number in range(rounds):

        def at_work(share: float, done: int = number) -> None:
            progress((done + TRIALS_ON_THE_BAR + (1 - TRIALS_ON_THE_BAR) * share) / rounds)

        with ExitStack() as stack:
            shift = opened(stack)
            trial = max(SHORTEST_TRIAL, seconds * TRIAL_SHARE)
            most = shift.hold(trial)
            progress((number + TRIALS_ON_THE_BAR / 2) / rounds)
            highest.note(most.rate)
            held = None
            for share in SHARES:
                pace = min(ORDERS_A_SECOND, most.rate * share)
                held = shift.hold(trial, pace)
                if held.longest < LONGEST_LAG:
                    held = shift.hold(seconds, pace, at_work)
                if held.longest < LONGEST_LAG:
                    break
            assert held is not None
            rate.note(held.rate)
            longest.note(held.longest)
            again.note(held.sent_again)
            for part, row in parts.items():
                row.note(held.cpu[part])
            wait_until_quiet(shift.shop)
            audit(shift.shop, shift.acknowledged)
        progress((number + 1) / rounds)
    return [rate, longest, again, highest, *parts.values()]


def opened(stack: ExitStack) -> Shift:
    """A new shop, with a barista at the bar and a cashier at the till."""
    shop = stack.enter_context(Shop())
    staff, screens = {}, []
    for name, page, views in (
        ("bao", "/bar/", ("barista-queue", "board")),
        ("casey", "/till/", ("cashier-desk",)),
    ):
        visitor = stack.enter_context(Visitor(shop))
        visitor.log_in(name, shop.logins[name], page)
        screens += [screen_of(visitor, view) for view in views]
        staff[name] = session_of(visitor, visitor.token)
    return Shift(shop, Crew(shop_forms(shop, HANDS), staff), screens)
