"""A log says whether it is as it was recorded."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.log import Log
from embedded_eventstore.upkeep.tests import given
from embedded_eventstore.upkeep.verification import Report, verify


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    given.a_log(tmp_path, *(given.append(f"s-{n % 3}", b'{"n":1}', b"{}") for n in range(10)))
    return tmp_path


def examine(directory: Path) -> Report:
    return verify(directory / schema.FILE_NAME)


def damage(directory: Path, *statements: str) -> tuple[str, ...]:
    with closing(sqlite3.connect(directory / schema.FILE_NAME, isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)
    return examine(directory).problems


def test_a_log_that_nobody_touched_is_sound(directory: Path) -> None:
    report = examine(directory)

    assert report.problems == ()
    assert (report.events, report.removed) == (22, 0)
    assert str(report).startswith("The log is sound: 22 events")


def test_a_log_is_examined_while_it_is_written(directory: Path) -> None:
    log = Log(directory)
    given.write(log, given.append("s-9", b"{}"))
    report = examine(directory)
    log.close()

    assert (report.events, report.problems) == (23, ())


def test_the_checksum_goes_on_where_it_ended_and_forgets_what_was_rolled_back(
    directory: Path,
) -> None:
    before = examine(directory).head
    log = Log(directory)
    log.begin()
    log.execute(given.append("s-1", b"never"))
    log.roll_back()
    log.close()
    assert examine(directory).head == before

    given.a_log(directory, given.append("s-1", b"more"))
    after = examine(directory)
    assert after.problems == ()
    assert after.head != before


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "UPDATE events SET response = substr(response, 1, 99) || x'00' WHERE position = 7",
            "The event at position 7 is not what was recorded there.",
        ),
        ("DELETE FROM events WHERE position = 7", "The event at position 7 is missing."),
        (
            "UPDATE events SET type = 'Other' WHERE position = 7",
            "The event at position 7 is listed as something else than it is.",
        ),
        (
            "UPDATE events SET created = created + 1 WHERE position = 7",
            "The event at position 7 is listed as something else than it is.",
        ),
        (
            "DELETE FROM chain WHERE position = 21",
            "The event at position 21 was added past the checksums.",
        ),
        (
            "UPDATE chain SET link = zeroblob(32) WHERE position = 7",
            "The event at position 7 is not what was recorded there.",
        ),
    ],
)
def test_what_was_changed_is_named(directory: Path, statement: str, complaint: str) -> None:
    assert complaint in damage(directory, statement)


def test_events_that_changed_places_are_noticed(directory: Path) -> None:
    problems = damage(
        directory,
        "UPDATE events SET position = 1000 WHERE position = 7",
        "UPDATE events SET position = 7 WHERE position = 8",
        "UPDATE events SET position = 8 WHERE position = 1000",
    )
    assert "The event at position 7 is not what was recorded there." in problems


def test_missing_positions_and_revisions_are_named(directory: Path) -> None:
    problems = damage(
        directory,
        "DELETE FROM events WHERE position IN (6, 7)",
        "DELETE FROM chain WHERE position IN (6, 7)",
    )
    assert problems[0] == "Positions 6 to 7 are missing."
    assert problems[1].startswith("Stream s-2 has 4 events numbered from 2 to 5")


def test_flipped_bits_in_the_file_are_found(directory: Path) -> None:
    path = directory / schema.FILE_NAME
    image = bytearray(path.read_bytes())
    image[image.rindex(b'{"n":1}') + 5] ^= 1
    path.write_bytes(image)

    assert any("is not what was recorded" in problem for problem in examine(directory).problems)


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / schema.FILE_NAME).write_bytes(b"not a database at all, but long enough" * 40)
    with pytest.raises(schema.UnusableStoreError, match="damaged"):
        examine(tmp_path)
    with pytest.raises(schema.UnusableStoreError, match="missing"):
        verify(tmp_path / "nowhere.db")
