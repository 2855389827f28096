"""The same form more than once: again and again, at once, with other contents, over a bad line."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx

from tests.browser.tcp_proxy import TcpProxy
from tests.faults.check import Check, Figure, Progress
from tests.faults.order_journal import Answer, journal_of
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.shop import Shop

THREADS = 8
MOST_TIMES = 5
OFFLINE_SECONDS = (0.1, 1.0)


def duplicate_storm(shop: Shop, count: int, progress: Progress) -> Figure:
    """Each of so many forms is sent one to five times, one after the other and at once."""
    chance = random.Random(count)
    sendings = [
        key for key in (new_key() for _ in range(count)) for _ in range(chance.randint(1, 5))
    ]
    # Neighbours change places: copies of one form are under way at the same time.
    for at in range(0, len(sendings) - 1, 2):
        if chance.random() < 0.5:
            sendings[at], sendings[at + 1] = sendings[at + 1], sendings[at]
    statuses: Counter[int] = Counter()
    done = iter(range(len(sendings)))
    with OrderingProgram.of(shop) as program, ThreadPoolExecutor(THREADS) as threads:

        def send(key: str) -> None:
            statuses[program.insist(key, contents_of()).status] += 1
            progress(count * (next(done) + 1) / len(sendings))

        list(threads.map(send, sendings))
    text = f"{len(sendings):,} sendings of {count:,} forms: {_words(statuses)}"
    return Figure(text, statuses[httpx.codes.CREATED] == count and set(statuses) <= {200, 201})


def same_key_other_order(shop: Shop, count: int, progress: Progress) -> Figure:
    """Two requests with one key and different contents, at the same moment, so many times.

    One is recorded and told so; the other is told 409.
    """
    both_told_yes, other = 0, Counter[str]()
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            answers = at_once(program, new_key(), contents_of(quantity=1), contents_of(quantity=2))
            statuses = sorted(answer.status for answer in answers)
            both_told_yes += all(answer.outcome == "ok" for answer in answers)
            if statuses != [201, 409]:
                other["/".join(map(str, statuses))] += 1
            progress(number + 1)
    text = f"{count - other.total()} of {count} rounds 201 and 409"
    text += f"; {_words(other)}" if other else ""
    return Figure(text, both_told_yes == 0 and not other)


def same_order_at_once(shop: Shop, count: int, progress: Progress) -> Figure:
    """One form twice at the same moment: both are told the same number, that of the log."""
    differing, other = 0, Counter[str]()
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            answers = at_once(program, new_key(), contents_of(), contents_of())
            differing += len({answer.fields.get("number") for answer in answers}) > 1
            statuses = sorted(answer.status for answer in answers)
            if statuses != [200, 201]:
                other["/".join(map(str, statuses))] += 1
            progress(number + 1)
    text = f"{differing} of {count} rounds told two numbers"
    text += f"; {_words(other)}" if other else ""
    return Figure(text, differing == 0 and not other)


def same_key_after(shop: Shop, count: int, progress: Progress) -> Figure:
    """A form that was answered comes again, with an unknown item and with others: 409."""
    wrong: Counter[int] = Counter()
    with OrderingProgram.of(shop) as program:
        for number in range(count):
            key = new_key()
            program.insist(key, contents_of())
            for contents in (contents_of(item="no-such-thing"), contents_of(quantity=7)):
                status = program.send(key, contents).status
                if status != httpx.codes.CONFLICT:
                    wrong[status] += 1
            progress(number + 1)
    text = f"{wrong.total()} of {2 * count} not answered 409"
    return Figure(text + (f": {_words(wrong)}" if wrong else ""), not wrong)


def at_once(program: OrderingProgram, key: str, *contents: dict[str, object]) -> list[Answer]:
    """Send all of these under one key from a common start."""
    start = threading.Barrier(len(contents))

    def send(asked: dict[str, object]) -> Answer:
        start.wait()
        return program.send(key, asked)

    with ThreadPoolExecutor(len(contents)) as threads:
        return list(threads.map(send, contents))


def offline(shop: Shop, count: int, progress: Progress) -> Figure:
    """The line is cut just before, during or just after a form is sent; it is sent again later."""
    chance, statuses = random.Random(count), Counter[int]()
    port = urlsplit(shop.url).port
    assert port is not None
    with (
        TcpProxy(port) as line,
        OrderingProgram(line.url, journal_of(shop)) as program,
    ):
        for number in range(count):
            cut = threading.Timer(chance.uniform(0, 0.02), line.cut)
            mend = threading.Timer(chance.uniform(*OFFLINE_SECONDS), line.mend)
            cut.start()
            mend.start()
            statuses[program.insist(new_key(), contents_of()).status] += 1
            cut.join()
            mend.join()
            progress(number + 1)
    text = f"{count} forms over a line that was cut: {_words(statuses)}"
    return Figure(text, set(statuses) <= {200, 201})


def _words(counter: Counter[int] | Counter[str]) -> str:
    return ", ".join(f"{n:,} × {what or 'no answer'}" for what, n in sorted(counter.items()))


REPEATS = [
    Check(
        name="duplicate-storm",
        fault="T4",
        goal="exactly one order for each form",
        run=duplicate_storm,
        full=20_000,
        short=40,
    ),
    Check(
        name="same-key-other-order",
        fault="T4",
        goal="one 201, one 409, and the log has what was answered",
        run=same_key_other_order,
        full=200,
        short=10,
    ),
    Check(
        name="same-order-at-once",
        fault="T4",
        goal="both are told the number that the log has",
        run=same_order_at_once,
        full=200,
        short=10,
    ),
    Check(
        name="same-key-later",
        fault="T4",
        goal="409 for other contents, whatever they are",
        run=same_key_after,
        full=100,
        short=5,
    ),
    Check(
        name="offline",
        fault="T10",
        goal="0 forms lost, 0 doubled",
        run=offline,
        full=500,
        short=4,
    ),
]
