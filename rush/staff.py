"""Simulated baristas and cashiers: they watch a live screen and press what it offers.

They know only what stands on the screen.
"""

import asyncio
import json
import random
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from rush.cards import Card, cards_by_order
from rush.client import Browser, NoResponse, Session
from rush.journal import Journal, Step
from rush.page import Form
from rush.screen import Screen

SCREEN_PATIENCE_SECONDS = 30
REFUSED_SECONDS = 5
PAYS_BY_CARD = 0.4
STEPS = {
    "take": Step.TAKEN,
    "tick": "ticked",
    "ready": Step.READY,
    "stop": Step.STOPPED,
    "cash": Step.PAID,
    "card-by-hand": Step.PAID,
    "serve": Step.SERVED,
    "refund": "refund started",
    "give-back": "given back",
}


class NobodyToWork(Exception):
    """The shop's staff is unknown, or was not logged in."""


@dataclass(frozen=True)
class Login:
    """One staff account."""

    username: str
    password: str
    role: str


def read_logins(path: Path) -> list[Login]:
    """The accounts in the shop's `demo_logins.json`, or a file like it; raises `NobodyToWork`."""
    try:
        accounts = json.loads(path.read_text(encoding="utf-8"))
        return [
            Login(username, account["password"], account["role"])
            for username, account in accounts.items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NobodyToWork(
            f"No staff logins in {path}: is the shop running in demo mode? ({error})"
        ) from error


@dataclass
class Team:
    """What the staff of one rush share: the journal, the seconds a step takes, and the pause.

    While it pauses nobody presses anything, which makes screens comparable.
    """

    journal: Journal
    pace: float
    working: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0


class Worker(ABC):
    """Somebody at a staff screen.

    `reserved` are the orders that those who work under the same name have in hand: they see each
    other. Those with different names do not, and race for the same order now and then.
    """

    role: str
    page: str
    view: str

    def __init__(
        self, browser: Browser, team: Team, chance: random.Random, reserved: set[str]
    ) -> None:
        self.screen = Screen(browser, self.view)
        self._browser = browser
        self._team = team
        self._journal = team.journal
        self._chance = chance
        self._reserved = reserved
        self._mine: set[str] = set()
        self._refused: dict[str, tuple[str, float]] = {}

    async def work(self) -> None:
        """Do what the screen asks for, until cancelled."""
        while True:
            await self._team.working.wait()
            chosen = self._choose()
            if chosen is None:
                await self.screen.wait_for_change(1)
                continue
            self._team.busy += 1
            try:
                await self._handle(*chosen)
            finally:
                self._team.busy -= 1

    @abstractmethod
    def _choose(self) -> tuple[Card, Form] | None:
        """What to do next, if there is anything."""

    @abstractmethod
    async def _handle(self, card: Card, form: Form) -> None:
        """Do it."""

    def _cards(self) -> list[Card]:
        """What stands there, but for what was refused a moment ago and looks the same."""
        cards = cards_by_order(self.screen.state).values()
        return [card for card in cards if not self._was_refused(card)]

    def _was_refused(self, card: Card) -> bool:
        html, when = self._refused.get(card.order, ("", 0.0))
        return html == card.fragment.html and time.monotonic() - when < REFUSED_SECONDS

    async def _take_time(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.5, 1.5) * self._team.pace)

    def _still_offers(self, card: Card, form: Form) -> bool:
        shown = cards_by_order(self.screen.state).get(card.order)
        same = (form.action, form.value("line"))
        return shown is not None and same in {(f.action, f.value("line")) for f in shown.forms}

    async def _press(self, card: Card, form: Form, values: Mapping[str, str]) -> bool:
        """Press the button, and wait until the screen shows it; False if the shop refused."""
        step = STEPS[form.name]
        fields = dict(form.filled(values)) | {"command_id": str(uuid.uuid4())}
        try:
            response = await self._browser.press(form.action, fields)
        except NoResponse:
            self._journal.doubt(step, card.order)
            return True
        if response.status_code >= 300:
            self._refused[card.order] = (card.fragment.html, time.monotonic())
            self._journal_refusal(card, form, response)
            return False
        self._journal.did(step, card.order, self.role)
        deadline = time.monotonic() + SCREEN_PATIENCE_SECONDS
        while self._still_offers(card, form):
            if time.monotonic() > deadline:
                self._journal.unexpected(
                    f"{form.name} of {card.order} was acknowledged, "
                    f"but the screen {self.view} never showed it."
                )
                break
            await self.screen.wait_for_change(0.5)
        return True

    def _journal_refusal(self, card: Card, form: Form, response: httpx.Response) -> None:
        is_json = "json" in response.headers.get("Content-Type", "")
        code = response.json().get("code") if is_json else response.status_code
        if response.status_code in {409, 422} and code != "unknown_order":
            self._journal.refuse(form.name, code)
        else:  # what stands on the screen exists, and its buttons are for whoever sees them
            self._journal.unexpected(f"{form.name} of {card.order} was answered {code}.")


class Barista(Worker):
    """One pair of hands at the bar."""

    role, page, view = "barista", "/bar/", "barista-queue"

    def _choose(self) -> tuple[Card, Form] | None:
        """A stopped order first, then the one in hand, then one of the two oldest that wait."""
        waiting = []
        for card in self._cards():
            if card.order in self._mine:
                for action in ("stop", "tick", "ready"):
                    if form := card.form(action):
                        return card, form
            take = card.form("take")
            if take and card.order not in self._reserved:
                waiting.append((card, take))
        return self._chance.choice(waiting[:2]) if waiting else None

    async def _handle(self, card: Card, form: Form) -> None:
        if form.name == "take":
            self._reserved.add(card.order)
        else:
            await self._take_time()
            if not self._still_offers(card, form):
                return
        values = {}
        if form.name == "stop":
            values["disposition"] = self._chance.choice(("stopped in time", "wasted"))
        if await self._press(card, form, values):
            self._mine.add(card.order)


class Cashier(Worker):
    """One person at the till, who takes money and hands over what is ready."""

    role, page, view = "cashier", "/till/", "cashier-desk"

    def _choose(self) -> tuple[Card, Form] | None:
        """Money owed to the customer first, then hand over, then take money: any of those."""
        for actions in (("give-back", "refund"), ("serve",), ("cash",)):
            offered = [
                (card, form)
                for card in self._cards()
                if card.order not in self._reserved
                for action in actions
                if (form := card.form(action)) and self._is_wanted(card, action)
            ]
            if offered:
                return self._chance.choice(offered[:3])
        return None

    def _is_wanted(self, card: Card, action: str) -> bool:
        """Paid orders can be refunded at any time: only for cancelled ones is it wanted."""
        if action in {"refund", "give-back"}:
            order = self._journal.orders.get(card.order)
            return order is not None and order.has(Step.CANCELLED)
        return action != "serve" or not card.offers("cash")

    async def _handle(self, card: Card, form: Form) -> None:
        self._reserved.add(card.order)
        try:
            await self._take_time()
            if not self._still_offers(card, form):
                return
            by_hand = card.form("card-by-hand")
            if form.name == "cash" and by_hand and self._chance.random() < PAYS_BY_CARD:
                form = by_hand
            values = {"reason": "cancelled"} if form.name in {"refund", "give-back"} else {}
            await self._press(card, form, values)
        finally:
            self._reserved.discard(card.order)


async def log_in(session: Session, login: Login, page: str) -> Browser:
    """A browser that is logged in and has that page open; raises `NobodyToWork`."""
    browser = Browser(session)
    form = (await browser.open(f"/staff/login/?next={page}")).form(ending="/staff/login/")
    values = {"username": login.username, "password": login.password}
    response = await browser.submit(form, values)
    if not response.has_redirect_location:
        raise NobodyToWork(f"{login.username} was not let in ({response.status_code}).")
    if not (await browser.open(page)).find_all("meta", name="csrf-token"):
        raise NobodyToWork(f"{login.username} may not open {page}.")
    return browser
