"""Honest people, in a process of their own that nobody kills: they look at the menu and order.

Whatever is done to the shop meanwhile, this is who must not notice. Everything they see goes into
the journal. Each comes from an address of their own, as the proxy in front would say it.
"""

import argparse
import asyncio
import itertools
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Any, Self

import httpx

from rush.report import Spread
from tests.faults.order_journal import (
    Answer,
    Journalled,
    Look,
    OrderJournal,
    journal_of,
    read_journal,
)
from tests.faults.ordering import PATIENCE_SECONDS, contents_of, fields_of, new_key
from tests.shop import ROOT, Shop

BEHIND_A_PROXY = {"PROXY_HOPS": "1"}
"""The environment of a shop that believes the addresses which these people and attackers claim."""

BELIEVERS = 4
"""Every so manieth goes away when told that nothing was written; the others send it again."""

RETRIES = 60
RETRY_SECONDS = 1.0
FIRST_ANSWER_SECONDS = 30.0
LAST_ANSWERS_SECONDS = 90.0


class HonestPeople:
    """The process, seen from the one who started it."""

    def __init__(
        self, shop: Shop, *, orders: float = 2.0, looks: float = 20.0, card: str = ""
    ) -> None:
        """`orders` and `looks` at the menu per second; `card` is what every third pays with."""
        self._shop = shop
        self._path = journal_of(shop)
        self._begun = time.monotonic()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.faults.honest_people"),
                *("--url", shop.url, "--journal", str(self._path)),
                *("--orders", str(orders), "--looks", str(looks), "--card", card),
            ],
            cwd=ROOT,
        )

    def __enter__(self) -> Self:
        self._shop.wait_until(
            lambda: any(a.outcome == "ok" and a.at > self._begun for a in self.seen().answers),
            FIRST_ANSWER_SECONDS,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let nobody new in, and wait until everybody has a definite answer."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(LAST_ANSWERS_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def seen(self) -> Journalled:
        """Everything so far."""
        return read_journal(self._path)

    def looks(self, since: float, until: float) -> list[Look]:
        """The looks at the menu that ended in that time."""
        return [look for look in self.seen().looks if since <= look.at <= until]

    def answers(self, since: float, until: float) -> list[Answer]:
        """The answers to orders that came in that time."""
        return [answer for answer in self.seen().answers if since <= answer.at <= until]


def menu_p99(looks: list[Look]) -> float:
    """In milliseconds. A look that was not answered with 200 counts as long as it took."""
    return Spread.of([look.seconds for look in looks]).p99


class _Crowd:
    """What runs in the process of its own."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._journal = OrderJournal(options.journal)
        self._people = itertools.count(1)
        self._waiting: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(
            base_url=options.url,
            timeout=PATIENCE_SECONDS,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
        )

    async def run(self) -> None:
        """Until SIGTERM; then until the last of them has a definite answer."""
        closing = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, closing.set)
        await asyncio.gather(
            self._every(self._options.looks, self._look, closing),
            self._every(self._options.orders, self._order, closing),
        )
        await asyncio.gather(*self._waiting, return_exceptions=True)
        await self._client.aclose()

    async def _every(self, rate: float, act: Any, closing: asyncio.Event) -> None:
        """Begin so often in a second, whether or not the earlier ones are answered."""
        due = time.monotonic()
        while rate and not closing.is_set():
            task = asyncio.create_task(act())
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    def _somebody(self) -> dict[str, str]:
        number = next(self._people)
        return {"X-Forwarded-For": f"198.51.{number // 200 % 200}.{number % 200 + 1}"}

    async def _look(self) -> None:
        began = time.monotonic()
        try:
            status = (await self._client.get("/", headers=self._somebody())).status_code
        except httpx.TransportError:
            status = 0
        self._journal.looked(time.monotonic() - began, status)

    async def _order(self) -> None:
        headers = self._somebody()
        number = int(headers["X-Forwarded-For"].rpartition(".")[2])
        key, quantity = new_key(), number % 5 + 1
        contents = contents_of(
            quantity=quantity, card=self._options.card if number % 3 == 0 else ""
        )
        for _ in range(RETRIES):
            self._journal.asked(key, contents)
            began = time.monotonic()
            try:
                response = await self._client.post(
                    "/api/orders/", json={"command_id": key, **contents}, headers=headers
                )
                status, fields = response.status_code, fields_of(response)
            except httpx.TransportError:
                status, fields = 0, {}
            self._journal.answered(key, contents, time.monotonic() - began, status, fields)
            believes_it = status == httpx.codes.SERVICE_UNAVAILABLE and number % BELIEVERS == 0
            if 0 < status < 500 or believes_it:
                return
            await asyncio.sleep(RETRY_SECONDS)


def main() -> None:
    """Look and order until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--journal", required=True)
    parser.add_argument("--orders", type=float, required=True, help="a second")
    parser.add_argument("--looks", type=float, required=True, help="at the menu, a second")
    parser.add_argument("--card", default="")
    asyncio.run(_Crowd(parser.parse_args()).run())


if __name__ == "__main__":
    main()
