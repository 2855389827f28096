"""The stream browser: every fact of a stream, and the state after any of them."""

import pytest
from django.test import Client

from orders.domain.events import CoffeePrepared, CustomerRegistered, PreparationStarted
from projections.tests.at_a_screen import BOTH, actor_named, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import HELEN, HELENS_STREAM, order_stream_number, ordered
from projections.views import streams

pytestmark = pytest.mark.django_db(databases=BOTH)

STREAM = order_stream_number(1)


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> InMemoryLog:
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen"))
    log.write(STREAM, ordered(1), after=60)  # 8:01:01
    log.write(STREAM, PreparationStarted(barista=actor_named("Bao")), after=60)  # 8:02:01
    log.write(STREAM, CoffeePrepared(desk=1), after=60)  # 8:03:01
    monkeypatch.setattr(streams, "facts_of", log.facts)
    shown(log)
    return log


@pytest.mark.parametrize("wanted", ["1", "001", "Hel", STREAM, STREAM.removeprefix("order-")])
def test_an_order_is_found_by_number_name_and_id(ada: Client, wanted: str) -> None:
    assert f"/manage/streams/{STREAM}/" in page(ada, f"/manage/streams/?q={wanted}")


def test_a_customer_is_found_by_name(ada: Client) -> None:
    assert f"/manage/streams/{HELENS_STREAM}/" in page(ada, "/manage/streams/?q=helen")
    assert "Nothing under that" in page(ada, "/manage/streams/?q=Nobody")


def test_a_stream_shows_every_fact_with_its_envelope(ada: Client, log: InMemoryLog) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/")
    for words in ("CoffeeOrdered", "PreparationStarted", "CoffeePrepared", "PREPARATION"):
        assert words in html
    for stored in log.read_stream(STREAM):
        assert str(stored.event_id) in html
        assert str(stored.position) in html
    assert "&quot;name&quot;: &quot;Helen&quot;" in html
    assert "Ready · please pay €4.00" in html
    assert "Folded from 3 of 3 facts" in html


@pytest.mark.parametrize(
    ("moment", "headline", "folded"),
    [
        ("version=0", "There was nothing yet.", "0 of 3"),
        ("version=1", "Waiting · pay any time", "1 of 3"),
        ("version=2", "Making · pay any time", "2 of 3"),
        ("at=2026-05-04T08:02:30Z", "Making · pay any time", "2 of 3"),
        ("as_of=2026-05-04T08:01:30Z", "Waiting · pay any time", "1 of 3"),
        ("at=2020-01-01T00:00:00Z", "There was nothing yet.", "0 of 3"),
    ],
)
def test_the_state_at_a_moment_is_the_prefix_folded(
    ada: Client, moment: str, headline: str, folded: str
) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/?{moment}")
    assert headline in html
    assert f"Folded from {folded} facts" in html
    assert "HISTORY" in html


def test_a_customers_stream_has_facts_and_no_order(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{HELENS_STREAM}/")
    assert "CustomerRegistered" in html
    assert "State now" not in html


@pytest.mark.parametrize(
    "path", ["order-unheard-of", "$streams", "shopping-1", "order-" + "a" * 200]
)
def test_what_is_no_stream_of_ours_is_not_found(ada: Client, path: str) -> None:
    assert ada.get(f"/manage/streams/{path}/").status_code == 404


@pytest.mark.parametrize("moment", ["version=two", "at=soon", "as_of=2026-13-01"])
def test_a_moment_that_is_none_is_refused(ada: Client, moment: str) -> None:
    assert ada.get(f"/manage/streams/{STREAM}/?{moment}").status_code == 422


@pytest.mark.parametrize("path", ["/manage/streams/", f"/manage/streams/{STREAM}/"])
def test_who_may_read_the_facts(path: str) -> None:
    assert Client().get(path)["Location"].startswith("/staff/login/")
    for role in ("barista", "cashier"):
        assert member(role).get(path).status_code == 403
    assert member("manager").post(path).status_code == 405
