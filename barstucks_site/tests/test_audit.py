"""Every look at names leaves a line in the log: who, and at what, and nothing that stood there."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from structlog.testing import capture_logs

from projections.screens.directory import DirectoryEntry
from projections.tests.at_a_screen import member, page, shown
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)


@pytest.fixture
def ada() -> Client:
    log = InMemoryLog()
    log.write(order_stream_number(1), ordered(1))
    shown(log)
    return member("manager", "Ada")


def actor() -> str:
    return f"staff-{User.objects.get(username='ada').pk}"


def test_a_page_of_the_inspector_is_noted(ada: Client) -> None:
    with capture_logs() as lines:
        page(ada, "/inspect/projections/directoryentry/")

    assert [line for line in lines if line["event"] == "inspected"] == [
        {
            "event": "inspected",
            "log_level": "info",
            "actor": actor(),
            "page": "projections_directoryentry_changelist",
            "row": "",
        }
    ]


def test_a_row_of_the_inspector_is_noted_with_its_stream(ada: Client) -> None:
    row = DirectoryEntry.objects.get(stream=order_stream_number(1))

    with capture_logs() as lines:
        page(ada, f"/inspect/projections/directoryentry/{row.pk}/change/")

    (read,) = [line for line in lines if line["event"] == "facts_read"]
    assert read["actor"] == actor()
    assert read["key"] == [f"order-{order_hex(1)}"]
    assert row.name not in str(lines) or row.name == ""


def test_a_search_for_streams_is_noted_without_what_was_typed(ada: Client) -> None:
    row = DirectoryEntry.objects.get(stream=order_stream_number(1))

    with capture_logs() as lines:
        page(ada, f"/manage/streams/?q={row.stream}")

    (read,) = [line for line in lines if line["event"] == "names_read"]
    assert read["actor"] == actor()
    assert read["streams"] == [row.stream]
    assert set(read) == {"event", "log_level", "actor", "streams"}
