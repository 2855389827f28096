"""The shop as a whole, as one process knows it: read on, and kept while the log is away."""

import threading
from dataclasses import replace

import pytest

from orders.domain.events import StockKind
from orders.domain.stock import SellOut
from orders.event_store import StoredEvent, StoreUnavailable
from orders.shop_state import ShopState
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import NOON, envelope


class Log(LogInMemory):
    """A log that may be away, and that notes from where it was read."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.asked_behind: list[int | None] = []

    def read_stream(self, stream: str, after: int | None = None) -> list[StoredEvent]:
        if self.is_away:
            raise StoreUnavailable
        self.asked_behind.append(after)
        return super().read_stream(stream, after)


class Process:
    """A process with its own idea of the shop, and a clock that a test moves."""

    def __init__(self, log: Log) -> None:
        self.now = 0.0
        self.state = ShopState(lambda: log, clock=lambda: self.now)

    def has(self, slug: str) -> bool:
        return not self.state.shop().is_sold_out(StockKind.ITEM, slug, NOON)


@pytest.fixture
def log() -> Log:
    return Log()


def sell_out(process: Process, slug: str) -> None:
    command = SellOut(**envelope(), kind=StockKind.ITEM, slug=slug, for_minutes=0)
    process.state.tell(command)


def test_who_pressed_sees_it_at_once_and_others_half_a_second_later(log: Log) -> None:
    here, there = Process(log), Process(log)
    assert there.has("bagel")

    sell_out(here, "bagel")

    assert not here.has("bagel")
    assert there.has("bagel")
    there.now += 0.5
    assert not there.has("bagel")


def test_who_pressed_sees_it_while_others_look(log: Log) -> None:
    here = Process(log)
    assert here.has("bagel")
    begun, go_on = threading.Event(), threading.Event()
    read = log.read_stream

    def read_slowly(stream: str, after: int | None = None) -> list[StoredEvent]:
        found = read(stream, after)
        if threading.current_thread() is looking:
            begun.set()
            assert go_on.wait(5)
        return found

    log.read_stream = read_slowly  # type: ignore[method-assign]
    here.now += 1
    looking = threading.Thread(target=here.state.shop)
    looking.start()
    assert begun.wait(5), "another thread has read what was before"
    threading.Timer(0.05, go_on.set).start()

    sell_out(here, "bagel")

    assert not here.has("bagel")
    looking.join()


def test_it_reads_on_from_what_it_knows(log: Log) -> None:
    here, there = Process(log), Process(log)
    for slug in ("bagel", "brownie"):
        sell_out(here, slug)
    assert not there.has("bagel")
    log.asked_behind.clear()

    there.now += 1
    assert not there.has("brownie")

    assert log.asked_behind == [1]
    assert there.state.revision == 1


def test_while_the_log_is_away_it_goes_on_with_what_it_knew(log: Log) -> None:
    here = Process(log)
    sell_out(here, "bagel")
    assert not here.has("bagel")

    log.is_away = True
    here.now += 60
    assert not here.has("bagel")
    assert here.has("brownie")


def test_what_a_later_program_wrote_is_passed_over(log: Log) -> None:
    here = Process(log)
    sell_out(here, "bagel")
    sell_out(here, "brownie")
    log.events[0] = replace(log.events[0], type_name="SomethingNewer")

    there = Process(log)

    assert there.has("bagel")
    assert not there.has("brownie")


def test_what_is_drawn_does_not_wait(log: Log) -> None:
    here, there = Process(log), Process(log)
    assert there.has("bagel")
    sell_out(here, "bagel")
    there.now += 60

    known = there.state.known()

    assert not known.is_sold_out(StockKind.ITEM, "bagel", NOON)


def test_who_was_told_of_a_fact_knows_it_at_once(log: Log) -> None:
    here, there = Process(log), Process(log)
    assert there.has("bagel")
    sell_out(here, "bagel")
    log.asked_behind.clear()

    there.state.know(0)
    there.state.know(0)

    assert not there.has("bagel")
    assert log.asked_behind == [None]


def test_who_was_told_while_the_log_is_away_goes_on(log: Log) -> None:
    there = Process(log)
    assert there.has("bagel")
    log.is_away = True

    there.state.know(5)

    assert there.has("bagel")


def test_the_same_form_sent_again_later_is_the_same_command(log: Log) -> None:
    here, one = Process(log), envelope()
    for minutes in (600, 599):
        command = SellOut(
            **one, kind=StockKind.ITEM, slug="bagel", for_minutes=minutes, how_long="today"
        )
        here.state.tell(command)

    assert len(log.events) == 1
