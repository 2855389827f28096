"""The menu and the orders under attack: `python -m tests.load.hostile [--root DIRECTORY]`.

Runs a shop from that directory (default: this one) and sends requests to one address after the
other over many connections, each the next as soon as it is answered; meanwhile a guest looks at
the menu and places orders. Prints the milliseconds of menu and orders, and what the attackers got.
"""

import argparse
import asyncio
import re
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx

from tests.shop import ROOT, Shop
from tests.visitor import Visitor

BEYOND = "after=999999999999999999"
LOOK_EVERY = 0.05
ORDER_EVERY = 0.25


@dataclass
class Seen:
    """What a guest saw during one attack: milliseconds and other statuses than hoped for."""

    menu: list[float] = field(default_factory=list)
    orders: list[float] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)
    attackers: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Attack:
    """A request that is sent again and again; the field `fresh` of its form is new each time."""

    method: str
    path: str
    cookies: str = ""
    form: Mapping[str, str] | None = None
    fresh: str = ""

    def request(self) -> bytes:
        """The next one, as bytes."""
        fields = {**(self.form or {}), **({self.fresh: uuid.uuid4().hex} if self.fresh else {})}
        body = urlencode(fields).encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", "Accept: text/html"]
        lines += [f"Cookie: {self.cookies}"] if self.cookies else []
        if self.form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded"]
            lines += [f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


def attackers(attack: Attack, port: int, connections: int, seconds: float) -> Counter[int]:
    """Send it over so many connections for so long; how many responses of each status came."""
    statuses: Counter[int] = Counter()

    async def all_of_them() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(_attack(attack, port, until, statuses) for _ in range(connections)))

    asyncio.run(all_of_them())
    return statuses


async def _attack(attack: Attack, port: int, until: float, statuses: Counter[int]) -> None:
    """One connection: the next request as soon as the last is answered."""
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < until:
                writer.write(attack.request())
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                statuses[int(head[9:12])] += 1
                if b"connection: close" in head.lower():
                    break
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)


async def look(client: httpx.AsyncClient, until: float, seen: Seen) -> None:
    """Look at the menu now and then."""
    while time.monotonic() < until:
        began = time.perf_counter()
        response = await client.get("/", headers={"Accept": "text/html"})
        seen.menu.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            seen.wrong[f"menu {response.status_code}"] += 1
        await asyncio.sleep(LOOK_EVERY)


async def fill_basket(client: httpx.AsyncClient) -> dict[str, str]:
    """Put something in; the token for the forms to come."""
    token = await csrf_token(client, "/menu/cappuccino/")
    await client.post("/basket/", data={"item": "cappuccino", "quantity": "1"} | token)
    return token


async def order(client: httpx.AsyncClient, token: dict[str, str], until: float, seen: Seen) -> None:
    """Order something by the form and look at its page, again and again."""
    basket = client.cookies["basket"]
    while time.monotonic() < until:
        client.cookies.set("basket", basket)
        sent = {"command_id": str(uuid.uuid4()), "name": "", "note": "", "pay": "counter"}
        began = time.perf_counter()
        response = await client.post("/orders/", data=sent | token)
        if response.status_code == 303:
            page = await client.get(response.headers["Location"])
            seen.orders.append((time.perf_counter() - began) * 1000)
            if page.status_code != 200:
                seen.wrong[f"order page {page.status_code}"] += 1
        else:
            seen.wrong[f"order {response.status_code}"] += 1
        await asyncio.sleep(ORDER_EVERY)


async def csrf_token(client: httpx.AsyncClient, path: str) -> dict[str, str]:
    """The hidden field of a form on that page."""
    found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', (await client.get(path)).text)
    assert found is not None
    client.headers["Referer"] = str(client.base_url)
    return {"csrfmiddlewaretoken": found[1]}


async def under_attack(shop: Shop, attack: Attack | None, connections: int, seconds: float) -> Seen:
    """The figures of one attack. The attackers are a process of their own: the guests wait for the
    shop only, not for them."""
    seen, port = Seen(), urlsplit(shop.url).port or 0
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        await loop.run_in_executor(process, time.sleep, 0)  # it has started
        async with (
            httpx.AsyncClient(base_url=shop.url, timeout=30, trust_env=False) as guest,
            httpx.AsyncClient(base_url=shop.url, timeout=30, trust_env=False) as looker,
        ):
            token = await fill_basket(guest)
            until = time.monotonic() + seconds
            guests = asyncio.gather(look(looker, until, seen), order(guest, token, until, seen))
            if attack is not None:
                seen.attackers = await loop.run_in_executor(
                    process, attackers, attack, port, connections, seconds
                )
            await guests
    return seen


def attacks(shop: Shop, orders: int) -> dict[str, Attack | None]:
    """What the attackers send, by name."""
    with Visitor(shop) as guest:
        placed = guest.order()
        guest.order_the_same(orders)
        of_guest = "; ".join(f"{name}={value}" for name, value in guest.client.cookies.items())
    with httpx.Client(base_url=shop.url, trust_env=False) as stranger:
        page = stranger.get("/staff/login/").text
        found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found is not None
        login = {"csrfmiddlewaretoken": found[1], "password": "not the password of anybody"}
        of_stranger = f"csrf={stranger.cookies['csrf']}"
    return {
        "nobody": None,
        "/me/?after= of a stranger": Attack("GET", f"/me/?{BEYOND}"),
        "/me/?after= of a guest": Attack("GET", f"/me/?{BEYOND}", of_guest),
        "/o/…/?after=": Attack("GET", f"{placed.tracking}?{BEYOND}"),
        f"/me/export.json, {orders} orders": Attack("GET", "/me/export.json", of_guest),
        "the login": Attack("POST", "/staff/login/", of_stranger, login, fresh="username"),
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--root", type=Path, default=ROOT, help="the shop's code (this one)")
    options.add_argument("--connections", type=int, default=200)
    options.add_argument("--seconds", type=float, default=6, help="of one attack (6)")
    options.add_argument("--orders", type=int, default=300, help="of the customer who exports")
    options.add_argument("--only", default="", help="attacks whose name contains that")
    chosen = options.parse_args()
    with Shop(root=chosen.root) as shop:
        for name, attack in attacks(shop, chosen.orders).items():
            if chosen.only not in name:
                continue
            seen = asyncio.run(under_attack(shop, attack, chosen.connections, chosen.seconds))
            print(f"{name:<30} menu {figures(seen.menu)}  orders {figures(seen.orders)}")
            print(f"{'':<30} attackers got {dict(seen.attackers)}, guests {dict(seen.wrong)}")
            time.sleep(5)


def figures(milliseconds: list[float]) -> str:
    """p50, p99 and how many."""
    if len(milliseconds) < 2:
        return f"{milliseconds or 'none'}"
    p99 = statistics.quantiles(milliseconds, n=100, method="inclusive")[98]
    return f"p50 {statistics.median(milliseconds):7.1f} p99 {p99:7.1f} ms ({len(milliseconds)})"


if __name__ == "__main__":
    main()
