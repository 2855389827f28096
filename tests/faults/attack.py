"""An attack on a shop with honest people in it: what they notice, and when all is well again."""

import time
from collections.abc import Callable

import httpx

from rush.report import Spread
from tests.faults.check import Figure
from tests.faults.honest_people import HonestPeople, menu_p99
from tests.faults.order_journal import journal_of
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.read_model_audit import position_of_screens
from tests.shop import Shop

MENU_P99_MS = 100.0
NORMAL_SECONDS = 5.0
SLOWEST_ANSWER_SECONDS = 5.0
LOOKED_SECONDS = 3.0
"""Attacks that are over sooner are looked at for so long: 60 looks at the menu."""

GIVEN_UP_SECONDS = 60.0
BYSTANDER = {"X-Forwarded-For": "198.51.100.250"}


def seconds_to_normal(shop: Shop, since: float) -> float:
    """Seconds from `since` until the menu is quick, an order is taken, and the screens show it.

    60 if that takes longer.
    """
    deadline = time.monotonic() + GIVEN_UP_SECONDS
    with OrderingProgram(shop.url, journal_of(shop), BYSTANDER) as program:
        while time.monotonic() < deadline:
            key = new_key()
            answer = program.send(key, contents_of())
            if answer.outcome == "info":
                program.insist(key, contents_of())
                continue
            if answer.outcome == "ok" and _is_quick(shop) and shop.is_ready():
                position = int(answer.fields.get("position", 0))
                while position_of_screens(shop.var) < position and time.monotonic() < deadline:
                    time.sleep(0.02)
                return time.monotonic() - since
            time.sleep(0.1)
    return GIVEN_UP_SECONDS


def _is_quick(shop: Shop) -> bool:
    began = time.monotonic()
    try:
        response = httpx.get(f"{shop.url}/", timeout=5, trust_env=False, headers=BYSTANDER)
    except httpx.TransportError:
        return False
    quick = time.monotonic() - began < MENU_P99_MS / 1000
    return quick and response.status_code == httpx.codes.OK


def under_attack(
    shop: Shop,
    attack: Callable[[], tuple[str, bool]],
    *,
    orders: float = 2.0,
    menu_counts: bool = True,
    slowest: float = SLOWEST_ANSWER_SECONDS,
) -> Figure:
    """Attack while people order so many times a second and look at the menu 20 times a second.

    `attack` says what it did, and whether what it looked at itself was right.
    """
    with HonestPeople(shop, orders=orders) as people:
        began = time.monotonic()
        said, right = attack()
        time.sleep(max(0.0, began + LOOKED_SECONDS - time.monotonic()))
        ended = time.monotonic()
        normal = seconds_to_normal(shop, ended)
    looks = people.looks(began, ended)
    p99 = menu_p99(looks)
    refused = [look for look in looks if look.status != httpx.codes.OK]
    answers = people.answers(began, ended)
    taken = [answer for answer in answers if answer.outcome == "ok"]
    longest = max((answer.seconds for answer in answers), default=0.0)
    text = (
        f"{said}; menu p99 {p99:.0f} ms, {len(refused)} of {len(looks)} not served; "
        f"{len(taken)} orders taken, slowest answer {longest:.1f} s; normal after {normal:.1f} s"
    )
    menu_is_well = not menu_counts or (p99 < MENU_P99_MS and not refused and bool(looks))
    return Figure(text, right and menu_is_well and normal <= NORMAL_SECONDS and longest <= slowest)


def spread_words(seconds: list[float]) -> str:
    """p50, p99 and the longest, in milliseconds."""
    spread = Spread.of(seconds)
    return f"p50 {spread.p50:.0f}, p99 {spread.p99:.0f}, max {spread.worst:.0f} ms"
