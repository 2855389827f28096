"""Card payments while the reactor dies: each is charged once, under a key that the log names."""

import random
import time

from tests.faults.check import Check, Figure, Progress
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.recorded import read_log
from tests.faults.shop_audit import open_intentions
from tests.faults.terminal_audit import read_terminal, terminal_is_wrong
from tests.shop import Shop

CARDS = ("demo-approve", "demo-decline", "demo-timeout", "demo-lost")
DEATHS_PER_ORDER = 0.1
BREATH_SECONDS = 16.0
SETTLED_SECONDS = 60.0
SECONDS_A_CARD = 1.0
"""Every second card keeps one of eight threads for 3 s or longer."""


def card_payments(shop: Shop, count: int, progress: Progress) -> Figure:
    """So many orders paid by cards that behave in four ways; the reactor dies now and then."""
    chance, last_death, deaths = random.Random(count), -BREATH_SECONDS, 0
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            program.insist(new_key(), contents_of(card=CARDS[number % len(CARDS)]))
            due = time.monotonic() - last_death > BREATH_SECONDS
            if due and chance.random() < DEATHS_PER_ORDER:
                time.sleep(chance.uniform(0, 0.3))
                pid = shop.kill("reactor")
                last_death, deaths = time.monotonic(), deaths + 1
                shop.wait_for_another("reactor", pid)
            progress(number + 1)
    deadline = time.monotonic() + SETTLED_SECONDS + count * SECONDS_A_CARD
    while (
        waiting := open_intentions(read_log(shop.eventstore_uri))
    ) and time.monotonic() < deadline:
        time.sleep(0.5)
    log, movements = read_log(shop.eventstore_uri), read_terminal(shop.var)
    wrong = terminal_is_wrong(log, movements)
    charged = sum(movement.outcome == "approved" for movement in movements)
    text = f"{charged} charges by the bank's account, {deaths} deaths, {len(wrong)} disagreements"
    text += f": {wrong[0]}" if wrong else ""
    text += f"; {len(waiting)} payments without an outcome" if waiting else ""
    return Figure(text, not wrong and not waiting)


MONEY = [
    Check(
        name="card-payments",
        fault="T1",
        goal="charged at most once, and the bank and the log agree",
        run=card_payments,
        full=1_000,
    ),
]
