"""The stream browser: every fact of a stream, and the state after any of them."""

import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client

from orders.domain.events import (
    CoffeePrepared,
    CustomerForgotten,
    CustomerRegistered,
    OrderServed,
    PreparationStarted,
    SettingChosen,
)
from orders.domain.streams import customer_stream
from projections.screens import directory
from projections.screens.barista_queue.ticket import QueueTicket
from projections.tests.at_a_screen import BOTH, actor_named, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)
from projections.views import changed_rows, streams
from staff.models import AuditedLook

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


@pytest.mark.parametrize("typed", ["özlem", "ÖZLEM", "Ö", "o\u0308zl", "%", "_", "öz%m"])
def test_a_name_is_found_however_it_is_typed(ada: Client, log: InMemoryLog, typed: str) -> None:
    stream = order_stream_number(2)
    project(log, [log.write(stream, ordered(2, name="Özlem"))])

    html = page(ada, f"/manage/streams/?q={quote(typed)}")

    is_found = not {*typed} & {"%", "_"}
    assert (f"/manage/streams/{stream}/" in html) == is_found


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


@pytest.mark.parametrize(("version", "made"), [(2, "0 of 1"), (3, "1 of 1")])
def test_what_is_ready_is_made_though_nobody_ticked_its_lines(
    ada: Client, version: int, made: str
) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/?version={version}")

    assert f"<dt>Lines made</dt><dd>{made}</dd>" in html


def test_older_streams_stand_on_further_pages(
    ada: Client, log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "FOUND_AT_MOST", 2)
    same_moment = [log.write(order_stream_number(n), ordered(n), after=0) for n in (2, 3, 4, 5)]
    project(log, same_moment)

    found, path = [], "/manage/streams/?q=hel"
    while path:
        html = page(ada, path)
        found.append(re.findall(r"/manage/streams/([a-z]+-[0-9a-f]+)/", html))
        older = re.search(r'<a href="(\?[^"]+)">Older ones</a>', html)
        path = f"/manage/streams/{unescape(older[1])}" if older else ""

    assert found == [
        [order_stream_number(2), order_stream_number(3)],
        [order_stream_number(4), order_stream_number(5)],
        [STREAM, HELENS_STREAM],
    ]
    assert ada.get("/manage/streams/?before=order-nowhere").status_code == 404


def test_the_slider_stands_at_the_version_and_leads_away_from_it(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/?version=2")
    [form] = re.findall(r'<form class="time-slider".*?</form>', html, re.DOTALL)

    assert 'value="2026-05-04T10:02:01"' in form  # when Bao took it, by the shop's clock
    assert 'name="version"' not in form
    assert 'value="2026-05-04T10:03:01"' in page(ada, f"/manage/streams/{STREAM}/")


def test_the_fields_of_time_lose_no_fact_to_a_fraction_of_a_second(
    ada: Client, log: InMemoryLog
) -> None:
    log.write(STREAM, OrderServed(), after=60.7)  # 8:04:01.7
    html = page(ada, f"/manage/streams/{STREAM}/")

    fields = dict(re.findall(r'type="datetime-local" step="1" name="(\w+)" value="([^"]+)"', html))
    assert fields == {"at": "2026-05-04T10:04:02", "as_of": "2026-05-04T10:04:02"}
    for name, value in fields.items():
        shown = page(ada, f"/manage/streams/{STREAM}/?{name}={value}")
        assert "Folded from 4 of 4 facts" in shown
        assert f'name="{name}" value="{value}"' in shown


def test_a_customers_stream_has_facts_and_no_order(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{HELENS_STREAM}/")
    assert "CustomerRegistered" in html
    assert "State now" not in html


def test_an_order_is_told_in_sentences_with_the_time_between(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/")

    assert "<h3>Bao took it.</h3>" in html
    assert "1 min later" in html
    assert html.count("later</p>") == 2


def test_what_was_written_is_folded_away(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/")

    assert html.count("<details>") == html.count("<pre ") == 3
    assert re.search(r"<details>\s*<summary>CoffeePrepared, as it was written</summary>", html)


def changed_by_fact(html: str) -> list[list[str]]:
    """For each fact the read models that it changed, as the page links them."""
    lists = re.findall(r'class="changed">(.*?)</p>', html)
    return [re.findall(r">([^<>]+)</a>", links) for links in lists]


def test_each_fact_says_which_rows_it_changed(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/")
    first, second, third = changed_by_fact(html)

    of_each = {"ticket", "balance", "board entry", "tracked order"}
    assert of_each | {"sales of day", "directory entry"} <= set(first)
    assert of_each <= set(second)
    assert {"sales of day", "directory entry"}.isdisjoint(second)
    assert "promise" in third
    assert "directory entry" not in third
    assert "/inspect/projections/salesofday/?day=2026-05-04" in html


def test_facts_beside_orders_say_which_rows_they_changed_too(ada: Client, log: InMemoryLog) -> None:
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex), after=60)
    registered, forgotten = changed_by_fact(page(ada, f"/manage/streams/{HELENS_STREAM}/"))

    assert registered == ["directory entry"]
    assert {"directory entry", "ticket", "balance", "board entry", "tracked order"} == set(
        forgotten
    )
    log.write("shop-main", SettingChosen(setting="one_tap", value="yes"))
    assert changed_by_fact(page(ada, "/manage/streams/shop-main/")) == [["shop news"]]


def shown_versions(html: str) -> list[int]:
    """Which facts stand on a page, by the version that they made."""
    return [int(version) for version in re.findall(r'class="version" href="\?version=(\d+)"', html)]


def test_a_long_stream_is_read_page_by_page(
    ada: Client, log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_SHOWN", 4)
    for minutes in range(1, 11):
        log.write("shop-main", SettingChosen(setting="promise_minutes", value=str(minutes)))
    path = "/manage/streams/shop-main/"

    latest = page(ada, path)
    assert shown_versions(latest) == [7, 8, 9, 10]
    assert "Facts 7 to 10 of 10" in latest
    earlier = page(ada, f"{path}?upto=6")
    assert 'href="?upto=6"' in latest
    assert shown_versions(earlier) == [3, 4, 5, 6]
    assert 'href="?upto=10"' in earlier
    around = page(ada, f"{path}?version=5")
    assert shown_versions(around) == [4, 5, 6, 7]
    assert "5 of 10 facts" in around
    assert 'href="?upto=3&amp;version=5"' in around
    assert shown_versions(page(ada, f"{path}?upto=0")) == [1, 2, 3, 4]
    assert ada.get(f"{path}?upto=x").status_code == 422
    assert "Earlier facts" not in page(ada, f"/manage/streams/{STREAM}/")


def test_from_a_fact_it_is_one_click_to_the_rows(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{STREAM}/")
    ticket = QueueTicket.objects.get(order=order_hex(1))
    address = f"/inspect/projections/queueticket/{ticket.pk}/change/"

    assert html.count(address) == 4  # for three facts, and in the list of its rows
    assert "001 ready" in page(ada, address)


def test_a_customer_is_who_they_are_now(ada: Client) -> None:
    html = page(ada, f"/manage/streams/{HELENS_STREAM}/")

    assert "Who they are now" in html
    assert "Customer · Helen" in html
    assert f'<a href="/manage/streams/{STREAM}/">001</a> Ready · please pay €4.00' in html


@pytest.mark.parametrize(
    ("at", "who", "order"),
    [
        ("2026-05-04T08:02:30Z", "Helen", "Making · pay any time"),
        ("2026-05-04T08:00:30Z", "Helen", ""),
        ("2026-05-04T08:00:00Z", "A guest, not registered", ""),
    ],
)
def test_a_customer_is_who_they_were_then(ada: Client, at: str, who: str, order: str) -> None:
    html = page(ada, f"/manage/streams/{HELENS_STREAM}/?at={at}")

    assert "Who they were then" in html
    assert f'<p class="headline">{who}</p>' in html
    assert order in html
    assert ("/manage/streams/order-" in html) == bool(order)


def test_a_forgotten_customer_has_orders_and_no_name(ada: Client, log: InMemoryLog) -> None:
    forgetting = log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex), after=60)
    project(log, [forgetting])
    log.keys.destroy(HELEN.hex)

    now = page(ada, f"/manage/streams/{HELENS_STREAM}/")
    assert '<p class="headline">Forgotten</p>' in now
    assert f"/manage/streams/{STREAM}/" in now
    assert "Helen" not in now
    before = page(ada, f"/manage/streams/{HELENS_STREAM}/?at=2026-05-04T08:02:30Z")
    assert '<p class="headline">Registered</p>' in before
    assert "Helen" not in before


def test_a_guest_has_a_page_with_their_orders(ada: Client, log: InMemoryLog) -> None:
    guest = UUID(int=0x6E57)
    order = replace(ordered(2, name="Gus"), customer=guest.hex)
    project(log, [log.write(order_stream_number(2), order)])

    html = page(ada, f"/manage/streams/{customer_stream(guest)}/")
    assert "A guest, not registered" in html
    assert order_stream_number(2) in html
    past = page(ada, f"/manage/streams/{customer_stream(guest)}/?at=2020-01-01T00:00:00Z")
    assert order_stream_number(2) not in past
    assert ada.get(f"/manage/streams/{customer_stream(UUID(int=1))}/").status_code == 404


def test_from_an_order_it_is_one_click_to_its_customer(ada: Client) -> None:
    assert f'href="/manage/streams/{HELENS_STREAM}/"' in page(ada, f"/manage/streams/{STREAM}/")


def test_who_reads_facts_of_people_is_kept(ada: Client) -> None:
    page(ada, "/manage/streams/?q=1")
    page(ada, f"/manage/streams/{HELENS_STREAM}/")

    looks = AuditedLook.objects.order_by("pk").values_list("actor", "page", "streams")
    assert list(looks) == [
        (actor_named("Ada"), "facts, list", STREAM),
        (actor_named("Ada"), "facts", HELENS_STREAM),
    ]


def test_a_long_order_is_compared_in_its_latest_facts_only(
    ada: Client, log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_rows, "MOST_FACTS", 2)

    assert len(changed_by_fact(page(ada, f"/manage/streams/{STREAM}/"))) == 2


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
