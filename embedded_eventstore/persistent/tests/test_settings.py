"""Groups as they are kept in the log."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from embedded_eventstore.persistent.settings import (
    ALL,
    FROM_END,
    FilterSettings,
    GroupEntry,
    Settings,
    UnreadableConfigError,
    from_json,
    position_of,
    position_text,
    to_json,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ENTRY = GroupEntry("order-1", "bar", 5, 9, Settings(max_retry_count=3))


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        replace(ENTRY, stream=ALL, start=FROM_END),
        replace(ENTRY, stream=ALL, filter=FilterSettings(True, "^order-.*$", ())),
        replace(ENTRY, stream=ALL, filter=FilterSettings(False, "", ("Coffee,", "Tea"))),
    ],
    ids=["stream", "all", "regex", "prefixes"],
)
def test_a_group_is_read_as_it_was_kept(entry: GroupEntry) -> None:
    assert from_json(to_json([entry], NOW)) == [entry]


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"entries":[{}]}', b'{"entries":[1]}'])
def test_what_cannot_be_understood_is_said(raw: bytes) -> None:
    with pytest.raises(UnreadableConfigError):
        from_json(raw)


def test_positions_are_written_as_clients_read_them() -> None:
    assert position_text(ALL, 7) == "C:7/P:7"
    assert position_text("order-1", -1) == "-1"
    assert [position_of(text) for text in ("C:7/P:7", "7", "-1", "C:-1/P:-1")] == [7, 7, -1, -1]


def test_a_group_from_the_end_begins_after_what_there_was() -> None:
    assert ENTRY.starts_after == 4
    assert replace(ENTRY, start=FROM_END).starts_after == 9


def test_an_update_keeps_the_filter_and_what_was_not_seen_yet() -> None:
    wanted = FilterSettings(False, "x", ())
    old = replace(ENTRY, start=FROM_END, filter=wanted)

    again = old.replaced_by(replace(ENTRY, start=FROM_END, end_at_creation=50))
    assert (again.filter, again.starts_after) == (wanted, 9)
    assert ENTRY.replaced_by(replace(old, end_at_creation=50)).starts_after == 50
