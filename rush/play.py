"""The play of a rush: opens the screens, lets everybody in, and checks the shop at the end.

Twice: once while orders stand on every screen, with all hands still for a moment, and once when
everything is done.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rush.barista import Barista
from rush.browser import Browser, Street
from rush.cashier import Cashier
from rush.check import check_everything, check_tracking, wait_until_equal
from rush.crew import Crew
from rush.customer import Customer, Placed
from rush.ledger import Ledger, Step
from rush.progress import Progress
from rush.report import Report, Spread
from rush.screen import Screen
from rush.shift import Shift
from rush.staff_entrance import Login

DRAIN_SECONDS = 120
WATCHERS = 20


@dataclass(frozen=True)
class Wishes:
    """How the rush shall be. `pace` is what one step of work takes a person, in seconds."""

    url: str
    customers: int
    minutes: float
    seed: int
    pace: float
    baristas: int
    cashiers: int
    journal: Path | None = None


class Rush:
    """One rush hour in one shop."""

    def __init__(self, wishes: Wishes, logins: list[Login], progress: Progress) -> None:
        self._wishes = wishes
        self._logins = logins
        self._progress = progress
        self._chance = random.Random(wishes.seed)  # noqa: S311
        self._shift = Shift(wishes.pace)
        self._came = 0
        self._paid = 0
        self._watched: list[Screen] = []
        self._problems: list[str] = []

    async def run(self) -> Report:
        """Play it; raises `NoAnswer` if the shop is closed, `NobodyToWork` without staff."""
        street = Street(self._wishes.url)
        with Ledger(self._wishes.journal) as ledger:
            try:
                await street.knock()
                return await self._play(street, ledger)
            finally:
                await street.close()

    async def _play(self, street: Street, ledger: Ledger) -> Report:
        crew = Crew(street, ledger, self._shift, self._chance)
        baristas = await crew.baristas(self._logins, self._wishes.baristas)
        cashiers = await crew.cashiers(self._logins, self._wishes.cashiers)
        board = Screen(Browser(street), "board")
        people: list[Barista | Cashier] = [*baristas, *cashiers]
        screens = [*(each.screen for each in people), board]
        for screen in screens:
            await screen.open()
        staff = [asyncio.create_task(each.work()) for each in people]
        ticker = asyncio.create_task(self._tick(ledger))
        begun = time.monotonic()
        try:
            await self._customers(street, ledger)
            seconds = time.monotonic() - begun
            trio = (baristas[0].screen, cashiers[0].screen, board)
            await self._inspect(ledger, screens, trio, "in the middle")
            self._shift.go_on()
            await self._drain(ledger, staff)
            await self._inspect(ledger, screens, trio, "at the end")
            self._paid, wrong = await check_tracking(ledger, board.browser)
            self._problems += wrong
        finally:
            for task in (*staff, ticker):
                task.cancel()
            await asyncio.gather(*staff, ticker, return_exceptions=True)
            for screen in (*screens, *self._watched):
                await screen.close()
            self._progress.clear()
        return self._report(street, ledger, screens, baristas[0].screen, seconds)

    async def _customers(self, street: Street, ledger: Ledger) -> None:
        """Let them come at random moments, and wait for the last one."""
        seconds = self._wishes.minutes * 60
        moments = sorted(self._chance.uniform(0, seconds) for _ in range(self._wishes.customers))
        begun = time.monotonic()
        async with asyncio.TaskGroup() as visits:
            for moment in moments:
                await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
                luck = random.Random(self._chance.random())  # noqa: S311
                visits.create_task(self._visit(Customer(street, ledger, luck)))

    async def _visit(self, customer: Customer) -> None:
        placed = await customer.visit()
        self._came += 1
        if placed is not None and len(self._watched) < WATCHERS:
            await self._watch(placed)

    async def _watch(self, placed: Placed) -> None:
        """Some keep their own page open to the end."""
        token = placed.order.tracking.rstrip("/").rpartition("/")[2]
        screen = Screen(placed.browser, f"order/{token}")
        self._watched.append(screen)
        try:
            await screen.open()
        except TimeoutError:
            self._problems.append(f"The live page of {placed.order.order} never opened.")

    async def _inspect(
        self,
        ledger: Ledger,
        screens: list[Screen],
        trio: tuple[Screen, Screen, Screen],
        when: str,
    ) -> None:
        self._shift.pause()
        await self._until(lambda: self._shift.hands_are_free, 60)
        found = await wait_until_equal([*screens, *self._watched])
        found += await check_everything(ledger, *trio)
        self._problems += [f"({when}) {said}" for said in found]

    async def _drain(self, ledger: Ledger, staff: list[asyncio.Task[None]]) -> None:
        """Until everything is served or off, or nothing happens any more."""
        await self._until(lambda: not any(ledger.open_orders()), DRAIN_SECONDS)
        left = [each.order for each in ledger.open_orders() if not each.doubtful]
        if left:
            told = ", ".join(left[:5])
            self._problems.append(f"{len(left)} orders were never served: {told}")
        for task in staff:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise task.exception() or AssertionError

    async def _until(self, reached: Callable[[], bool], seconds: float) -> None:
        for _ in range(int(seconds * 10)):
            if reached():
                return
            await asyncio.sleep(0.1)

    async def _tick(self, ledger: Ledger) -> None:
        while True:
            self._progress.show(
                self._came, len(ledger.orders), ledger.count(Step.SERVED), "in the shop"
            )
            await asyncio.sleep(0.2)

    def _report(
        self, street: Street, ledger: Ledger, screens: list[Screen], bar: Screen, seconds: float
    ) -> Report:
        placed = ledger.orders.values()
        arrived = [
            bar.first_seen[f"ticket-{order.order}"] - order.clicked
            for order in placed
            if f"ticket-{order.order}" in bar.first_seen
        ]
        never = len(ledger.orders) - len(arrived)
        if never and not ledger.count(Step.CANCELLED):
            self._problems.append(f"{never} acknowledged orders never came to the bar's screen.")
        return Report(
            customers=self._wishes.customers,
            seconds=seconds,
            seed=self._wishes.seed,
            placed=len(ledger.orders),
            paid=self._paid,
            served=ledger.count(Step.SERVED),
            cancelled=ledger.count(Step.CANCELLED),
            refused=dict(ledger.refused),
            unanswered=dict(ledger.unanswered),
            retries=street.retries,
            reconnects=sum(screen.reconnects for screen in screens),
            gaps=sum(screen.picture.gaps for screen in screens),
            answer=Spread.of(ledger.answer_seconds()),
            bar_screen=Spread.of(arrived),
            problems=[*ledger.unexpected, *self._problems],
        )
