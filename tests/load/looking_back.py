"""A process of a filled shop that looks at its past when asked to, and says how long it took.

Several shops are asked in turns, each in a process of its own: what the machine does meanwhile hits
all of them alike. The process that asks (`Looker`) imports nothing of the shop's code.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.load.filled_shop import FilledShops, environment_of, opened_log
from tests.load.side_by_side import Progress
from tests.shop import ROOT

ORDER, CUSTOMER, TOPIC = "one order", "one customer", "one order, from a topic of all orders"
SCREENS = {"bar": "/bar/", "till": "/till/", "board": "/board/", "sales": "/manage/"}
DAY = "the page of a day"


def live(screen: str) -> str:
    """The live page of a screen."""
    return f"{screen}, live"


def then(screen: str) -> str:
    """The same screen at the end of the log: the same orders stand on it."""
    return f"{screen}, at T"


def day_before(screen: str) -> str:
    """The same screen a day before."""
    return f"{screen}, a day before"


@dataclass(frozen=True)
class Looker:
    """The process of one shop."""

    process: subprocess.Popen[str]

    def look(self, at: str, times: int = 1) -> list[float]:
        """The seconds of each look."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([at, times]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"Looking at {at} ended the process that looked.")
        seconds: list[float] = json.loads(answer)
        return seconds


@contextmanager
def looker(shops: FilledShops, events: int) -> Iterator[Looker]:
    """The log of a shop is open, and somebody is ready to look."""
    var = shops.var(events)
    with opened_log(var) as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.looking_back", shops.end.isoformat()],
            cwd=ROOT,
            env=environment_of(var, EVENTSTORE_URI=log.uri),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield Looker(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def in_turns(
    lookers: Sequence[Looker],
    looks: Sequence[str],
    rounds: int,
    each: int,
    progress: Progress = lambda share: None,
) -> list[dict[str, list[float]]]:
    """The medians of each round of looks, for each looker; in a different sequence every time."""
    found: list[dict[str, list[float]]] = [{look: [] for look in looks} for _ in lookers]
    for number in range(rounds + 1):
        turns = [(which, look) for look in looks for which in range(len(lookers))]
        for which, look in turns if number % 2 else reversed(turns):
            median = statistics.median(lookers[which].look(look, each))
            if number:  # the first round warms up
                found[which][look].append(median)
        progress((number + 1) / (rounds + 1))
    return found


# --- the process of the shop ----------------------------------------------------------------------


def main(end: datetime) -> None:
    """Answer questions until nobody asks any more."""
    looks = _looks(end)
    for line in sys.stdin:
        name, times = json.loads(line)
        seconds = []
        for _ in range(times):
            began = time.perf_counter()
            looks[name]()
            seconds.append(time.perf_counter() - began)
        print(json.dumps(seconds), flush=True)


def _looks(end: datetime) -> dict[str, Callable[[], object]]:
    import logging

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
    django.setup()
    logging.disable()

    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    from barstucks_site.collected_static import collect_if_changed
    from orders.domain.order_status import facts_at
    from orders.event_store import StoredEvent, event_store
    from projections.past import facts_of, tracked_order_at
    from projections.screens.directory import DirectoryEntry
    from projections.screens.order_tracking import TrackedOrder, orders_of_customer

    collect_if_changed()
    call_command("demo_accounts", verbosity=0, stdout=io.StringIO())
    ada = Client(headers={"host": "localhost"})
    ada.force_login(User.objects.get(username="ada"), "staff.login_backend.StaffBackend")
    served = TrackedOrder.objects.filter(ordered_at__lt=end - timedelta(hours=1), progress="served")
    order = served.latest("ordered_at")
    half = order.ordered_at + timedelta(seconds=120)
    registered = DirectoryEntry.objects.filter(
        kind="customer", first_at__lt=end - timedelta(days=1)
    )
    customer = registered.latest("first_at").customer

    def one_order() -> object:
        return tracked_order_at(order.order, half)

    def one_customer() -> object:
        rows = orders_of_customer(customer)
        own = facts_at(facts_of(f"customer-{customer}"), end)
        return own, [tracked_order_at(row.order, end) for row in rows]

    def from_a_topic() -> list[StoredEvent]:
        found: list[StoredEvent] = []
        after = None
        while page := event_store().read_all(after=after, limit=2_000):
            found += [event for event in page if event.stream == f"order-{order.order}"]
            after = page[-1].position
        return found

    def opened(path: str) -> Callable[[], object]:
        def look() -> Any:
            response = ada.get(path)
            assert response.status_code == 200, (path, response.status_code)
            return response

        return look

    def at(moment: datetime) -> str:
        return f"?at={quote(moment.isoformat())}"

    day = end.date()
    looks: dict[str, Callable[[], object]] = {
        ORDER: one_order,
        CUSTOMER: one_customer,
        TOPIC: from_a_topic,
        DAY: opened(f"/manage/?day={day - timedelta(days=1)}"),
    }
    for screen, path in SCREENS.items():
        of_that_day = f"?day={day}" if screen == "sales" else ""
        looks[live(screen)] = opened(path + of_that_day)
        looks[then(screen)] = opened(path + at(end))
        looks[day_before(screen)] = opened(path + at(end - timedelta(days=1)))
    return looks


if __name__ == "__main__":
    main(datetime.fromisoformat(sys.argv[1]))
