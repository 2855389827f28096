"""What the bar does about the shop as a whole during a rush: sold out, slow down, pause.

Each is put back a little later, and at the latest at the end: the shop is left as it was. And its
setting of one tap for a drink, for a rush in such a shop.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rush.client import Browser, NoResponse
from rush.habits import PAUSED, SLOWED_DOWN, SOLD_OUT
from rush.page import Form
from rush.staff import Team

SETTINGS = "/manage/settings/"
STOCK_PAGE = "/bar/sold-out/"
PACE = "/bar/pace/"
LASTS = 12
"""Paces that something lasts: some orders are placed meanwhile."""


@dataclass(frozen=True)
class Deed:
    """Something done: two buttons, the second of which puts it back."""

    name: str
    path: str
    fields: Mapping[str, str]
    path_back: str
    fields_back: Mapping[str, str]


@asynccontextmanager
async def one_tap(browser: Browser) -> AsyncIterator[None]:
    """Have one tap make a drink ready meanwhile; `browser` is a manager's."""
    form = (await browser.open(SETTINGS)).form(ending="/one_tap/")
    before = dict(form.filled({}))["value"]
    await browser.press(form.path, Form.with_new_id({"value": "yes"}))
    try:
        yield
    finally:
        await browser.press(form.path, Form.with_new_id({"value": before}))


class Shopkeeping:
    """Deeds at random moments of a rush: a few for each hundred customers."""

    def __init__(
        self, browser: Browser, team: Team, chance: random.Random, customers: int, seconds: float
    ) -> None:
        self._browser = browser
        self._team = team
        self._chance = chance
        self._to_put_back: list[Deed] = []
        shares = (("sold out", SOLD_OUT), ("slow down", SLOWED_DOWN), ("pause", PAUSED))
        self._moments = sorted(
            (chance.uniform(0, seconds), name)
            for name, share in shares
            for _ in range(customers)
            if chance.random() < share
        )

    async def run(self) -> None:
        """Do each at its moment, one after another."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for moment, name in self._moments:
            await asyncio.sleep(max(0.0, begun + moment - loop.time()))
            deed = await self._deed(name)
            if deed is None:
                continue
            if await self._press(deed.path, deed.fields):
                self._team.journal.plays(deed.name)
                self._to_put_back.append(deed)
            await asyncio.sleep(LASTS * self._team.pace)
            await self.put_back()

    async def put_back(self) -> None:
        """Have everything be as it was."""
        while self._to_put_back:
            deed = self._to_put_back[-1]
            await self._press(deed.path_back, deed.fields_back)
            self._to_put_back.remove(deed)

    async def _deed(self, name: str) -> Deed | None:
        if name == "sold out":
            form = await self._something_in_stock()
            if form is None:
                return None
            return Deed(name, form.path, {"sold_out": "hour"}, form.path, {"sold_out": "no"})
        action, fields = ("pause", {}) if name == "pause" else ("slow", {"extra": "2"})
        return Deed(name, f"{PACE}{action}/", fields, f"{PACE}usual/", {})

    async def _something_in_stock(self) -> Form | None:
        page = await self._browser.open(STOCK_PAGE)
        there = [
            Form.read(element)
            for element in page.find_all("form")
            if element.find_all("button", name="sold_out", value="hour")
        ]
        return self._chance.choice(there) if there else None

    async def _press(self, path: str, fields: Mapping[str, str]) -> bool:
        await self._team.working.wait()
        try:
            response = await self._browser.press(path, Form.with_new_id(fields))
        except NoResponse:
            self._team.journal.unanswered[path] += 1
            return True  # it may have happened: it is put back
        if response.status_code >= 300:
            self._team.journal.unexpected(f"{path} was answered {response.status_code}.")
        return response.status_code < 300
