"""Simulated baristas and cashiers: they watch a live screen and press what it offers.

They know only what stands on the screen.
"""

import asyncio
import json
import random
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from rush.cards import Card, cards_by_order
from rush.client import Browser, NoResponse, Session
from rush.habits import ANSWERS, ASKS_FOR_THE_DIGITS, BARISTAS, CASHIERS, Habit, chosen
from rush.journal import Journal, Step
from rush.page import Form
from rush.screen import Screen
from rush.second_thoughts import check_digits_on

SCREEN_PATIENCE_SECONDS = 60  # as long as a browser waits for a response
REFUSED_SECONDS = 5
PAYS_BY_CARD = 0.4
STEPS = {
    "take": Step.TAKEN,
    "tick": "ticked",
    "ready": Step.READY,
    "one-tap": Step.READY,
    "line-ready": Step.READY,
    "release": "released",
    "hold": "held",
    "resume": "resumed",
    "rush": "put first",
    "bring-back": Step.BROUGHT_BACK,
    "stop": Step.STOPPED,
    "too-late": "too late to stop",
    "cash": Step.PAID,
    "card-by-hand": Step.PAID,
    "serve": Step.SERVED,
    "not-collected": Step.NOT_COLLECTED,
    "cancel": Step.CANCELLED,
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


HELD_FOR = 6
"""Paces after which somebody goes on with an order that was held."""


@dataclass
class Team:
    """What the people of one rush share: the journal, the seconds a step takes, and the pause.

    While it pauses nobody presses anything, which makes screens comparable.
    """

    journal: Journal
    pace: float
    chance: random.Random
    guest: Browser  # somebody at the counter who shows the page of an order
    working: asyncio.Event = field(default_factory=asyncio.Event)
    busy: int = 0
    held: dict[str, float] = field(default_factory=dict)  # since when, monotonic
    plans: dict[tuple[str, str], Habit | None] = field(default_factory=dict)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Wait until people press buttons again; count as somebody who does."""
        await self.working.wait()
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1

    def plan(self, role: str, order: str, habits: Sequence[Habit]) -> Habit | None:
        """What somebody of that role will do with the order besides the usual; mostly nothing."""
        if order not in self.journal.orders:
            return None
        if (role, order) not in self.plans:
            self.plans[role, order] = chosen(habits, self.chance)
        return self.plans[role, order]

    def carry_out(self, role: str, order: str) -> None:
        """Somebody does it now: nobody else will."""
        self.plans[role, order] = None


class Worker(ABC):
    """Somebody at a staff screen.

    `reserved` are the orders that those who work under the same name have in hand: they see each
    other. Those with different names do not, and race for the same order now and then.
    """

    role: str
    page: str
    view: str
    habits: Sequence[Habit]

    def __init__(
        self, browser: Browser, team: Team, chance: random.Random, reserved: set[str]
    ) -> None:
        self.screen = Screen(browser, self.view)
        self.browser = browser
        self.team = team
        self.journal: Journal = team.journal
        self.chance = chance
        self._reserved = reserved
        self._mine: set[str] = set()
        self._refused: dict[str, tuple[str, float]] = {}

    async def work(self) -> None:
        """Do what the screen asks for, until cancelled."""
        while True:
            await self.team.working.wait()
            planned, wanted = self._planned(), self._choose()
            if planned is None and wanted is None:
                await self.screen.wait_for_change(1)
                continue
            async with self.team.at_work():
                if planned is not None:
                    card, habit = planned
                    self.team.carry_out(self.role, card.order)
                    self.journal.plays(habit.name)
                    await self._now_and_then(card, habit)
                elif wanted is not None:
                    await self._handle(*wanted)

    def _planned(self) -> tuple[Card, Habit] | None:
        """What is to be done besides the usual work, if there is anything just now."""
        for card in self._cards():
            habit = self.team.plan(self.role, card.order, self.habits)
            if habit is not None and card.offers(habit.when) and self._may(card):
                return card, habit
        return None

    async def _now_and_then(self, card: Card, habit: Habit) -> None:
        try:
            await habit.act(self, card)
        except NoResponse:
            self.journal.unanswered[habit.name] += 1

    def _may(self, _card: Card) -> bool:
        """Whether the card is anything for this person's hands."""
        return True

    def let_go(self, order: str) -> None:
        """The order is nobody's any more."""
        self._mine.discard(order)
        self._reserved.discard(order)

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
        await asyncio.sleep(self.chance.uniform(0.5, 1.5) * self.team.pace)

    def _still_offers(self, card: Card, form: Form) -> bool:
        shown = cards_by_order(self.screen.state).get(card.order)
        return shown is not None and any(_is_the_same(form, offered) for offered in shown.forms)

    async def press(self, card: Card, form: Form, values: Mapping[str, str]) -> bool:
        """Press the button, and wait until the screen shows it; False if the shop refused."""
        step = STEPS[form.name]
        fields = Form.with_new_id(dict(form.filled(values)))
        try:
            response = await self.browser.press(form.action, fields)
        except NoResponse:
            self.journal.doubt(step, card.order)
            return True
        if response.status_code >= 300:
            self._refused[card.order] = (card.fragment.html, time.monotonic())
            self._note_refusal(card, form, response)
            return False
        position = int(response.json().get("position", 0))
        self.journal.did(step, card.order, self.role, position)
        deadline = time.monotonic() + SCREEN_PATIENCE_SECONDS
        while self._still_offers(card, form):
            if time.monotonic() > deadline:
                self.journal.unexpected(
                    f"{form.name} of {card.order} was acknowledged, "
                    f"but the screen {self.view} never showed it."
                )
                break
            await self.screen.wait_for_change(0.5)
        return True

    def _note_refusal(self, card: Card, form: Form, response: httpx.Response) -> None:
        is_json = "json" in response.headers.get("Content-Type", "")
        code = response.json().get("code") if is_json else response.status_code
        if response.status_code in {409, 422} and code != "unknown_order":
            self.journal.refuse(form.name, code)
        else:  # what stands on the screen exists, and its buttons are for whoever sees them
            self.journal.unexpected(f"{form.name} of {card.order} was answered {code}.")


def _is_the_same(form: Form, other: Form) -> bool:
    """Whether they ask for the same: of the same line, or the same amount of money."""
    return form.action == other.action and all(
        form.value(name) == other.value(name) for name in ("line", "given")
    )


class Barista(Worker):
    """One pair of hands at the bar."""

    role, page, view, habits = "barista", "/bar/", "barista-queue", BARISTAS

    def _choose(self) -> tuple[Card, Form] | None:
        """A stopped order first, then the one in hand, then one of the two oldest that wait.

        A held one when its time has come. What asks to be stopped is answered by whoever sees it.
        """
        waiting = []
        for card in self._cards():
            if form := card.form("too-late"):
                return card, self._answer(card, form)
            if card.order in self._mine:
                for action in ("stop", "tick", "ready"):
                    if form := card.form(action):
                        return card, form
            resume = card.form("resume")
            if resume and self._is_to_go_on(card.order):
                return card, resume
            take = card.form("take") or card.form("one-tap")
            if take and card.order not in self._reserved:
                waiting.append((card, take))
        return self.chance.choice(waiting[:2]) if waiting else None

    def _answer(self, card: Card, too_late: Form) -> Form:
        """Whether it can still be stopped: the customer asked."""
        stops = self.chance.random() >= ANSWERS[""]
        return (card.form("stop") if stops else None) or too_late

    def _is_to_go_on(self, order: str) -> bool:
        since = self.team.held.get(order)
        return since is not None and time.monotonic() - since > HELD_FOR * self.team.pace

    def _may(self, card: Card) -> bool:
        return card.order in self._mine or not card.offers("ready", "tick")

    async def _handle(self, card: Card, form: Form) -> None:
        if form.name in {"take", "one-tap"}:
            self._reserved.add(card.order)
        if form.name != "take":
            await self._take_time()
            if not self._still_offers(card, form):
                return
        values = {}
        if form.name == "stop":
            outcomes = {outcome: share for outcome, share in ANSWERS.items() if outcome}
            values["disposition"] = self.chance.choices(list(outcomes), list(outcomes.values()))[0]
        if await self.press(card, form, values):
            self._mine.add(card.order)


class Cashier(Worker):
    """One person at the till, who takes money and hands over what is ready."""

    role, page, view, habits = "cashier", "/till/", "cashier-desk", CASHIERS

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
                return self.chance.choice(offered[:3])
        return None

    def _is_wanted(self, card: Card, action: str) -> bool:
        """Paid orders can be refunded at any time: only for cancelled ones is it wanted."""
        if action in {"refund", "give-back"}:
            order = self.journal.orders.get(card.order)
            return order is not None and order.has(Step.CANCELLED, Step.STOPPED)
        return action != "serve" or not card.offers("cash")

    async def _handle(self, card: Card, form: Form) -> None:
        self._reserved.add(card.order)
        try:
            await self._take_time()
            if not self._still_offers(card, form):
                return
            by_hand = card.form("card-by-hand")
            if form.name == "cash" and by_hand and self.chance.random() < PAYS_BY_CARD:
                form = by_hand
            values = {"reason": "cancelled"} if form.name in {"refund", "give-back"} else {}
            if form.name == "serve" and self.chance.random() < ASKS_FOR_THE_DIGITS:
                await self._ask_for_the_digits(card)
            await self.press(card, form, values)
        finally:
            self._reserved.discard(card.order)

    async def _ask_for_the_digits(self, card: Card) -> None:
        """What the customer reads on their page must be what the till says."""
        order = self.journal.orders.get(card.order)
        if order is None:
            return
        try:
            said = check_digits_on(await self.team.guest.open(order.tracking))
        except NoResponse:
            return
        if said:
            self.journal.plays("ask for the check digits")
            if f"check {said}" not in card.fragment.element.text:
                self.journal.unexpected(f"{card.order}: its page says {said}, the till does not.")


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
