"""The disk is full: one clear answer to whatever has to be written, and everything else goes on.

When there is room again all of it works within seconds, without a restart and without a hand.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.faults.audit import audit
from tests.faults.recorded import read_log
from tests.faults.small_disk import CannotMount, Filler, small_disk
from tests.shop import Shop
from tests.visitor import Visitor

pytestmark = pytest.mark.slow

MEGABYTES = 64
NOTICED_AFTER = 5
WELL_AFTER = 5
"""Seconds until `/readyz` says what is true."""

SLOWEST = 5
"""Seconds that any answer may take."""

LEFT_OVER = (0, 4_096, 8_192, 20_480, 65_536)
"""Bytes left: the less there is, the earlier in a request the first write fails."""


@dataclass
class SmallShop:
    """A shop on a disk of its own."""

    shop: Shop
    disk: Filler

    def readiness(self) -> httpx.Response:
        return httpx.get(f"{self.shop.url}/readyz", timeout=5, trust_env=False)

    def behind(self) -> list[str]:
        """What the metrics say of a projector or a reactor that has not caught up."""
        figures = httpx.get(f"{self.shop.url}/metrics", timeout=5, trust_env=False).text
        return [
            line
            for line in figures.splitlines()
            if line.startswith(("barstucks_projection_lag", "barstucks_reactor_events_behind"))
            and not line.endswith(" 0.0")
        ]


def opened(place: Path, environment: dict[str, str]) -> Iterator[SmallShop]:
    """A shop whose directory is a small disk."""
    try:
        with small_disk(place, MEGABYTES) as disk, Shop(disk, environment) as shop:
            yield SmallShop(shop, Filler(disk))
    except CannotMount as wrong:
        pytest.skip(f"No disk can be mounted here: {wrong}")


@pytest.fixture(scope="module")
def careful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallShop]:
    """It takes nothing in while there is less room than it should have."""
    yield from opened(tmp_path_factory.mktemp("careful"), {})


@pytest.fixture(scope="module")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallShop]:
    """It goes on to the last byte."""
    yield from opened(tmp_path_factory.mktemp("careless"), {"DISK_REFUSE_MB": "0"})


@dataclass
class People:
    """Somebody at each kind of page, with the pages already open."""

    helen: Visitor
    casey: Visitor
    order: str
    tracking: str

    @classmethod
    def of(cls, shop: Shop, stack: list[Visitor]) -> "People":
        """Logged in and with an order, while there is room."""
        helen, casey = Visitor(shop), Visitor(shop)
        stack += [helen, casey]
        casey.log_in("casey", shop.logins["casey"], "/till/")
        placed = helen.order()
        add = {"item": "espresso", "add_id": str(uuid.uuid4()), "csrfmiddlewaretoken": casey.token}
        assert casey.post("/till/new/add/", list(add.items())).status_code == 303
        return cls(helen, casey, placed.order, placed.tracking)


@pytest.fixture
def visitors() -> Iterator[list[Visitor]]:
    """Everybody who has come in; they leave afterwards."""
    visitors: list[Visitor] = []
    yield visitors
    for visitor in visitors:
        visitor.client.close()


def wanted(command_id: str = "") -> dict[str, object]:
    return {
        "command_id": command_id or str(uuid.uuid4()),
        "name": "Helen",
        "items": [{"item": "cappuccino"}],
    }


def everything_that_writes(shop: Shop, people: People) -> list[httpx.Response]:
    """Order in three ways, log in and fail to, register, pay, press buttons, sell out."""
    with Visitor(shop) as stranger:
        login = stranger.open("/staff/login/").form(ending="/staff/login/")
        register = stranger.open("/register/").form(ending="/register/")
        form = people.helen.open("/basket/").form(ending="/orders/")
        counter = people.casey.open("/till/new/").form(ending="/till/new/order/")
        return [
            *(stranger.client.post("/api/orders/", json=wanted()) for _ in range(25)),
            people.helen.submit(form, {"name": "Helen", "pay": "counter"}),
            people.casey.submit(counter, {"name": "Mia"}),
            stranger.submit(login, {"username": "bao", "password": shop.logins["bao"]}),
            stranger.submit(login, {"username": "bao", "password": "wrong"}),
            stranger.submit(register, {"name": uuid.uuid4().hex[:8]}),
            people.casey.press(f"/till/{people.order}/cash/", given="20"),
            people.casey.press(f"/till/{people.order}/cancel/", reason="no milk"),
        ]


PAGES = ("/", "/menu/cappuccino/", "/basket/", "/register/", "/me/", "/board/", "/staff/login/")
STAFF_PAGES = ("/till/", "/till/new/", "/till/reactor/")


def unreadable(people: People) -> list[str]:
    """Pages that only read, and do not answer."""
    responses = [people.helen.client.get(path) for path in (*PAGES, people.tracking)]
    responses += [people.casey.client.get(path) for path in STAFF_PAGES]
    return [f"{r.request.url}: {r.status_code}" for r in responses if r.status_code != 200]


def test_a_full_disk_is_refused_clearly_and_seen_by_whoever_asks(
    careful: SmallShop, visitors: list[Visitor]
) -> None:
    shop = careful.shop
    people = People.of(shop, visitors)
    people.helen.fill_basket()
    careful.disk.fill()
    shop.wait_until(lambda: careful.readiness().status_code == 503, NOTICED_AFTER)
    assert careful.readiness().text.splitlines()[0] == "not ready: storage_full"

    for response in everything_that_writes(shop, people):
        assert response.status_code == 503, f"{response.request.url}: {response.text[:300]}"
        assert response.headers["Retry-After"] == "30"
        assert "disk is full" in response.text
    assert unreadable(people) == []

    careful.disk.empty()
    shop.wait_until(lambda: careful.readiness().status_code == 200, WELL_AFTER)


@pytest.mark.slow
def test_up_to_the_last_byte_nothing_is_a_defect_and_nothing_is_lost(
    careless: SmallShop, visitors: list[Visitor]
) -> None:
    shop = careless.shop
    pids = {part: shop.pid(part) for part in shop.run["pids"]}
    said: Counter[int] = Counter()
    taken = []
    for left in LEFT_OVER:
        people = People.of(shop, visitors)
        people.helen.fill_basket()
        careless.disk.fill(leave=left)
        for response in everything_that_writes(shop, people):
            assert response.elapsed.total_seconds() < SLOWEST
            said[response.status_code] += 1
            assert response.status_code < 500 or response.status_code == 503, (
                f"{left} bytes left, {response.request.url}: {response.status_code}"
            )
            if response.status_code == 503:
                assert response.headers["Retry-After"] == "30", response.text[:300]
            elif response.status_code == 201:
                taken.append(response.json()["url"].split("/")[2].partition(".")[0])
        assert unreadable(people) == []
        careless.disk.empty()
        shop.wait_until(lambda: careless.readiness().status_code == 200, WELL_AFTER)
        again = httpx.post(f"{shop.url}/api/orders/", json=wanted(), trust_env=False)
        assert again.status_code == 201, again.text
        shop.wait_until(lambda: not careless.behind(), WELL_AFTER)

    assert said[503] >= 25, said
    log = read_log(shop.eventstore_uri)
    assert {part: shop.pid(part) for part in pids} == pids
    assert audit(log, taken) == []
