"""One rush hour: opens the screens, lets everybody in, and checks the shop.

Twice: once while orders stand on every screen, with nobody pressing anything for a moment, and once
when everything is done.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from rush.check import check_screens, check_tracking, wait_until_equal
from rush.client import Browser, Session
from rush.customer import Customer
from rush.habits import SAME_AGAIN
from rush.journal import Journal, Step
from rush.promises import PromiseWatch
from rush.report import Progress, Report, Spread
from rush.screen import Screen
from rush.shopkeeping import SETTINGS, Shopkeeping, one_tap
from rush.staff import Barista, Cashier, Login, NobodyToWork, Team, Worker, log_in

HANDS_FREE_SECONDS = 60
DRAIN_SECONDS = 240
DRAIN_PACES = 120
"""How long everybody may still work after the last customer came: whichever is longer."""

WATCHERS = 20


@dataclass(frozen=True)
class Options:
    """How the rush shall be. `pace` is what one step of work takes a person, in seconds."""

    url: str
    customers: int
    minutes: float
    seed: int
    pace: float
    baristas: int
    cashiers: int
    journal: Path | None = None
    one_tap: bool = False


async def play(options: Options, logins: Sequence[Login]) -> Report:
    """Play a rush; raises `NoResponse` if the shop is closed, `NobodyToWork` without staff."""
    session = Session(options.url)
    try:
        await session.ping()
        with closing(Journal(options.journal)) as journal:
            return await RushHour(options, logins, session, journal).run()
    finally:
        await session.close()


class RushHour:
    """Everybody who takes part in one rush, and what they see."""

    def __init__(
        self, options: Options, logins: Sequence[Login], session: Session, journal: Journal
    ) -> None:
        self._options = options
        self._logins = logins
        self._session = session
        self._journal = journal
        self._chance = random.Random(options.seed)  # noqa: S311
        self._team = Team(journal, options.pace, self._another_chance(), Browser(session))
        self._board = Screen(Browser(session), "board")
        self._tracking: list[Screen] = []
        self._later: list[asyncio.Task[None]] = []  # what customers do after they have ordered
        self._promises = PromiseWatch()
        self._came = 0

    async def run(self) -> Report:
        """Play it to the end."""
        if not self._options.one_tap:
            return await self._play()
        manager = await log_in(self._session, self._login("manager"), SETTINGS)
        async with one_tap(manager):
            return await self._play()

    def _login(self, role: str) -> Login:
        for login in self._logins:
            if login.role == role:
                return login
        raise NobodyToWork(f"Nobody among the staff is a {role}.")

    async def _play(self) -> Report:
        baristas = await self._workers(Barista, self._options.baristas)
        cashiers = await self._workers(Cashier, self._options.cashiers)
        workers = [*baristas, *cashiers]
        notebook = Screen(baristas[0].browser, Barista.view, self._promises.see)
        screens = [*(worker.screen for worker in workers), self._board, notebook]
        inspected = (baristas[0].screen, cashiers[0].screen, self._board)
        for screen in screens:
            await screen.open()
        self._team.working.set()
        working = [asyncio.create_task(worker.work()) for worker in workers]
        keeping = self._shopkeeping(baristas[0].browser)
        kept = asyncio.create_task(keeping.run())
        progress = Progress(self._options.customers)
        showing = asyncio.create_task(self._show(progress))
        begun = time.monotonic()
        try:
            await self._let_customers_in()
            seconds = time.monotonic() - begun
            self._team.working.clear()
            await _until(lambda: self._team.busy == 0, HANDS_FREE_SECONDS)
            await self._inspect(screens, inspected, "in the middle")
            self._team.working.set()
            await self._drain(working)
            kept.cancel()
            await keeping.put_back()
            await self._let_customers_go()
            await self._inspect(screens, inspected, "at the end")
            paid, wrong = await check_tracking(self._journal.orders.values(), self._board.browser)
        finally:
            tasks = (*working, showing, kept, *self._later)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for screen in (*screens, *self._tracking):
                await screen.close()
            progress.clear()
        self._journal.problems += wrong
        return self._report(screens, seconds, paid)

    async def _workers(self, kind: type[Barista | Cashier], count: int) -> list[Worker]:
        """So many, spread over the accounts there are."""
        accounts = [login for login in self._logins if login.role == kind.role]
        self._login(kind.role)
        reserved: dict[str, set[str]] = defaultdict(set)
        workers: list[Worker] = []
        for login in islice(cycle(accounts), count):
            browser = await log_in(self._session, login, kind.page)
            together = reserved[login.username]
            workers.append(kind(browser, self._team, self._another_chance(), together))
        return workers

    async def _let_customers_in(self) -> None:
        """Let them come at random moments, and wait for the last one."""
        seconds = self._options.minutes * 60
        moments = sorted(self._chance.uniform(0, seconds) for _ in range(self._options.customers))
        begun = time.monotonic()
        async with asyncio.TaskGroup() as visits:
            for moment in moments:
                await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
                customer = Customer(self._session, self._team, self._another_chance())
                visits.create_task(self._visit(customer))

    async def _let_customers_go(self) -> None:
        """Nobody presses anything any more, and nobody is in the middle of it."""
        self._team.working.clear()
        await _until(lambda: self._team.busy == 0, HANDS_FREE_SECONDS)
        for task in self._later:
            task.cancel()

    def _shopkeeping(self, browser: Browser) -> Shopkeeping:
        options, seconds = self._options, self._options.minutes * 60
        chance = self._another_chance()
        return Shopkeeping(browser, self._team, chance, options.customers, seconds)

    async def _visit(self, customer: Customer) -> None:
        """Some keep their tracking page open to the end, some order the same again."""
        order = await customer.visit()
        self._came += 1
        if order is None:
            return
        self._later.append(asyncio.create_task(customer.afterwards(order)))
        if self._chance.random() < SAME_AGAIN:
            again = await customer.visit(same_again=True)
            if again is not None:
                self._later.append(asyncio.create_task(customer.afterwards(again)))
        if len(self._tracking) >= WATCHERS:
            return
        token = order.tracking.rstrip("/").rpartition("/")[2]
        screen = Screen(customer.browser, f"order/{token}")
        self._tracking.append(screen)
        try:
            await screen.open()
        except TimeoutError:
            self._journal.unexpected(f"The live page of {order.order} never opened.")

    async def _inspect(
        self, screens: list[Screen], inspected: tuple[Screen, Screen, Screen], when: str
    ) -> None:
        wrong = await wait_until_equal([*screens, *self._tracking])
        wrong += await check_screens(list(self._journal.orders.values()), *inspected)
        self._journal.problems += [f"({when}) {problem}" for problem in wrong]

    async def _drain(self, working: list[asyncio.Task[None]]) -> None:
        """Wait until everything is served or off, or nothing happens any more."""
        seconds = max(DRAIN_SECONDS, DRAIN_PACES * self._options.pace)
        await _until(lambda: not self._journal.open_orders(), seconds)
        left = [order.order for order in self._journal.open_orders() if not order.doubtful]
        if left:
            self._journal.unexpected(f"{len(left)} orders were never served: {', '.join(left[:5])}")
        for task in working:
            if task.done():
                task.result()  # a worker never ends: it has failed

    async def _show(self, progress: Progress) -> None:
        while True:
            progress.show(self._came, len(self._journal.orders), self._journal.count(Step.SERVED))
            await asyncio.sleep(0.2)

    def _another_chance(self) -> random.Random:
        return random.Random(self._chance.random())  # noqa: S311

    def _report(self, screens: list[Screen], seconds: float, paid: int) -> Report:
        journal, first_seen = self._journal, screens[0].first_seen
        orders = journal.orders.values()
        arrived = [
            first_seen[f"ticket-{order.order}"] - order.clicked
            for order in orders
            if f"ticket-{order.order}" in first_seen
        ]
        never = len(orders) - len(arrived)
        if never and not journal.count(Step.CANCELLED):
            journal.unexpected(f"{never} acknowledged orders never came to the bar's screen.")
        return Report(
            customers=self._options.customers,
            seconds=seconds,
            seed=self._options.seed,
            placed=len(orders),
            paid=paid,
            served=journal.count(Step.SERVED),
            cancelled=sum(order.has(Step.CANCELLED, Step.STOPPED) for order in orders),
            played=dict(journal.played),
            promises=self._promises.kept(journal.orders),
            refused=dict(journal.refused),
            unanswered=dict(journal.unanswered),
            retries=self._session.retries,
            reconnects=sum(screen.reconnects for screen in screens),
            gaps=sum(screen.state.gaps for screen in screens),
            answer=Spread.of([order.responded - order.clicked for order in orders]),
            bar_screen=Spread.of(arrived),
            problems=journal.problems,
        )


async def _until(reached: Callable[[], bool], seconds: float) -> None:
    for _ in range(int(seconds * 10)):
        if reached():
            return
        await asyncio.sleep(0.1)
