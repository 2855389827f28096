"""kill -9: at random, at chosen steps, again and again; and parts that hang instead of dying."""

import contextlib
import math
import os
import random
import signal
import time

import httpx

from tests.faults.attack import seconds_to_normal, under_attack
from tests.faults.check import Check, Figure, Progress
from tests.faults.honest_people import BEHIND_A_PROXY, HonestPeople
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.sabotage import patched
from tests.shop import PARTS, Shop

BREATH_SECONDS = 16.0
"""Between two deaths of one part: five within a minute would count as a crash loop."""

BACK_SECONDS = 60.0
SILENT_SECONDS = 20.0
"""How long a part may be dead before the shop says so: it may only be starting."""

STEPS = (
    "log-before-commit",
    "log-after-commit",
    "web-before-append",
    "web-after-append",
    "projector-before-commit",
    "projector-before-push",
    "reactor-before-checkpoint",
)
PART_OF_STEP = {"log": "eventstore", "web": "web", "projector": "projector", "reactor": "reactor"}


def kills(shop: Shop, count: int, progress: Progress) -> Figure:
    """kill -9 of one part after the other, at random moments, while people order."""
    chance = random.Random(count)
    last_death = dict.fromkeys(PARTS, -BREATH_SECONDS)
    back = []
    with HonestPeople(shop, orders=8, looks=5, card="demo-approve") as people:
        began = time.monotonic()
        for number in range(count):
            part = PARTS[number % len(PARTS)]
            time.sleep(chance.uniform(0.1, 0.8))
            time.sleep(max(0.0, last_death[part] + BREATH_SECONDS - time.monotonic()))
            pid = shop.kill(part)
            last_death[part] = time.monotonic()
            shop.wait_for_another(part, pid)
            back.append(time.monotonic() - last_death[part])
            progress(number + 1)
        ended = time.monotonic()
        last = seconds_to_normal(shop, time.monotonic())
    answered = [a for a in people.answers(began, ended) if a.outcome == "ok"]
    text = (
        f"{len(answered)} orders acknowledged meanwhile; a part is back after {max(back):.1f} s "
        f"at most; normal {last:.1f} s after the last"
    )
    return Figure(text, max(back) <= 10 and last <= 5 and bool(answered))


def deaths_at_each_step(shop: Shop, count: int, progress: Progress) -> Figure:
    """Each part dies at each step of its work, so many times; the order is sent again."""
    unarmed, rounds = [], 0
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            for step in STEPS:
                part = PART_OF_STEP[step.partition("-")[0]]
                pid = shop.pid(part)
                (shop.var / f"dies-{step}").touch()
                card = "demo-approve" if part == "reactor" else ""
                program.insist(new_key(), contents_of(card=card))
                try:
                    shop.wait_for_another(part, pid)
                except TimeoutError:
                    unarmed.append(step)
                rounds += 1
                progress(number + rounds / len(STEPS) / count)
            if number + 1 < count:
                time.sleep(BREATH_SECONDS * 2)
    text = f"{rounds - len(unarmed)} deaths at {len(STEPS)} steps"
    if unarmed:
        text += f"; never died at {', '.join(sorted(set(unarmed)))}"
    return Figure(text, not unarmed)


def five_deaths(shop: Shop, count: int, progress: Progress) -> Figure:
    """Kill one part so often within a minute that it counts as a crash loop.

    Then either it comes back, or the shop ends with a code; and it never says it is well while it
    is not.
    """
    said_well_while_dead, dead_since = 0, math.inf
    for number in range(count):
        pid = shop.run.get("pids", {}).get("projector")
        if pid is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and shop.is_open:
            if shop.run.get("pids", {}).get("projector") not in {None, pid}:
                break
            time.sleep(0.1)
        progress(number + 1)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and shop.is_open:
        alive = _is_alive(shop.run.get("pids", {}).get("projector"))
        if alive and shop.says_all_is_well():
            return Figure(f"alive again after {count} deaths", held=True)
        if not alive:
            dead_since = min(dead_since, time.monotonic())
            if time.monotonic() - dead_since > SILENT_SECONDS:
                said_well_while_dead += shop.says_all_is_well()
        time.sleep(0.5)
    if not shop.is_open:
        code = shop.stop()
        return Figure(f"the shop ended with code {code}, for its service to restart", code != 0)
    text = f"it stays dead, and /readyz said {said_well_while_dead} times that all is well"
    return Figure(text, held=False)


def _is_alive(pid: int | None) -> bool:
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def hung_part(shop: Shop, count: int, progress: Progress) -> Figure:
    """Stop (SIGSTOP) a part for good: one that hangs is restarted like one that died."""
    parts = ("projector", "reactor", "web", "eventstore")[:count]
    took = []
    for number, part in enumerate(parts):
        pid = shop.pid(part)
        os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            shop.wait_until(
                lambda part=part, pid=pid: shop.run.get("pids", {}).get(part) not in {None, pid},  # type: ignore[misc]
                40,
            )
        except TimeoutError:
            return Figure(f"the {part} hung for 40 s and nobody noticed", held=False)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        shop.wait_until(shop.says_all_is_well, BACK_SECONDS)
        took.append(time.monotonic() - began)
        progress(number + 1)
    return Figure(f"{', '.join(parts)}: back after {max(took):.0f} s at most", max(took) <= 30)


def rolling_restarts(shop: Shop, count: int, progress: Progress) -> Figure:
    """Stop and open the shop again while people order; they send again what was not answered."""
    slowest = 0.0
    for number in range(count):
        key = new_key()
        with OrderingProgram.of(shop) as program:
            program.insist(key, contents_of())
        began = time.monotonic()
        code = shop.stop()
        slowest = max(slowest, time.monotonic() - began)
        if code != 0:
            return Figure(f"serve ended with {code}", held=False)
        shop.start()
        with OrderingProgram.of(shop) as program:
            repeated = program.insist(key, contents_of())
        if repeated.status != httpx.codes.OK:
            return Figure(f"the same form was answered {repeated.status}", held=False)
        progress(number + 1)
    return Figure(f"stopped in {slowest:.1f} s at most, code 0 each time", slowest <= 15)


def web_frozen(shop: Shop, count: int, progress: Progress) -> Figure:
    """Stop the web for so many seconds; late answers may not be applied twice."""

    def freeze() -> tuple[str, bool]:
        pid = shop.pid("web")
        os.kill(pid, signal.SIGSTOP)
        for second in range(count):
            time.sleep(1)
            progress(second + 1)
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return f"frozen for {count} s and replaced", True
        return f"frozen for {count} s", True

    return under_attack(shop, freeze, menu_counts=False)


KILLS = [
    Check(
        name="kills",
        fault="T1",
        goal="0 lost, 0 doubled; a part is back within 10 s",
        run=kills,
        full=100,
        short=4,
        environment=BEHIND_A_PROXY,
    ),
    Check(
        name="deaths-at-each-step",
        fault="T1",
        goal="0 lost, 0 doubled, wherever a part dies",
        run=deaths_at_each_step,
        full=20,
        short=1,
        environment=patched(["dying"]),
        needs_own_shop=True,
    ),
    Check(
        name="five-deaths",
        goal="it comes back, or the shop ends with a code; never said to be well while dead",
        run=five_deaths,
        full=6,
        needs_own_shop=True,
    ),
    Check(
        name="hung-part",
        goal="restarted like one that died, within 30 s",
        run=hung_part,
        full=4,
        needs_own_shop=True,
        environment={"HANG_SECONDS": "15"},
    ),
    Check(
        name="rolling-restarts",
        goal="0 lost, 0 doubled; stopped within 15 s",
        run=rolling_restarts,
        full=100,
        needs_own_shop=True,
    ),
    Check(
        name="web-frozen",
        fault="T6",
        goal="0 doubled by late answers; normal within 5 s",
        run=web_frozen,
        full=10,
        environment=BEHIND_A_PROXY,
        needs_own_shop=True,
    ),
]
