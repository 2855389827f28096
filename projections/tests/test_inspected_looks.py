"""Who reads personal fields in the inspector is kept, before they are sent."""

from typing import Any

import pytest
from django.test import Client

from orders.domain.events import CustomerForgotten, CustomerRegistered
from orders.domain.streams import id_of
from projections.engine import progress
from projections.screens.barista_queue.ticket import QueueTicket
from projections.screens.directory import DirectoryEntry
from projections.tests.at_a_screen import BOTH, actor_named, member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import HELEN, HELENS_STREAM, order_stream_number, ordered
from staff.models import AuditedLook

pytestmark = pytest.mark.django_db(databases=BOTH)

TICKETS = "/inspect/projections/queueticket/"
DIRECTORY = "/inspect/projections/directoryentry/"


@pytest.fixture
def ada() -> Client:
    return member("manager", "Ada")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> InMemoryLog:
    """Helen's order."""
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    monkeypatch.setattr(progress, "event_store", lambda: log)
    shown(log)
    return log


def looks() -> list[tuple[str, str, list[str]]]:
    """Who looked at which page, and whose fields were on it."""
    found = AuditedLook.objects.order_by("pk").values_list("actor", "page", "streams")
    return [(actor, page, streams.split("\n")) for actor, page, streams in found]


def test_who_reads_names_in_a_list_is_kept(ada: Client, log: InMemoryLog) -> None:
    page(ada, f"{TICKETS}?q=1")

    assert looks() == [(actor_named("Ada"), "tickets, list", [order_stream_number(1)])]


def test_who_reads_the_personal_fields_of_a_row_is_kept(ada: Client, log: InMemoryLog) -> None:
    page(ada, f"{TICKETS}{QueueTicket.objects.get().pk}/change/")

    assert looks() == [(actor_named("Ada"), "tickets, row", [order_stream_number(1)])]


def test_figures_without_names_are_no_look(ada: Client, log: InMemoryLog) -> None:
    for table in ("salesofday", "promiseoforder", "checkpoint"):
        page(ada, f"/inspect/projections/{table}/")
    page(ada, "/inspect/")

    assert looks() == []


def test_names_that_are_forgotten_are_no_look(ada: Client) -> None:
    log = InMemoryLog()
    log.write(HELENS_STREAM, CustomerRegistered(customer=HELEN.hex, name="Helen"))
    log.write(HELENS_STREAM, CustomerForgotten(customer=HELEN.hex))
    shown(log)
    entry = DirectoryEntry.objects.get(stream=HELENS_STREAM)

    page(ada, f"{DIRECTORY}{entry.pk}/change/")

    assert looks() == []


def test_only_an_owner_reads_who_looked(
    ada: Client, log: InMemoryLog, django_user_model: Any
) -> None:
    page(ada, f"{TICKETS}?q=1")
    owner = Client()
    owner.force_login(django_user_model.objects.create_superuser("owner"))

    html = page(owner, "/inspect/staff/auditedlook/")
    assert f"Ada ({actor_named('Ada')})" in html
    look = AuditedLook.objects.get()
    assert id_of(order_stream_number(1)) in page(
        owner, f"/inspect/staff/auditedlook/{look.pk}/change/"
    )
    assert ada.get("/inspect/staff/auditedlook/").status_code == 403
    assert owner.post(f"/inspect/staff/auditedlook/{look.pk}/delete/").status_code == 403


def test_the_look_is_kept_before_the_page_is_sent(
    ada: Client, log: InMemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_values: object, **_more: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(AuditedLook.objects, "create", full)

    with pytest.raises(OSError, match="no room"):
        ada.get(f"{TICKETS}?q=1")
