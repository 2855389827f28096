"""The lists and rows of the inspector: readable, found by what people know, bounded at any size."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.domain.events import (
    CoffeePrepared,
    CustomerRegistered,
    PreparationStarted,
)
from projections.admin import latest_rows
from projections.engine import progress
from projections.engine.models import Checkpoint, ParkedEvent, ViewSequence
from projections.engine.read_row import ReadRow
from projections.order_row import OrderRow
from projections.screens import PROJECTIONS, directory
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.directory import DirectoryEntry
from projections.screens.order_tracking import TrackedOrder
from projections.tests.at_a_screen import BOTH, actor_named, member, page, shown
from projections.tests.in_memory_log import OPENING, InMemoryLog
from projections.tests.projecting import start_anew
from projections.tests.some_orders import (
    HELEN,
    HELENS_STREAM,
    order_hex,
    order_stream_number,
    ordered,
)

pytestmark = pytest.mark.django_db(databases=BOTH)

TICKETS = "/inspect/projections/queueticket/"
DIRECTORY = "/inspect/projections/directoryentry/"
TABLES: list[Any] = [
    *(table for projection in PROJECTIONS for table in projection.tables),
    *(Checkpoint, ViewSequence, ParkedEvent),
]
OF_DAYS = [table for table in TABLES if "day" in {field.name for field in table._meta.fields}]
"""Tables with a row an order, or a row a day."""


def address(table: type[Any], page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:projections_{table._meta.model_name}_{page}", args=args)


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> InMemoryLog:
    """Helen's order, which Bao made, and Max's order a day later."""
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen"))
    log.write(order_stream_number(1), ordered(1))
    log.write(order_stream_number(1), PreparationStarted(barista=actor_named("Bao")))
    log.write(order_stream_number(1), CoffeePrepared(desk=1))
    log.write(order_stream_number(2), ordered(2, name="Max"), after=24 * 3600)
    monkeypatch.setattr(progress, "event_store", lambda: log)
    shown(log)
    return log


def numbers(html: str) -> list[str]:
    """The order numbers of a list, first to last."""
    return re.findall(r'class="field-number"><a [^>]*>(\d+)<', html)


def ticket_of(number: int) -> QueueTicket:
    return QueueTicket.objects.get(order=order_hex(number))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_of_the_read_side_is_there(
    ada: Client, log: InMemoryLog, table: type[ReadRow]
) -> None:
    html = page(ada, address(table))
    row = table._default_manager.first()

    assert str(table._meta.verbose_name_plural).capitalize() in html
    if row is not None:
        assert str(row) in page(ada, address(table, "change", row.pk))


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/", "{pk}/change/"])
def test_nothing_can_be_written(ada: Client, log: InMemoryLog, path: str) -> None:
    address = TICKETS + path.format(pk=ticket_of(1).pk)

    with CaptureQueriesContext(connections["read_models"]) as statements:
        assert ada.post(address, {"state": "done"}).status_code == 403
    assert len(statements) == 0  # the projector alone begins transactions that write
    assert ticket_of(1).state == "ready"


def test_a_row_is_read_in_the_shops_words(ada: Client, log: InMemoryLog) -> None:
    html = page(ada, f"{TICKETS}?q=1")

    for words in (">001</a>", ">Bao<", ">Ready<", ">4 May 2026 10:00:02<", ">Counter<"):
        assert words in html
    assert actor_named("Bao") not in html


def test_money_is_read_as_money(ada: Client, log: InMemoryLog) -> None:
    assert ">€4.00<" in page(ada, "/inspect/projections/deskbalance/")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("2", ["002"]),
        ("002", ["002"]),
        ("ma", ["002"]),
        (order_hex(1), ["001"]),
        (order_stream_number(1), ["001"]),
        ("Nobody", []),
        ("9" * 30, []),
    ],
)
def test_a_row_is_found_by_number_name_and_id(
    ada: Client, log: InMemoryLog, typed: str, found: list[str]
) -> None:
    assert numbers(page(ada, f"{TICKETS}?q={typed}")) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=emma&day=2026-05", ["002", "001"]),
        ("q=emma&day=2026-05-04", ["001"]),
        ("q=1&day=2026-05-05", []),
        (f"q={order_hex(1)}&day=2026-05-04", ["001"]),
        (f"q={order_hex(1)}&day=2026-05-05", []),
    ],
)
def test_a_search_stays_within_the_day_that_is_chosen(
    ada: Client, asked: str, found: list[str]
) -> None:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, name="Emma"))
    log.write(order_stream_number(2), ordered(2, name="Emma"), after=24 * 3600)
    shown(log)

    assert numbers(page(ada, f"{TICKETS}?{asked}")) == found
    html = page(ada, f"{DIRECTORY}?{asked}")
    assert html.count('class="field-way_to_facts"') == len(found)
    assert "A search finds the latest 50" in html


def test_an_older_row_is_found_by_its_day_among_many_of_that_name(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "FOUND_AT_MOST", 1)
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1, name="Emma"))
    log.write(order_stream_number(2), ordered(2, name="Emma"), after=24 * 3600)
    shown(log)

    assert numbers(page(ada, f"{TICKETS}?q=emma")) == ["002"]
    assert numbers(page(ada, f"{TICKETS}?q=emma&day=2026-05-04")) == ["001"]


def test_a_search_without_words_shows_all(ada: Client, log: InMemoryLog) -> None:
    assert numbers(page(ada, f"{TICKETS}?q=")) == ["002", "001"]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("state=ready", ["001"]),
        ("state=queued", ["002"]),
        ("state=nonsense", ["002", "001"]),
        ("paid__exact=1", []),
        ("day=2026", ["002", "001"]),
        ("day=2026-05-04", ["001"]),
        ("day=2026-05-05", ["002"]),
        ("day=2026-05-06", []),
        ("day=soon", ["002", "001"]),
        ("day=2026-05-04&state=queued", []),
        ("o=0", ["001", "002"]),
    ],
)
def test_a_list_is_filtered_and_sorted(
    ada: Client, log: InMemoryLog, chosen: str, found: list[str]
) -> None:
    assert numbers(page(ada, f"{TICKETS}?{chosen}")) == found


def test_the_days_lead_from_the_years_to_a_day(ada: Client, log: InMemoryLog) -> None:
    assert "?day=2026&quot;" in page(ada, TICKETS).replace('"', "&quot;")
    assert "?day=2026-05&quot;" in page(ada, f"{TICKETS}?day=2026").replace('"', "&quot;")
    month = page(ada, f"{TICKETS}?day=2026-05")
    assert "?day=2026-05-05" in month
    assert "?day=2026-05-06" not in month


@pytest.mark.parametrize("day", ["2026-05-04", "2026-05-05"])
@pytest.mark.parametrize("table", [*OF_DAYS], ids=lambda table: table.__name__)
def test_a_day_can_be_chosen_wherever_rows_have_one(
    ada: Client, log: InMemoryLog, table: Any, day: str
) -> None:
    written = ordered(2).day  # on the number, whatever the clock says
    html = page(ada, f"{address(table)}?day={day}")
    rows = html.count('class="field-way_to_facts"')

    if issubclass(table, OrderRow):
        assert (
            rows
            == table._default_manager.filter(order=order_hex(1 if day == written else 2)).count()
        )
    elif table is not DirectoryEntry:
        assert rows == table._default_manager.filter(day=day).count()


def test_a_list_shows_the_generation_of_the_screens_unless_another_is_chosen(
    ada: Client, log: InMemoryLog
) -> None:
    start_anew()

    assert numbers(page(ada, TICKETS)) == []
    html = page(ada, f"{TICKETS}?build=1")
    assert numbers(html) == ["002", "001"]
    assert "1, replaced" in html


def test_above_a_list_stands_how_fresh_it_is(ada: Client, log: InMemoryLog) -> None:
    fresh = page(ada, TICKETS)
    assert "✓ nothing" in fresh
    assert f"{log.head()} of {log.head()}" in fresh

    log.now = datetime.now(log.now.tzinfo) - timedelta(seconds=40)
    log.write(order_stream_number(3), ordered(3), after=0)

    behind = page(ada, TICKETS)
    assert re.search(r"1 event, 4\d\.\d s", behind)
    assert "Generation</dt><dd>1, version" in behind


def test_what_is_parked_is_said_above_the_list(ada: Client, log: InMemoryLog) -> None:
    stored = log.events[-1]
    ParkedEvent.objects.create(
        projection=QueueTicket.PROJECTION,
        generation=1,
        stream=stored.stream,
        revision=stored.revision,
        position=stored.position,
        event_id=stored.event_id,
        type_name=stored.type_name,
        recorded_at=stored.recorded_at,
        error="KeyError: 'line'",
    )

    assert '<span class="badge bad">1</span>' in page(ada, TICKETS)
    assert '<span class="badge bad">1</span>' not in page(ada, DIRECTORY)


def test_from_a_row_it_is_one_click_to_its_facts(ada: Client, log: InMemoryLog) -> None:
    facts = f'href="/manage/streams/{order_stream_number(1)}/"'

    tickets = page(ada, TICKETS)
    assert facts in tickets
    assert tickets.index('class="field-way_to_facts"') < tickets.index('class="field-name"')
    assert facts in page(ada, f"{TICKETS}{ticket_of(1).pk}/change/")
    assert facts in page(ada, DIRECTORY)
    assert facts in page(ada, address(TrackedOrder))  # which has a column of that name
    assert f"{DIRECTORY}?day=2026-05-04" in page(ada, "/inspect/projections/salesofday/")


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latest_rows, "MOST", 5)


def many_orders(count: int, first: int = 1) -> InMemoryLog:
    log = InMemoryLog(now=OPENING + timedelta(hours=first))
    for number in range(first, first + count):
        log.write(order_stream_number(number), ordered(number, name=f"Guest {number}"))
    shown(log)
    return log


@pytest.mark.usefixtures("small_window")
def test_a_list_looks_at_the_latest_rows_only_and_says_so(ada: Client) -> None:
    many_orders(8)

    html = page(ada, TICKETS)
    assert numbers(html) == ["008", "007", "006", "005", "004"]
    assert "These are the latest" in html
    assert numbers(page(ada, f"{TICKETS}?o=0")) == ["004", "005", "006", "007", "008"]


@pytest.mark.usefixtures("small_window")
def test_older_rows_are_found_by_a_search(ada: Client) -> None:
    many_orders(8)

    assert numbers(page(ada, f"{TICKETS}?q=2")) == ["002"]
    assert "These are the latest" not in page(ada, f"{TICKETS}?q=2")


def test_a_small_table_is_not_cut(ada: Client) -> None:
    many_orders(3)

    assert "These are the latest" not in page(ada, TICKETS)


@pytest.mark.parametrize(
    "path", [*map(address, TABLES), f"{TICKETS}?q=guest", f"{TICKETS}?day=2026"]
)
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(ada: Client, path: str) -> None:
    def statements() -> int:
        page(ada, path)  # names are remembered
        with (
            CaptureQueriesContext(connections["default"]) as accounts,
            CaptureQueriesContext(connections["read_models"]) as rows,
        ):
            page(ada, path)
        return len(accounts) + len(rows)

    many_orders(3)
    few = statements()
    many_orders(40, first=4)

    assert statements() == few
    assert few <= 24


def test_every_registered_table_of_the_read_side_is_read_only() -> None:
    registered: dict[Any, Any] = admin.site._registry
    tables = {model for model in registered if model._meta.app_label == "projections"}

    assert tables == set(TABLES)
    rights: list[Callable[..., bool]] = [
        right
        for table in tables
        for right in (
            registered[table].has_add_permission,
            registered[table].has_change_permission,
            registered[table].has_delete_permission,
        )
    ]
    assert not any(right(None) for right in rights)
