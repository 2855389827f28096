"""State has a time: order 323 of the article, imported, at four moments of 23 June 2019."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus, facts_at, fold
from orders.domain.progress import Money, Progress
from orders.event_codec import decode
from orders.event_store import EventStore
from rush.page import Element
from tests.shop import ROOT, Shop
from tests.visitor import Visitor

ARTICLE = ROOT / "docs" / "article-events.json"
SHOP_TIME = ZoneInfo("Europe/Berlin")


def on_that_day(clock: str) -> datetime:
    return datetime.fromisoformat(f"2019-06-23T{clock}:00").replace(tzinfo=SHOP_TIME)


@pytest.fixture(scope="module")
def stream(shop: Shop) -> str:
    """Order 323, imported; a second import changes nothing."""
    first = shop.command("import_events", str(ARTICLE))
    assert first.returncode == 0, first.stderr
    again = shop.command("import_events", str(ARTICLE))
    assert again.returncode == 0, again.stderr
    assert "0 events appended" in again.stdout
    return next(word for word in again.stdout.split() if word.startswith("order-")).rstrip(";")


@pytest.fixture(scope="module")
def facts(shop: Shop, stream: str) -> Iterator[list[Fact]]:
    store = EventStore(shop.eventstore_uri)
    read = (decode(stored) for stored in store.read_stream(stream))
    yield [fact for fact in read if fact is not None]
    store.close()


def at(facts: list[Fact], clock: str) -> OrderStatus:
    return fold(facts_at(facts, at=on_that_day(clock)))


def test_at_10_50_there_was_no_order(facts: list[Fact]) -> None:
    assert facts_at(facts, at=on_that_day("10:50")) == []


def test_at_10_58_it_was_ordered_and_not_paid(facts: list[Fact]) -> None:
    status = at(facts, "10:58")
    assert status.number == 323
    assert status.lines[0].name == "Iced Caffe Latte"
    assert (status.progress, status.money) == (Progress.WAITING, Money.DUE)
    assert status.due == 520


def test_at_11_01_it_was_paid_and_not_ready(facts: list[Fact]) -> None:
    status = at(facts, "11:01")
    assert (status.progress, status.money) == (Progress.WAITING, Money.PAID)
    assert status.due == 0


def test_at_11_05_it_was_ready_at_desk_3(facts: list[Fact]) -> None:
    status = at(facts, "11:05")
    assert (status.progress, status.money) == (Progress.READY, Money.PAID)
    assert status.desk == 3


@pytest.mark.parametrize(
    ("clock", "facts_then", "words"),
    [
        ("10:50", 0, "There was nothing yet."),
        ("10:58", 1, "Waiting · pay any time"),
        ("11:01", 2, "Waiting"),
        ("11:05", 3, "Ready"),
    ],
)
def test_the_managers_page_says_the_same(
    ada: Visitor, stream: str, clock: str, facts_then: int, words: str
) -> None:
    page = ada.open(f"/manage/streams/{stream}/?at=2019-06-23T{clock}:00")
    assert len(counted(page)) == facts_then
    state = page.find_all("aside", **{"class": "state"})[0]
    assert words in state.text
    assert ("Money paid" in state.text) == (facts_then >= 2)
    assert "HISTORY" in page.text.upper()
    assert [
        form.action for form in page.forms() if form.action.startswith(("/bar/", "/till/"))
    ] == []


def counted(page: Element) -> list[Element]:
    """The facts that belong to the moment on the page."""
    facts = page.find_all("ol", aria_label="Facts, first to last")[0].find_all("li")
    return [fact for fact in facts if "not-yet" not in fact.attributes["class"]]


def test_what_was_known_is_another_question_than_what_had_happened(
    ada: Visitor, stream: str
) -> None:
    """Imported today: at that time, the shop's log knew nothing of it."""
    page = ada.open(f"/manage/streams/{stream}/?as_of=2019-06-23T11:05:00")
    assert counted(page) == []
    assert len(counted(ada.open(f"/manage/streams/{stream}/?version=2"))) == 2


def test_the_bar_of_a_moment_ago_shows_what_stood_there(
    shop: Shop, helen: Visitor, bao: Visitor
) -> None:
    placed = helen.order(name="then")
    before = datetime.now(tz=SHOP_TIME).replace(tzinfo=None).isoformat(timespec="milliseconds")
    for action in ("take", "ready"):
        assert bao.press(f"/bar/{placed.order}/{action}/").status_code < 300
    helen.wait_for_words(placed, "Please pay")
    then = bao.open(f"/bar/?at={before}")
    now = bao.open("/bar/")
    assert then.find_all(id=f"ticket-{placed.order}")
    assert now.find_all(id=f"ticket-{placed.order}") == []
    assert then.find_all(id=f"ticket-{placed.order}")[0].forms() == []


def test_the_till_of_a_moment_ago_has_no_buttons(helen: Visitor, casey: Visitor) -> None:
    placed = helen.order(name="then")
    before = datetime.now(tz=SHOP_TIME).replace(tzinfo=None).isoformat(timespec="milliseconds")
    assert casey.press(f"/till/{placed.order}/cash/", given="50.00").status_code < 300
    helen.wait_for_words(placed, "Paid")
    then = casey.open(f"/till/?at={before}").find_all(id=f"balance-{placed.order}")
    assert "pay any time" in then[0].text
    assert then[0].forms() == []
