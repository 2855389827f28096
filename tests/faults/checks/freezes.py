"""What stands still and closes nothing: the log, the projector, the line between web and log."""

import os
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

from embedded_eventstore.tests.server_process import ServerProcess
from tests.browser.tcp_proxy import TcpProxy
from tests.faults.attack import under_attack
from tests.faults.check import Check, Figure, Progress
from tests.faults.honest_people import BEHIND_A_PROXY, HonestPeople
from tests.faults.order_journal import journal_of, read_journal
from tests.faults.ordering import OrderingProgram, contents_of, new_key
from tests.faults.recorded import read_log
from tests.faults.staff import staff
from tests.live_view import open_socket
from tests.shop import Shop

ANSWER_SECONDS = 5.0
STALE_SECONDS = 5.0
SAID_SECONDS = 20.0
"""Until everybody says so: a projector that is silent for 15 s counts as silent."""

BEHIND = re.compile(r"\b(silent|missing|behind)\b")
"""The manager's page says one of these only while something is wrong."""


@contextmanager
def standing_still(shop: Shop, part: str) -> Iterator[None]:
    """SIGSTOP; SIGCONT at the end, if nobody has replaced it meanwhile."""
    pid = shop.pid(part)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def pause(seconds: int, progress: Progress) -> None:
    """Wait, and say so."""
    for second in range(seconds):
        time.sleep(1)
        progress(second + 1)


def log_frozen(shop: Shop, count: int, progress: Progress) -> Figure:
    """Freeze the log for so many seconds while ten people a second order.

    Some of them believe a 503 and go away: the audit looks for orders written nevertheless.
    """

    def freeze() -> tuple[str, bool]:
        began = time.monotonic()
        with standing_still(shop, "eventstore"):
            pause(count, progress)
        return f"log frozen for {count} s; {_refusals(shop, began)}", True

    return under_attack(shop, freeze, orders=10.0)


def _refusals(shop: Shop, since: float) -> str:
    answers = read_journal(journal_of(shop)).answers
    statuses = Counter(a.status for a in answers if a.at > since and a.outcome == "info")
    return ", ".join(f"{n} × {status}" for status, n in sorted(statuses.items())) or "no 5xx"


def projector_frozen(shop: Shop, count: int, progress: Progress) -> Figure:
    """Freeze the projector for so many seconds after an order: do the screens say so?"""
    with (
        OrderingProgram.of(shop) as program,
        staff(shop, "bao", "ada") as (bao, ada),
        open_socket(bao, "barista-queue", bao.url) as socket,
    ):
        shop.wait_until(shop.says_all_is_well, 15)
        if BEHIND.search(ada.client.get("/manage/projections/").text):
            return Figure("the manager's page says so when nothing is wrong", held=False)
        with standing_still(shop, "projector"):
            for _ in range(20):
                program.insist(new_key(), contents_of())
            since = time.monotonic()
            said: dict[str, float] = {}
            while time.monotonic() - since < count:
                waited = time.monotonic() - since
                if "heartbeat" not in said and _says_it_is_old(socket):
                    said["heartbeat"] = time.monotonic() - since
                if "readyz" not in said and not shop.says_all_is_well():
                    said["readyz"] = time.monotonic() - since
                page = ada.client.get("/manage/projections/").text
                if "manager" not in said and BEHIND.search(page):
                    said["manager"] = time.monotonic() - since
                progress(waited)
                if len(said) == 3:
                    break
        began = time.monotonic()
        try:
            shop.wait_until(shop.says_all_is_well, 30)
        except TimeoutError:
            return Figure("not ready again after 30 s", held=False)
        normal = time.monotonic() - began
    missing = {"heartbeat", "readyz", "manager"} - said.keys()
    words = ", ".join(f"{where} after {seconds:.0f} s" for where, seconds in said.items())
    text = f"said by {words or 'nobody'}"
    if missing:
        text += f"; never by {', '.join(sorted(missing))} in {count} s"
    held = not missing and max(said.values()) <= SAID_SECONDS and normal <= 10
    return Figure(f"{text}; ready again after {normal:.1f} s", held)


def _says_it_is_old(socket: object) -> bool:
    """Whether a message of the live screen tells the age of a fact that is not on it yet."""
    import json

    from websockets.sync.client import ClientConnection

    assert isinstance(socket, ClientConnection)
    try:
        message = json.loads(socket.recv(timeout=0.5))
    except TimeoutError:
        return False
    stale = message.get("stale") or {}
    return message.get("kind") == "heartbeat" and float(stale.get("seconds") or 0) >= STALE_SECONDS


def read_models_locked(shop: Shop, count: int, progress: Progress) -> Figure:
    """Somebody holds the read models' lock for so many seconds: orders go on."""

    def lock() -> tuple[str, bool]:
        with closing(sqlite3.connect(shop.var / "read_models.sqlite3", timeout=5)) as file:
            file.execute("BEGIN IMMEDIATE")
            pause(count, progress)
            file.rollback()
        return f"read models locked for {count} s", True

    return under_attack(shop, lock)


def half_open_line(shop: Shop, count: int, progress: Progress) -> Figure:
    """The line between the shop and a log elsewhere stays open and carries nothing."""
    with ServerProcess(shop.var / "elsewhere") as log, TcpProxy(log.port) as line:
        port = urlsplit(line.url).port
        shop.environment = {
            **shop.environment,
            "EVENTSTORE_URI": f"esdb://127.0.0.1:{port}?Tls=false",
        }
        shop.start()

        def cut() -> tuple[str, bool]:
            line.freeze()
            pause(count, progress)
            line.mend()
            return f"nothing carried for {count} s", True

        figure = under_attack(shop, cut)
        wrong = _audit_elsewhere(shop, log.uri)
        shop.stop()
    return Figure(figure.text + (f"; {wrong[0]}" if wrong else ""), bool(figure.held) and not wrong)


def _audit_elsewhere(shop: Shop, uri: str) -> list[str]:
    from tests.faults.answer_audit import answers_are_wrong
    from tests.faults.audit import audit

    log = read_log(uri)
    return audit(log) + answers_are_wrong(log, read_journal(journal_of(shop)))


def two_projectors(shop: Shop, count: int, progress: Progress) -> Figure:
    """Two projectors at once; the first is frozen while the second goes on, then wakes up.

    The checkpoint may never go back, and every event is handled once: the audit counts.
    """
    import subprocess
    import sys

    from tests.faults.read_model_audit import read_checkpoints
    from tests.shop import ROOT

    second = subprocess.Popen(
        [sys.executable, "manage.py", "project"],
        cwd=ROOT,
        env=shop.environment | {"EVENTSTORE_URI": shop.eventstore_uri},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    went_back = 0
    furthest: dict[str, int] = {}
    try:
        with HonestPeople(shop, orders=10, looks=1):
            time.sleep(5)
            for number in range(count):
                with standing_still(shop, "projector"):
                    time.sleep(1.5)
                for _ in range(40):
                    for checkpoint in read_checkpoints(shop.var):
                        before = furthest.get(checkpoint.projection, -1)
                        went_back += checkpoint.position < before
                        furthest[checkpoint.projection] = checkpoint.position
                    time.sleep(0.02)
                progress(number + 1)
    finally:
        second.terminate()
        second.wait(20)
    return Figure(f"a checkpoint went back {went_back} times", went_back == 0)


FREEZES = [
    Check(
        name="log-frozen",
        fault="T6",
        goal="answers ≤ 5 s, menu p99 < 100 ms, nothing written after a 503, normal after 5 s",
        run=log_frozen,
        full=40,
        short=8,
        environment=BEHIND_A_PROXY,
    ),
    Check(
        name="projector-frozen",
        fault="T6",
        goal="live screens, /readyz and the manager's page say so within 20 s",
        run=projector_frozen,
        full=40,
        needs_own_shop=True,
    ),
    Check(
        name="read-models-locked",
        fault="T13",
        goal="orders go on, menu p99 < 100 ms, normal within 5 s",
        run=read_models_locked,
        full=30,
        environment=BEHIND_A_PROXY,
    ),
    Check(
        name="half-open-line",
        fault="T15",
        goal="answers ≤ 5 s, menu p99 < 100 ms, 0 lost, 0 doubled, normal within 5 s",
        run=half_open_line,
        full=30,
        environment=BEHIND_A_PROXY,
        starts_shop=False,
    ),
    Check(
        name="two-projectors",
        fault="T6",
        goal="no checkpoint goes back, every event is handled once",
        run=two_projectors,
        full=20,
        short=1,
        environment=BEHIND_A_PROXY,
    ),
]
