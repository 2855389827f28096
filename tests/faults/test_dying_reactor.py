"""The reactor dies at every step of a card payment and of a refund.

Each time: every started payment ends paid, declined or rolled back; the card is charged at most
once, and money given back at most once.
"""

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from tests.faults.audit import audit
from tests.faults.money_audit import unsettled
from tests.faults.recorded import Recorded, read_log
from tests.faults.terminal_audit import Movement, read_terminal, terminal_is_wrong
from tests.shop import ROOT, Shop
from tests.visitor import PlacedOrder, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MOMENTS = [
    ("demo-approve", "charge", "before"),
    ("demo-approve", "charge", "after"),
    ("demo-approve", "OrderPaid", "before"),
    ("demo-approve", "OrderPaid", "after"),
    ("demo-approve", "RefundStarted", "before"),
    ("demo-approve", "RefundStarted", "after"),
    ("demo-approve", "refund", "before"),
    ("demo-approve", "refund", "after"),
    ("demo-approve", "PaymentRefunded", "before"),
    ("demo-approve", "PaymentRefunded", "after"),
    ("demo-approve", "checkpoint", "before"),
    ("demo-approve", "checkpoint", "after"),
    ("demo-decline", "charge", "after"),
    ("demo-decline", "PaymentDeclined", "after"),
    ("demo-timeout", "OrderPaid", "before"),
    ("demo-lost", "cancel", "before"),
    ("demo-lost", "cancel", "after"),
    ("demo-lost", "PaymentRolledBack", "after"),
]


@contextmanager
def frozen(shop: Shop, part: str) -> Iterator[None]:
    """The part stands still meanwhile, and goes on afterwards as if nothing had been.

    Not in the middle of a transaction: the accounts' file would stay locked for everybody.
    """
    pid = shop.pid(part)
    os.kill(pid, signal.SIGSTOP)
    while is_locked(shop):
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.1)
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def is_locked(shop: Shop) -> bool:
    """Whether somebody holds the lock of the accounts' file at this moment."""
    with closing(sqlite3.connect(shop.var / "default.sqlite3", timeout=0.5)) as file:
        try:
            file.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return True
        file.rollback()
    return False


class DyingReactors:
    """Reactors of our own, which read on at the checkpoint and die at a moment, one at a time."""

    def __init__(self, shop: Shop) -> None:
        self._said = shop.var / "dying_reactors.log"
        environment = {
            "EVENTSTORE_URI": shop.eventstore_uri,
            "DJANGO_SETTINGS_MODULE": "barstucks_site.settings",
        }
        with self._said.open("wb") as said:
            self._forking = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.dying_reactor"],
                cwd=ROOT,
                env=shop.environment | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                bufsize=0,
            )

    def close(self) -> None:
        """End the process that forks them."""
        self._forking.communicate()

    def start(self, card: str, what: str, when: str) -> int:
        """Start one; its process id.

        It gives up at once on the card that never responds, and never on the others.
        """
        give_up_seconds = 1 if card == "demo-lost" else 600
        assert self._forking.stdin
        self._forking.stdin.write(f"{what} {when} {give_up_seconds}\n".encode())
        return self._number()

    def exit_code(self) -> int:
        """Wait until it has ended (40 s)."""
        assert self._forking.stdout
        ended, _, _ = select.select([self._forking.stdout], [], [], 40)
        if not ended:
            raise TimeoutError
        return self._number()

    def die_at(self, card: str, what: str, when: str) -> int:
        """Let one run until it dies; its exit code."""
        reactor = self.start(card, what, when)
        try:
            return self.exit_code()
        except TimeoutError:
            os.kill(reactor, signal.SIGKILL)
            self._number()
            pytest.fail(f"It never came to {what}: {self._said.read_text()[-2000:]}")

    @contextmanager
    def next_one(self, card: str) -> Iterator[None]:
        """The reactor that is started in place of the dead one, and lives."""
        reactor = self.start(card, "never", "never")
        try:
            yield
        finally:
            os.kill(reactor, signal.SIGKILL)
            self._number()

    def _number(self) -> int:
        assert self._forking.stdout
        line = self._forking.stdout.readline()
        assert line, self._said.read_text()[-2000:]
        return int(line)


@pytest.fixture(scope="module")
def reactors(shop: Shop) -> Iterator[DyingReactors]:
    """One process for all of them."""
    forking = DyingReactors(shop)
    yield forking
    forking.close()


def facts_of(shop: Shop, placed: PlacedOrder) -> list[Recorded]:
    return [event for event in read_log(shop.eventstore_uri) if event.order == placed.order]


def is_settled(shop: Shop, placed: PlacedOrder) -> bool:
    """Nothing under way, and nothing kept of a cancelled order."""
    facts = facts_of(shop, placed)
    names = [event.type_name for event in facts]
    bar_knows = "PreparationStopped" in names
    kept = "OrderPaid" in names and "PaymentRefunded" not in names
    outcome = {"OrderPaid", "PaymentDeclined", "PaymentRolledBack"} & set(names)
    return bar_knows and not kept and bool(outcome) and unsettled(facts) == []


@pytest.mark.parametrize(("card", "what", "when"), MOMENTS)
def test_a_payment_survives_the_death_of_the_reactor(
    shop: Shop,
    helen: Visitor,
    reactors: DyingReactors,
    card: str,
    what: str,
    when: str,
) -> None:
    with frozen(shop, "reactor"):
        placed = helen.order(card=card)
        cancel = helen.open(placed.tracking).form(ending="/cancel/")
        assert helen.submit(cancel).status_code == 303
        assert reactors.die_at(card, what, when) == -signal.SIGKILL
        with reactors.next_one(card):
            shop.wait_until(lambda: is_settled(shop, placed), 60)
    # The shop's own reactor wakes up and reads late what others have dealt with: no harm in that.
    time.sleep(0.5)
    log = read_log(shop.eventstore_uri)
    assert audit(log, [placed.order]) == []
    assert terminal_is_wrong(log, read_terminal(shop.var)) == []


def fact(type_name: str, **data: object) -> Recorded:
    return Recorded(
        stream="order-41",
        revision=0,
        position=0,
        event_id="",
        type_name=type_name,
        data=data,
        metadata={},
    )


def test_the_terminals_audit_notices_what_it_is_there_for() -> None:
    paid = fact("OrderPaid", payment="p", amount=320, tender="card")
    back = fact("PaymentRefunded", refund="r", payment="p", amount=320, tender="card")
    charge = Movement("p", "approved", 320, "")
    refund = Movement("r", "refunded", 320, "p")
    assert terminal_is_wrong([paid, back], [charge, refund]) == []
    assert terminal_is_wrong([paid], [charge, replace(charge, key="again")])
    assert terminal_is_wrong([paid], [])
    assert terminal_is_wrong([paid], [replace(charge, amount=640)])
    assert terminal_is_wrong([paid, back], [charge, refund, replace(refund, key="again")])
    assert terminal_is_wrong([paid], [charge, refund])
