"""The reactor at a running log: nothing that fails ends it, a hanging card holds up nobody else."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from orders.command_handler import handle
from orders.domain import ordering, payment
from orders.domain.streams import order_stream
from orders.event_store import EventStore
from orders.payments.gateway import Approved, PaymentGateway
from orders.reactions import reactor as reactor_module
from orders.reactions.reactions import Reactions
from orders.reactions.reactor import Reactor
from orders.reactions.tests.bank import Bank
from orders.reactions.tests.reactor_at_work import (
    FollowedLogInMemory,
    KeptCheckpoint,
    KeptParking,
    KeptTimers,
)
from orders.tests.patience import PATIENCE_SECONDS, once_it_is_back, until
from orders.tests.shop_cast import NOON, envelope, latte_order
from tests.eventstore_fixture import RunningEventstore, start_eventstore

ROOT = Path(__file__).parents[3]


@contextmanager
def reacting(uri: str, gateway: PaymentGateway, checkpoint: KeptCheckpoint) -> Iterator[Reactor]:
    store = EventStore(uri)
    reactor = Reactor(
        store,
        Reactions(store, gateway, give_up=timedelta(minutes=1), clock=lambda: NOON),
        checkpoint,
        KeptParking(),
    )
    stopping = threading.Event()
    thread = threading.Thread(target=reactor.run, args=(stopping,))
    thread.start()
    try:
        yield reactor
    finally:
        stopping.set()
        thread.join(PATIENCE_SECONDS)
        store.close()
        assert not thread.is_alive()


def order(store: EventStore) -> str:
    stream = order_stream(uuid4())
    handle(stream, latte_order(), store=store)
    return stream


def pay(store: EventStore, stream: str, card: str = "card") -> None:
    command = payment.StartCardPayment(**envelope(), payment=uuid4().hex, card_token=card)
    handle(stream, command, store=store)


def cancel(store: EventStore, stream: str) -> None:
    command = ordering.CancelOrder(**envelope(), reason="no milk", by_shop=True)
    handle(stream, command, store=store)


def types(store: EventStore, stream: str) -> list[str]:
    return [event.type_name for event in store.read_stream(stream)]


def test_it_follows_the_log_and_ends_with_everything_noted(
    own_eventstore: RunningEventstore,
) -> None:
    store, checkpoint = EventStore(own_eventstore.uri), KeptCheckpoint()
    early = order(store)
    pay(store, early)

    with reacting(own_eventstore.uri, Bank(), checkpoint) as reactor:
        late = order(store)
        pay(store, late)
        for stream in (early, late):
            until(lambda stream=stream: "OrderPaid" in types(store, stream))  # type: ignore[misc]
        until(lambda: not reactor.open and reactor.seen == store.head())

    assert checkpoint.position == store.head()
    store.close()


def test_who_starts_over_holds_a_bounded_part_of_the_log_in_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reactor_module, "MOST_WAITING", 10)
    monkeypatch.setattr(reactor_module, "ROOM_SECONDS", PATIENCE_SECONDS)
    log, may_append = FollowedLogInMemory(), threading.Semaphore(0)
    handle(order_stream(uuid4()), latte_order(), store=log)
    (ordered,) = log.events
    batches = [
        [replace(ordered, position=100 * number + n) for n in range(10)] for number in range(3)
    ]
    with ThreadPoolExecutor(1) as appending:

        def when_it_may(react: Callable[[], None]) -> None:
            may_append.acquire()
            react()

        def follow() -> None:
            for batch in batches:
                reactor.handle(batch)

        reactor = Reactor(
            log,
            reactions_on(log),
            KeptCheckpoint(),
            KeptParking(),
            append=lambda react: appending.submit(when_it_may, react),
        )
        following = threading.Thread(target=follow)
        following.start()
        try:
            until(lambda: reactor.open == 10)
            time.sleep(0.1)
            assert reactor.open == 10
            may_append.release()
            until(lambda: reactor.open == 19)
        finally:
            may_append.release(40)
            following.join(PATIENCE_SECONDS)
    assert reactor.open == 0


def test_what_was_begun_for_another_log_takes_nothing_away_from_this_one() -> None:
    log, begun = FollowedLogInMemory(), list[Callable[[], None]]()
    stream = order_stream(uuid4())
    handle(stream, latte_order(), store=log)
    (ordered,) = log.events
    reactor = Reactor(log, reactions_on(log), KeptCheckpoint(), KeptParking(), append=begun.append)
    reactor.load(log.head)
    reactor.handle([ordered])
    log.events = [replace(ordered, event_id=uuid4())]
    reactor.load(log.head)
    reactor.handle(log.events)

    begun[0]()
    assert reactor.open == 1
    begun[1]()
    assert reactor.open == 0


def reactions_on(log: FollowedLogInMemory) -> Reactions:
    minute = timedelta(minutes=1)
    return Reactions(log, Bank(), give_up=minute, clock=lambda: NOON, timers=KeptTimers())


class Hanging(Bank):
    """Its terminal hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.called, self.let_go = threading.Event(), threading.Event()

    def charge(self, key: str, amount: int, currency: str, card_token: str) -> Approved:
        self.called.set()
        self.let_go.wait(PATIENCE_SECONDS)
        return Approved()


def test_a_hanging_card_holds_up_nobody_else(own_eventstore: RunningEventstore) -> None:
    store, bank = EventStore(own_eventstore.uri), Hanging()
    hung, other = order(store), order(store)

    with reacting(own_eventstore.uri, bank, KeptCheckpoint()):
        pay(store, hung)
        assert bank.called.wait(PATIENCE_SECONDS)
        cancel(store, other)
        until(lambda: "PreparationStopped" in types(store, other))
        assert "OrderPaid" not in types(store, hung)
        bank.let_go.set()
        until(lambda: "OrderPaid" in types(store, hung))
    store.close()


def test_it_goes_on_when_a_killed_log_is_back(tmp_path: Path) -> None:
    server = start_eventstore(tmp_path)
    store = EventStore(server.uri)
    stream = order(store)
    try:
        with reacting(server.uri, Bank(), KeptCheckpoint()) as reactor:
            until(lambda: reactor.seen == store.head())
            server.kill()
            server = start_eventstore(tmp_path, int(server.uri.split(":")[2].split("?")[0]))
            once_it_is_back(lambda: pay(store, stream))
            until(lambda: "OrderPaid" in types(store, stream))
    finally:
        server.stop()
        store.close()


def test_it_goes_on_when_a_frozen_log_thaws(own_eventstore: RunningEventstore) -> None:
    store = EventStore(own_eventstore.uri)
    stream = order(store)

    with reacting(own_eventstore.uri, Bank(), KeptCheckpoint()) as reactor:
        until(lambda: reactor.seen == store.head())
        own_eventstore.freeze()
        time.sleep(6)
        own_eventstore.thaw()
        once_it_is_back(lambda: pay(store, stream))
        until(lambda: "OrderPaid" in types(store, stream))
    store.close()


def test_it_starts_over_on_an_older_copy_of_the_log(own_eventstore: RunningEventstore) -> None:
    store = EventStore(own_eventstore.uri)
    stream = order(store)
    pay(store, stream)
    ahead = KeptCheckpoint(position=store.head() + 1_000)

    with reacting(own_eventstore.uri, Bank(), ahead) as reactor:
        until(lambda: "OrderPaid" in types(store, stream))
        until(lambda: not reactor.open and reactor.seen == store.head())

    assert ahead.position == store.head()
    store.close()


def test_the_command_charges_the_demo_terminal_and_stops_at_a_signal(
    own_eventstore: RunningEventstore, tmp_path: Path
) -> None:
    environment = os.environ | {
        "BARSTUCKS_VAR": str(tmp_path),
        "EVENTSTORE_URI": own_eventstore.uri,
        # A checkpoint of its own: the one of another log would point behind the end of this one.
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}",
        "BARSTUCKS_MODE": "demo",
        "DJANGO_SETTINGS_MODULE": "barstucks_site.settings",
    }

    def manage(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    migrating = manage("migrate", "--database", "default", "--skip-checks")
    assert migrating.communicate(timeout=60)[0]
    assert migrating.returncode == 0
    store = EventStore(own_eventstore.uri)
    approved, declined = order(store), order(store)
    reacting_process = manage("react", "--give-up-after", str(10 * 365 * 24 * 3600))
    try:
        pay(store, approved, "demo-approve")
        pay(store, declined, "demo-decline")
        until(lambda: "OrderPaid" in types(store, approved))
        until(lambda: "PaymentDeclined" in types(store, declined))
    finally:
        reacting_process.send_signal(signal.SIGTERM)
        said, _ = reacting_process.communicate(timeout=PATIENCE_SECONDS)
    assert (reacting_process.returncode, "has stopped" in said) == (0, True), said
    store.close()
