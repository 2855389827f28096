"""The log freezes while ten orders a second come in, and thaws again.

Half of the guests order by form, half by program; half of each try again with the same command id
when they are told to, the others believe what they were told. Meanwhile somebody reads the menu.
"""

import asyncio
import os
import signal
import statistics
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.faults.audit import audit
from tests.faults.recorded import Recorded, read_log
from tests.load.hostile import Seen, csrf_token, figures, look
from tests.shop import Shop

pytestmark = pytest.mark.slow

BEFORE, FROZEN, AFTER = 1.5, 9.0, 6.0
"""Seconds."""

ORDERS_PER_SECOND = 10
LONGEST_ANSWER = 5.0
NOTICED_AFTER = 4.0
"""Seconds of frost until every request knows of it."""

ONCE_NOTICED = 1.0
"""Longer than a page takes that needs no log."""

BACK_WITHIN = 5.0

CODES = {503: {"store_unavailable", "busy"}, 504: {"outcome_unknown"}}


@dataclass
class Answer:
    """What a guest was told, and when (seconds of the event loop)."""

    begun: float
    seconds: float
    status: int
    bare: str  # what it was if it was not the shop's own page or JSON


@dataclass
class Intent:
    """One order that somebody wants: its command id, and what they were told."""

    by_form: bool
    tries_again: bool
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    answers: list[Answer] = field(default_factory=list)

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    @property
    def is_acknowledged(self) -> bool:
        return any(answer.status < 400 for answer in self.answers)


class Orders:
    """Sends orders, each in a task of its own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._basket: dict[str, str] = {}
        self._token: dict[str, str] = {}
        self.intents: list[Intent] = []

    async def prepare(self) -> None:
        """A filled basket, which all the forms use."""
        self._token = await csrf_token(self._client, "/menu/cappuccino/")
        item = {"item": "cappuccino", "quantity": "1"}
        await self._client.post("/basket/", data=item | self._token)
        self._basket = {name: self._client.cookies[name] for name in ("basket", "csrf")}
        self._client.cookies.clear()

    async def keep_coming(self, seconds: float) -> None:
        """So many in a second, whatever becomes of those before; until the last is answered."""
        until, number = time.monotonic() + seconds, 0
        async with asyncio.TaskGroup() as guests:
            while time.monotonic() < until:
                intent = Intent(by_form=number % 2 == 0, tries_again=number % 4 < 2)
                self.intents.append(intent)
                guests.create_task(self._insist(intent, until))
                number += 1
                await asyncio.sleep(1 / ORDERS_PER_SECOND)

    async def _insist(self, intent: Intent, until: float) -> None:
        while True:
            await self._send(intent)
            last = intent.answers[-1]
            if not intent.tries_again or last.status not in CODES or time.monotonic() > until:
                return
            await asyncio.sleep(0.5)

    async def _send(self, intent: Intent) -> None:
        begun = time.monotonic()
        if intent.by_form:
            form = {"command_id": intent.key, "name": "", "note": "", "pay": "counter"}
            cookies = "; ".join(f"{name}={value}" for name, value in self._basket.items())
            headers = {"Accept": "text/html", "Cookie": cookies}
            response = await self._client.post("/orders/", data=form | self._token, headers=headers)
        else:
            wanted = {"command_id": intent.key, "items": [{"item": "cappuccino"}]}
            response = await self._client.post("/api/orders/", json=wanted)
        seconds = time.monotonic() - begun
        bare = _bare(response, by_form=intent.by_form)
        intent.answers.append(Answer(begun, seconds, response.status_code, bare))


def _bare(response: httpx.Response, *, by_form: bool) -> str:
    """What is missing from a refusal in the shop's own words; "" for nothing."""
    if response.status_code < 400:
        return ""
    kind = response.headers.get("Content-Type", "")
    if "Retry-After" not in response.headers:
        return f"{response.status_code} without Retry-After: {response.text[:200]}"
    if by_form:
        own = kind.startswith("text/html") and "Barstucks" in response.text
        return "" if own else f"{response.status_code} {kind}: {response.text[:200]}"
    problem: Any = response.json() if kind == "application/problem+json" else {}
    own = problem.get("code") in CODES.get(response.status_code, ())
    return "" if own else f"{response.status_code} {kind}: {response.text[:200]}"


@dataclass
class Frost:
    """What happened."""

    intents: list[Intent]
    menu: Seen
    frozen_at: float
    thawed_at: float
    log: list[Recorded]


@pytest.fixture(scope="module")
def frost(shop: Shop) -> Frost:
    """Orders before, during and after a frost."""
    frost = asyncio.run(freeze(shop))
    print(f"\nmenu while frozen: {figures(frost.menu.menu)}")
    answers = [answer for intent in frost.intents for answer in intent.answers]
    print(f"{len(frost.intents)} orders: {Counter(answer.status for answer in answers)}")
    print(f"longest answer: {max(answer.seconds for answer in answers):.2f} s")
    return frost


async def freeze(shop: Shop) -> Frost:
    pid, menu = shop.pid("eventstore"), Seen()
    limits = httpx.Limits(max_connections=None)
    async with (
        httpx.AsyncClient(
            base_url=shop.url, timeout=30, trust_env=False, limits=limits
        ) as ordering,
        httpx.AsyncClient(base_url=shop.url, timeout=30, trust_env=False) as reading,
    ):
        orders = Orders(ordering)
        await orders.prepare()
        coming = asyncio.create_task(orders.keep_coming(BEFORE + FROZEN + AFTER))
        await asyncio.sleep(BEFORE)
        os.kill(pid, signal.SIGSTOP)
        frozen_at = time.monotonic()
        try:
            await look(reading, frozen_at + FROZEN, menu)
        finally:
            os.kill(pid, signal.SIGCONT)
        thawed_at = time.monotonic()
        await coming
    return Frost(orders.intents, menu, frozen_at, thawed_at, read_log(shop.eventstore_uri))


def test_the_menu_does_not_notice(frost: Frost) -> None:
    assert not frost.menu.wrong
    assert statistics.median(frost.menu.menu) < 250
    assert max(frost.menu.menu) < 2000


def test_everybody_is_answered_soon_and_in_the_shop_s_own_words(frost: Frost) -> None:
    answers = [answer for intent in frost.intents for answer in intent.answers]
    noticed = [
        answer
        for answer in answers
        if frost.frozen_at + NOTICED_AFTER < answer.begun < frost.thawed_at - ONCE_NOTICED
    ]

    assert max(answer.seconds for answer in answers) <= LONGEST_ANSWER
    assert noticed
    soon = (
        ONCE_NOTICED + max(frost.menu.menu) / 1000
    )  # the machine may stumble, the shop may not wait
    slow = [answer for answer in noticed if answer.seconds > soon]
    assert len(slow) <= len(noticed) / 50, slow
    assert [answer.bare for answer in answers if answer.bare] == []


def test_orders_go_on_soon_after_the_thaw(frost: Frost) -> None:
    acknowledged = [
        answer.begun + answer.seconds
        for intent in frost.intents
        for answer in intent.answers
        if answer.status < 400 and answer.begun > frost.thawed_at
    ]

    assert min(acknowledged) - frost.thawed_at <= BACK_WITHIN
    last = [i for i in frost.intents if i.answers[0].begun > frost.thawed_at + BACK_WITHIN]
    assert last
    assert all(intent.is_acknowledged for intent in last)


def test_what_was_said_is_what_the_log_holds(frost: Frost) -> None:
    written = Counter(
        event.metadata["command_id"] for event in frost.log if event.type_name == "CoffeeOrdered"
    )
    told_no = {
        intent.key for intent in frost.intents if set(intent.statuses) == {503} and intent.answers
    }

    assert told_no
    assert {key for key in told_no if written[key]} == set()  # nothing was written afterwards
    assert [i.key for i in frost.intents if i.is_acknowledged and written[i.key] != 1] == []
    assert [i.key for i in frost.intents if not i.by_form and i.statuses[201] > 1] == []
    assert all(intent.is_acknowledged for intent in frost.intents if intent.tries_again)
    assert audit(frost.log) == []
