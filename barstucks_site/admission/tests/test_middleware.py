"""Refusing requests before they take a thread: whose they are, and what the refused one reads."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from barstucks_site.admission import middleware
from barstucks_site.admission.buckets import Buckets
from barstucks_site.admission.middleware import PATIENCE, Admission
from barstucks_site.admission.request_kinds import Kind
from barstucks_site.admission.shared_buckets import SharedBuckets
from barstucks_site.admission.tests.test_token_bucket import Clock
from barstucks_site.admission.token_bucket import Limit, Rate
from barstucks_site.admission.turns import AT_ONCE, WHOSE, Turns
from barstucks_site.web_server.threaded_handler import ANSWER_UNTIL
from orders.links import order_token

TWO = Limit(Rate(2, 0.1), Rate(5, 0.1))


class Shop:
    """The middleware before an application that answers every request with one status."""

    def __init__(self, limits: Mapping[Kind, Limit | None], redis: str | None = None) -> None:
        self.clock = Clock()
        self.status = 200
        self.reached = 0
        self.open: asyncio.Event | None = None  # until it is set nobody is answered
        self.turns = Turns(self._inner)
        self.admission = Admission(
            self.turns,
            limits,
            SharedBuckets(Buckets(self.clock), redis, self.clock),
            Buckets(self.clock),
        )

    async def _inner(self, _scope: Any, _receive: Any, send: Any) -> None:
        self.reached += 1
        if self.open is not None:
            await self.open.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(
        self, method: str, path: str, address: str = "203.0.113.5", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and body of the response."""
        sent: list[Mapping[str, Any]] = []
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "client": [address, 1],
            "headers": given,
        }

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        await self.admission(scope, receive, send)
        found = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, sent[1]["body"].decode()

    async def statuses(self, times: int, method: str, path: str, **more: str) -> list[int]:
        return [(await self.ask(method, path, **more))[0] for _ in range(times)]


async def test_one_address_is_refused_and_another_is_served() -> None:
    shop = Shop({Kind.ORDERS: TWO})
    assert await shop.statuses(3, "POST", "/orders/") == [200, 200, 429]
    assert await shop.statuses(1, "POST", "/orders/", address="203.0.113.6") == [200]
    assert shop.reached == 3
    shop.clock.now += 10
    assert await shop.statuses(2, "POST", "/orders/") == [200, 429]


async def test_many_addresses_share_the_total() -> None:
    shop = Shop({Kind.ORDERS: TWO})
    statuses = [(await shop.ask("POST", "/orders/", address=f"203.0.113.{n}"))[0] for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2


async def test_a_kind_that_is_off_is_not_counted() -> None:
    shop = Shop({Kind.ORDERS: None})
    assert await shop.statuses(5, "POST", "/orders/") == [200] * 5


async def test_the_refused_one_reads_the_shops_own_page_and_when_to_come_back() -> None:
    shop = Shop({Kind.ORDERS: TWO})
    await shop.statuses(2, "POST", "/orders/")
    status, headers, body = await shop.ask("POST", "/orders/", accept="text/html")
    assert (status, headers["retry-after"]) == (429, "10")
    assert "Too many orders came in at once" in body
    assert "Please try again in 10 seconds" in body
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert int(headers["content-length"]) == len(body.encode())


async def test_a_program_reads_a_problem() -> None:
    shop = Shop({Kind.ORDERS: TWO})
    await shop.statuses(2, "POST", "/api/orders/")
    status, headers, body = await shop.ask("POST", "/api/orders/")
    assert (status, headers["content-type"]) == (429, "application/problem+json")
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (429, "too_many_requests")
    assert problem["request_id"]


async def test_one_password_tried_with_many_names_soon_waits() -> None:
    shop = Shop({Kind.LOGINS: TWO})  # a wrong password is answered 200, with the form
    assert await shop.statuses(4, "POST", "/staff/login/") == [200, 200, 429, 429]


async def test_a_right_password_costs_nothing_however_often() -> None:
    shop = Shop({Kind.LOGINS: TWO})
    shop.status = 302
    assert await shop.statuses(9, "POST", "/staff/login/") == [302] * 9


async def test_a_device_of_the_staff_is_not_held_up_by_those_who_spray() -> None:
    shop = Shop({Kind.LOGINS: TWO, Kind.PAGES: TWO})
    shop.status = 302
    _, headers, _ = await shop.ask("POST", "/staff/login/")
    cookie = headers["set-cookie"].partition(";")[0]
    assert "HttpOnly" in headers["set-cookie"]
    shop.status = 200
    for n in range(9):
        await shop.ask("POST", "/staff/login/", address=f"203.0.113.{n}")
    assert await shop.statuses(1, "POST", "/staff/login/") == [429]
    assert await shop.statuses(3, "POST", "/staff/login/", cookie=cookie) == [200, 200, 429]
    assert await shop.statuses(2, "GET", "/board/", cookie=cookie) == [200, 200]


async def test_a_device_is_known_even_where_logins_are_not_counted() -> None:
    shop = Shop({Kind.LOGINS: None})
    shop.status = 302
    assert "staff_device" in (await shop.ask("POST", "/staff/login/"))[1]["set-cookie"]


async def test_a_forged_device_counts_as_its_address() -> None:
    shop = Shop({Kind.LOGINS: TWO})
    await shop.statuses(2, "POST", "/staff/login/")
    forged = "staff_device=abc:1:def"
    assert await shop.statuses(1, "POST", "/staff/login/", cookie=forged) == [429]


async def test_an_order_is_followed_whatever_else_is_asked_from_the_same_address() -> None:
    shop = Shop({Kind.TRACKING: TWO, Kind.PAGES: TWO, Kind.LINKS: TWO})
    mine, other = (f"/o/{order_token(uuid4())}/" for _ in "12")
    await shop.statuses(9, "GET", "/board/")
    await shop.statuses(9, "GET", "/o/guessed/")
    assert await shop.statuses(3, "GET", other) == [200, 200, 429]
    assert await shop.statuses(2, "GET", mine) == [200, 200]


async def test_one_address_takes_its_turns_and_another_does_not_wait() -> None:
    shop = Shop({Kind.MENU: Limit(Rate(500, 1), Rate(1000, 1))})
    shop.open = asyncio.Event()
    hostile = [asyncio.create_task(shop.ask("GET", "/")) for _ in range(200)]
    await asyncio.sleep(0.01)
    assert shop.reached == AT_ONCE
    guest = asyncio.create_task(shop.ask("GET", "/", address="203.0.113.6"))
    await asyncio.sleep(0.01)
    assert shop.reached == AT_ONCE + 1
    shop.open.set()
    assert {(await each)[0] for each in (*hostile, guest)} == {200}
    assert shop.reached == 201
    assert not shop.turns._gates


async def test_who_waits_for_a_password_holds_up_no_menu_of_the_same_address() -> None:
    many = Limit(Rate(500, 1), Rate(1000, 1))
    shop = Shop({Kind.MENU: many, Kind.LOGINS: many})
    shop.open = asyncio.Event()
    logins = [asyncio.create_task(shop.ask("POST", "/staff/login/")) for _ in range(20)]
    await asyncio.sleep(0.01)
    assert shop.reached == AT_ONCE
    menu = asyncio.create_task(shop.ask("GET", "/"))
    await asyncio.sleep(0.01)
    assert shop.reached == AT_ONCE + 1
    shop.open.set()
    assert {(await each)[0] for each in (*logins, menu)} == {200}


async def test_a_turn_that_does_not_come_in_time_is_not_waited_for() -> None:
    passed_on = 0
    goes_on = asyncio.Event()

    async def inner(_scope: Any, _receive: Any, _send: Any) -> None:
        nonlocal passed_on
        passed_on += 1
        await goes_on.wait()

    async def receive() -> dict[str, Any]:
        return {}

    async def send(_message: Mapping[str, Any]) -> None:
        pass

    turns = Turns(inner, at_once=1)
    scope = {WHOSE: "menu:203.0.113.5", ANSWER_UNTIL: time.monotonic() + 0.05}
    both = [asyncio.create_task(turns(scope, receive, send)) for _ in range(2)]
    await asyncio.sleep(0.01)
    assert passed_on == 1
    await asyncio.sleep(0.1)
    assert passed_on == 2
    goes_on.set()
    await asyncio.gather(*both)
    assert not turns._gates


async def test_whoever_goes_on_is_answered_more_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    shop = Shop({Kind.MENU: TWO})
    monkeypatch.setattr(asyncio, "sleep", sleep)
    await shop.statuses(2 + PATIENCE.at_once, "GET", "/")
    assert slept == []
    await shop.statuses(5, "GET", "/")
    shortest, longest = middleware.SLOW_SECONDS
    assert len(slept) == 5
    assert all(shortest <= seconds <= longest for seconds in slept)


async def test_without_redis_the_process_counts_for_itself() -> None:
    shop = Shop({Kind.ORDERS: TWO}, redis="redis://127.0.0.1:9/0")
    assert await shop.statuses(3, "POST", "/orders/") == [200, 200, 429]
