"""Floods: of pages that wait, of logins, of exports, of orders, of sockets. From one address."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from rush.report import Spread
from tests.faults.attack import under_attack
from tests.faults.check import Check, Figure, Progress
from tests.faults.honest_people import BEHIND_A_PROXY
from tests.faults.order_journal import journal_of
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.processes import memory_mib
from tests.faults.staff import staff
from tests.live_view import open_socket
from tests.shop import AS_DELIVERED, ROOT, UNLIMITED, Shop
from tests.visitor import Visitor

CONNECTIONS = 200
NOWHERE = 999_999_999_999_999_999
LARGEST_SNAPSHOT = 512 * 1024
LARGEST_PAGE = 2 * 2**20
OLD_ORDERS = 300
ATTACKER = "ATTACKER"
"""The name that the flooder orders with."""

MOST_OF_ONE_ADDRESS = 120
SOCKETS = 100
"""As many as one address may hold. Behind a proxy the shop leaves that limit to the proxy."""


def flooded(
    shop: Shop, progress: Progress, seconds: int, *words: str, pause: float = 1.0
) -> Counter[str]:
    """Flood for so many seconds; what was answered how often."""
    flooder = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.flooder", "--url", shop.url, *words),
            *("--connections", str(CONNECTIONS), "--seconds", str(seconds), "--pause", str(pause)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    for second in range(seconds):
        time.sleep(1)
        progress(second + 1)
    said, _ = flooder.communicate(timeout=60)
    return Counter(json.loads(said))


def _flood(shop: Shop, seconds: int, progress: Progress, words: Callable[[], list[str]]) -> Figure:
    def attack() -> tuple[str, bool]:
        answered = flooded(shop, progress, seconds, *words())
        text = ", ".join(f"{n} × {status}" for status, n in sorted(answered.items()))
        return f"{CONNECTIONS} connections: {text or 'no answer'}", answered["500"] == 0

    return under_attack(shop, attack)


def after_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """Pages asked to wait for a position that the log does not have."""
    return _flood(shop, count, progress, lambda: ["--path", f"/me/?after={NOWHERE}"])


def tracking_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """The same with the page of an order."""
    with OrderingProgram.of(shop) as program:
        url = program.insist(new_key(), contents_of()).fields["url"]
    return _flood(shop, count, progress, lambda: ["--path", f"{url}?after={NOWHERE}"])


def login_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """Random names and passwords to the login page."""

    def words() -> list[str]:
        with Visitor(shop) as stranger:
            form = stranger.open("/staff/login/").form(ending="/staff/login/")
            cookies = "; ".join(f"{k}={v}" for k, v in stranger.client.cookies.items())
            token = form.value("csrfmiddlewaretoken")
        return ["--post", "login", "--cookie", cookies, "--token", token]

    return _flood(shop, count, progress, words)


def export_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """The export of a customer with many orders."""
    with Visitor(shop) as customer:
        customer.order_the_same(min(OLD_ORDERS, 15 * count))
        cookies = "; ".join(f"{name}={value}" for name, value in customer.client.cookies.items())
    return _flood(shop, count, progress, lambda: ["--path", "/me/export.json", "--cookie", cookies])


def order_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """So many orders, as quickly as they are answered, from one address: a bounded number counts.

    Bar, till and board stay small, and a manager clears away at once what stands there.
    """
    seconds = max(5, count // 40)
    pause = CONNECTIONS * seconds / count

    def attack() -> tuple[str, bool]:
        answered = flooded(shop, progress, seconds, "--post", "order", pause=pause)
        page, snapshot = _largest(shop)
        text = (
            f"{answered['201']} of {answered.total()} orders taken from one address; largest page "
            f"{page // 1024} KB, largest snapshot {snapshot // 1024} KB; {_clear_away(shop)}"
        )
        is_bounded = answered["201"] < MOST_OF_ONE_ADDRESS + seconds
        return text, is_bounded and page < LARGEST_PAGE and snapshot < LARGEST_SNAPSHOT

    return under_attack(shop, attack)


def _largest(shop: Shop) -> tuple[int, int]:
    """The bytes of the largest page, and of the largest snapshot."""
    pages, snapshots = [], []
    with staff(shop, "bao", "casey") as (bao, casey):
        for visitor, path in ((bao, "/bar/"), (casey, "/till/"), (bao, "/board/")):
            pages.append(len(visitor.client.get(path).content))
        for visitor, view in ((bao, "barista-queue"), (casey, "cashier-desk"), (bao, "board")):
            with open_socket(visitor, view, visitor.url) as socket:
                snapshots.append(len(socket.recv(timeout=10)))
    return max(pages), max(snapshots)


def _clear_away(shop: Shop) -> str:
    """A manager cancels the attacker's orders; how long that took."""
    with staff(shop, "ada") as (ada,):
        began = time.monotonic()
        while True:
            page = ada.open(f"/manage/open/?q={ATTACKER}&all=1")
            forms = [form for form in page.forms() if form.path.endswith("/manage/open/cancel/")]
            if not forms or not any(choice.values for choice in forms[0].choices):
                return f"cleared away in {time.monotonic() - began:.1f} s"
            response = ada.submit(forms[0], {"reason": "not a real order"})
            assert response.status_code == httpx.codes.OK, response.status_code
            assert time.monotonic() < began + 60, "They are never cleared away."
            time.sleep(0.5)


def socket_flood(shop: Shop, count: int, progress: Progress) -> Figure:
    """Sockets that send without end, and some that never read: they are closed, others go on."""
    before = memory_mib(shop.pid("web"))

    def attack() -> tuple[str, bool]:
        closed = 0
        with ExitStack() as stack, Visitor(shop) as stranger:
            open_ones = []
            for _ in range(SOCKETS):
                try:
                    open_ones.append(
                        stack.enter_context(open_socket(stranger, "board", stranger.url))
                    )
                except (OSError, InvalidHandshake, TimeoutError):
                    closed += 1
            for number in range(count):
                for socket in list(open_ones):
                    try:
                        socket.send("x" * (3000 if number % 2 else 20))
                    except ConnectionClosed:
                        open_ones.remove(socket)
                        closed += 1
                progress(number + 1)
                time.sleep(0.005)
                if not open_ones:
                    break
        grown = memory_mib(shop.pid("web")) - before
        text = f"{closed} of {SOCKETS} flooding sockets closed; the web grew by {grown:.0f} MiB"
        return text, closed >= SOCKETS * 0.9 and grown < 100

    return under_attack(shop, attack)


def busy_shop(shop: Shop, count: int, progress: Progress) -> Figure:
    """So many people behind one address order at a normal pace: nobody is refused."""
    refused: Counter[int] = Counter()
    seconds = []
    with OrderingProgram(shop.url, journal_of(shop), {"X-Forwarded-For": "192.0.2.1"}) as p:
        for number in range(count):
            answer = p.send(new_key(), contents_of())
            seconds.append(answer.seconds)
            if answer.status != httpx.codes.CREATED:
                refused[answer.status] += 1
            progress(number + 1)
            time.sleep(max(0.0, 0.5 - answer.seconds))
    text = f"{refused.total()} of {count} refused; answered in p99 {Spread.of(seconds).p99:.0f} ms"
    return Figure(text, not refused)


_AS_DELIVERED = {**BEHIND_A_PROXY, **AS_DELIVERED}
_MANY_ORDERS_OF_ONE = {
    name: no_limit
    for name, no_limit in UNLIMITED.items()
    if name == "LIMIT_ORDERS" or name.startswith("MOST_")
}
"""So that one customer can have so many orders to export, before the flood begins."""

_FLOOD_GOAL = "menu p99 < 100 ms with 200 connections, orders go on, normal within 5 s"

FLOODS = [
    Check(
        name="after-flood",
        goal=_FLOOD_GOAL,
        run=after_flood,
        full=30,
        short=5,
        environment=_AS_DELIVERED,
    ),
    Check(
        name="tracking-flood",
        goal=_FLOOD_GOAL,
        run=tracking_flood,
        full=30,
        environment=_AS_DELIVERED,
    ),
    Check(
        name="login-flood",
        goal=_FLOOD_GOAL,
        run=login_flood,
        full=30,
        short=5,
        environment=_AS_DELIVERED,
        needs_own_shop=True,
    ),
    Check(
        name="export-flood",
        goal=_FLOOD_GOAL,
        run=export_flood,
        full=30,
        environment=_AS_DELIVERED | _MANY_ORDERS_OF_ONE,
    ),
    Check(
        name="order-flood",
        goal="few of them taken, pages < 2 MB, snapshots < 512 KB, menu p99 < 100 ms",
        run=order_flood,
        full=2_000,
        environment=_AS_DELIVERED,
        needs_own_shop=True,
    ),
    Check(
        name="busy-shop",
        goal="a shop full of people behind one address: 0 refused",
        run=busy_shop,
        full=120,
        environment=_AS_DELIVERED,
        needs_own_shop=True,
    ),
    Check(
        name="socket-flood",
        fault="T18",
        goal="flooders closed, menu p99 < 100 ms, the web grows by < 100 MiB",
        run=socket_flood,
        full=1_000,
        short=60,
        environment=_AS_DELIVERED,
    ),
]
