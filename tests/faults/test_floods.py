"""A flood from one address: bounded, refused in words, and no business of anybody else.

The shop has the limits it is delivered with, and one proxy in front: `X-Forwarded-For` says who
asks.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.recorded import read_log
from tests.shop import AS_DELIVERED, Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

FLOODER, GUEST, SPRAYER = "203.0.113.5", "198.51.100.7", "203.0.113.99"
CONNECTIONS = 40
SECONDS = 8.0
MOST_FROM_ONE_ADDRESS = 120  # MOST_UNPAID_PER_ADDRESS
LOGINS, SECONDS_A_LOGIN = 20, 10.0  # LIMIT_LOGINS: 20 then 6/min
LINKS = 30  # LIMIT_LINKS: 30 then 30/min


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A running shop behind a proxy."""
    with Shop(environment={**AS_DELIVERED, "PROXY_HOPS": "1"}) as running:
        yield running


def client_at(shop: Shop, address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=shop.url,
        headers={"X-Forwarded-For": address},
        timeout=20,
        trust_env=False,
        limits=httpx.Limits(max_connections=CONNECTIONS),
    )


def an_order() -> dict[str, object]:
    return {
        "command_id": str(uuid.uuid4()),
        "name": "flood",
        "items": [{"item": "flat-white"}],
    }


def refused(shop: Shop, figure: str) -> float:
    """What a metric of refusals says."""
    here = {"X-Forwarded-For": "127.0.0.1"}
    response = httpx.get(f"{shop.url}/metrics", headers=here, trust_env=False)
    lines = response.raise_for_status().text.splitlines()
    name = f"barstucks_refused_{figure} "
    return next((float(line[len(name) :]) for line in lines if line.startswith(name)), 0.0)


class Flood:
    """Orders from one address, on many connections, as fast as the shop answers."""

    def __init__(self, shop: Shop, seconds: float) -> None:
        self._shop = shop
        self._until = time.monotonic() + seconds
        self.statuses: Counter[int] = Counter()
        self.without_retry_after = 0

    async def run(self) -> None:
        async with client_at(self._shop, FLOODER) as client:
            await asyncio.gather(*(self._order(client) for _ in range(CONNECTIONS)))

    async def _order(self, client: httpx.AsyncClient) -> None:
        while time.monotonic() < self._until:
            response = await client.post("/api/orders/", json=an_order())
            self.statuses[response.status_code] += 1
            if response.status_code != 201 and "Retry-After" not in response.headers:
                self.without_retry_after += 1


async def ordinary_guest(shop: Shop, seconds: float) -> tuple[list[int], list[float]]:
    """Somebody elsewhere who reads the menu and orders now and then: statuses, and menu times."""
    statuses, times = [], []
    until = time.monotonic() + seconds
    async with client_at(shop, GUEST) as client:
        while time.monotonic() < until:
            begun = time.perf_counter()
            menu = await client.get("/")
            times.append(time.perf_counter() - begun)
            statuses.append(menu.status_code)
            if len(times) % 5 == 0:
                statuses.append((await client.post("/api/orders/", json=an_order())).status_code)
            await asyncio.sleep(0.1)
    return statuses, times


async def test_a_flood_of_orders_is_bounded_and_others_order_on(shop: Shop) -> None:
    flood = Flood(shop, SECONDS)
    (statuses, times), _ = await asyncio.gather(ordinary_guest(shop, SECONDS), flood.run())

    assert set(flood.statuses) <= {201, 429, 503}, flood.statuses
    assert flood.statuses[201] <= MOST_FROM_ONE_ADDRESS
    assert flood.statuses[429] > 0
    assert flood.without_retry_after == 0
    ordered = [e for e in read_log(shop.eventstore_uri) if e.type_name == "CoffeeOrdered"]
    assert len(ordered) == flood.statuses[201] + statuses.count(201)
    assert set(statuses) == {200, 201}, Counter(statuses)
    assert refused(shop, 'requests_total{kind="orders",whose="one"}') > 0
    assert refused(shop, 'orders_total{whose="address"}') > 0

    begun = time.monotonic()
    afterwards, times = await ordinary_guest(shop, 3.0)
    assert set(afterwards) == {200, 201}
    assert sorted(times)[len(times) * 9 // 10] < 0.25, times
    assert time.monotonic() - begun < 5


async def test_guests_of_the_flooder_can_still_look_at_the_menu(shop: Shop) -> None:
    async with client_at(shop, FLOODER) as client:
        assert (await client.get("/")).status_code == 200


async def test_who_asks_behind_a_forged_header_is_who_the_proxy_saw(shop: Shop) -> None:
    unknown = f"/o/{uuid.uuid4().hex}.AAAA/"
    async with client_at(shop, f"192.0.2.1, {SPRAYER}") as client:
        guesses = [(await client.get(unknown)).status_code for _ in range(LINKS)]
        while (status := (await client.get(unknown)).status_code) != 429:  # until they are used up
            guesses.append(status)
            assert len(guesses) < 3 * LINKS
    async with client_at(shop, f"192.0.2.2, {SPRAYER}") as client:
        more = [(await client.get(unknown)).status_code for _ in range(3)]  # one may be free again
    assert set(guesses) == {404}
    assert 429 in more


def test_one_password_over_many_names_is_stopped_and_the_staff_logs_in(shop: Shop) -> None:
    with Visitor(shop) as sprayer, Visitor(shop) as bao:
        bao.client.headers["X-Forwarded-For"] = GUEST
        bao.log_in("bao", shop.logins["bao"], "/bar/")
        sprayer.client.headers["X-Forwarded-For"] = GUEST  # a guest of the same shop
        form = sprayer.open("/staff/login/").form(ending="/staff/login/")
        began = time.monotonic()
        statuses = [
            sprayer.submit(form, {"username": f"name-{n}", "password": "Spring2026!"}).status_code
            for n in range(30)
        ]
        assert statuses[:LOGINS] == [200] * LOGINS
        assert 429 in statuses[LOGINS:]
        since = time.monotonic() - began
        assert statuses.count(200) <= LOGINS + 1 + since / SECONDS_A_LOGIN
        assert refused(shop, 'requests_total{kind="logins",whose="one"}') > 0
        known = bao.client.cookies
        with Visitor(shop) as again:
            again.client.headers["X-Forwarded-For"] = GUEST
            again.client.cookies.set("staff_device", known["staff_device"])
            again.log_in("casey", shop.logins["casey"], "/till/")
