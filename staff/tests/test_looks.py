"""Who looked at personal fields is kept for a year, one row a look."""

from datetime import UTC, datetime, timedelta

import pytest

from staff.looks import KEPT, note_look
from staff.models import AuditedLook

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_a_look_says_who_when_where_and_whose_fields() -> None:
    note_look(7, "tickets, list", ["order-1", "order-2"], NOON)

    look = AuditedLook.objects.get()
    assert (look.actor, look.at, look.page) == ("staff-7", NOON, "tickets, list")
    assert look.streams == "order-1\norder-2"


def test_a_page_without_personal_fields_is_no_look() -> None:
    note_look(7, "tickets, list", [], NOON)

    assert not AuditedLook.objects.exists()


def test_a_look_is_forgotten_after_a_year() -> None:
    note_look(7, "old", ["order-1"], NOON)
    note_look(7, "young", ["order-1"], NOON + timedelta(seconds=1))

    note_look(7, "new", ["order-1"], NOON + KEPT + timedelta(seconds=1))

    assert set(AuditedLook.objects.values_list("page", flat=True)) == {"young", "new"}
