"""What is deleted is gone for good, and what remains is as it was."""

import time
from pathlib import Path

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from embedded_eventstore.storage import schema
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader, StreamTombstonedError
from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    TOMBSTONE,
    Append,
    Delete,
    Operation,
    Tombstone,
    Written,
    WrongVersion,
)
from embedded_eventstore.tests.test_log_against_a_model import a_log, operations
from embedded_eventstore.upkeep import scavenge as scavenging
from embedded_eventstore.upkeep.commands import scavenge
from embedded_eventstore.upkeep.tests import given
from embedded_eventstore.upkeep.verification import verify

SECRET = b"Xylophanes Quetzalcoatl"


def hits(directory: Path) -> int:
    return sum(path.read_bytes().count(SECRET) for path in directory.iterdir())


@pytest.mark.parametrize(
    ("deletions", "left"),
    [
        ([Delete("s-1", ANY)], []),
        ([Tombstone("s-1", ANY)], [TOMBSTONE]),
        ([given.metadata("s-1", b'{"$tb":3}')], [3]),
        ([given.metadata("s-1", b'{"$maxCount":1}')], [3]),
        ([Delete("s-1", ANY), given.append("s-1", b"again")], [4]),
        ([given.metadata("s-1", b'{"$tb":9}')], []),
    ],
    ids=["deleted", "tombstoned", "$tb", "$maxCount", "deleted and recreated", "$tb beyond"],
)
def test_the_bytes_of_what_is_deleted_are_in_no_file(
    tmp_path: Path, deletions: list[Operation], left: list[int]
) -> None:
    log = Log(tmp_path)
    given.write(log, given.append("s-1", SECRET, b"big" * 5000 + SECRET, SECRET, b"{}"))
    given.write(log, given.append("s-2", b"kept"), *deletions)
    assert hits(tmp_path) >= 3

    assert scavenge(log) >= 3
    assert hits(tmp_path) == 0
    log.close()

    assert hits(tmp_path) == 0
    everything = given.everything(tmp_path)
    assert [record.revision for record in everything if record.stream == "s-1"] == left
    assert [record.position for record in everything if record.stream == "s-2"] == [6]
    assert verify(tmp_path / schema.FILE_NAME).problems == ()


def test_events_beyond_their_age_are_removed(tmp_path: Path) -> None:
    log = Log(tmp_path)
    given.write(log, given.append("s-1", SECRET), given.metadata("s-1", b'{"$maxAge":1}'))
    assert scavenge(log) == 0
    time.sleep(1.1)
    given.write(log, given.append("s-1", b"young"))

    assert scavenge(log) == 1
    log.close()
    assert hits(tmp_path) == 0
    assert [r.revision for r in given.everything(tmp_path) if r.stream == "s-1"] == [1]


def test_old_metadata_is_removed_and_all_of_it_where_the_stream_is_gone(tmp_path: Path) -> None:
    log = Log(tmp_path)
    given.write(log, given.append("s-1", b"{}"), given.append("s-2", b"{}"))
    given.write(log, *(given.metadata(s, b'{"name":"%b"}' % SECRET) for s in ("s-1", "s-2")))
    given.write(log, given.metadata("s-1", b'{"mine":1}'), Tombstone("s-2", ANY))
    scavenge(log)
    log.close()

    assert hits(tmp_path) == 0
    left = {(r.stream, r.revision) for r in given.everything(tmp_path)}
    assert left >= {("$$s-1", 1), ("s-1", 0), ("s-2", TOMBSTONE)}
    assert not left & {("$$s-1", 0), ("$$s-2", 0), ("s-2", 0)}


def test_a_removed_stream_goes_on_with_its_numbers(tmp_path: Path) -> None:
    log = Log(tmp_path)
    given.write(log, given.append("s-1", b"0", b"1", b"2"), Delete("s-1", ANY))
    scavenge(log)
    event = given.append("s-1", b"3").events
    wrong, again, repeated = given.write(
        log,
        Append("s-1", 1, event),
        Append("s-1", NO_STREAM, event),
        Append("s-1", 2, event),
    )
    log.close()

    assert wrong == WrongVersion(1, 2)
    assert again == Written(3, 6)
    assert repeated == again


def test_a_repeat_of_what_was_removed_is_new_or_wrong_but_never_half(tmp_path: Path) -> None:
    """As with the original, once its memory of recent ids has passed over them."""
    log = Log(tmp_path)
    first, second = (given.append("s-1", data) for data in (b"0", b"1"))
    given.write(log, first, second, given.metadata("s-1", b'{"$tb":1}'))
    scavenge(log)
    whole = first.events + second.events
    outcomes = given.write(
        log,
        Append("s-1", NO_STREAM, first.events),
        Append("s-1", NO_STREAM, whole),
        Append("s-1", 0, second.events),
        Append("s-1", ANY, second.events),
        Append("s-1", ANY, first.events),
    )
    log.close()
    assert outcomes == [
        WrongVersion(NO_STREAM, 1),
        WrongVersion(NO_STREAM, 1),
        Written(1, 3),
        Written(1, 3),
        Written(2, 5),
    ]


def test_the_newest_event_of_the_log_may_go_and_its_position_is_not_given_again(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path)
    given.write(log, given.metadata("s-1", b'{"$tb":5}'), given.append("s-1", SECRET))
    assert scavenge(log) == 1
    log.close()

    log = Log(tmp_path)
    assert log.last_position == 3
    assert given.write(log, given.append("s-2", b"next")) == [Written(0, 4)]
    log.close()
    assert verify(tmp_path / schema.FILE_NAME).problems == ()


def test_a_large_removal_goes_in_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scavenging, "EVENTS_IN_A_STEP", 7)
    monkeypatch.setattr(scavenging, "STREAMS_IN_A_STEP", 2)
    log = Log(tmp_path)
    for name in ("s-1", "s-2", "s-3", "s-4"):
        given.write(log, given.append(name, *([b"x"] * 20)), given.metadata(name, b'{"$tb":19}'))
    steps = []
    cursor: int | None = 0
    while cursor is not None:
        step = scavenging.scavenge_step(log.connection, cursor)
        cursor = step.cursor
        steps.append(step.removed)
    log.close()

    assert sum(steps) == 4 * 19
    assert max(steps) <= 7
    left = [r.revision for r in given.everything(tmp_path) if r.stream.startswith("s-")]
    assert left == [19] * 4


def readable(reader: LogReader, name: str) -> list[int] | str | None:
    try:
        page = reader.stream_forwards(name, 0, 100)
    except StreamTombstonedError:
        return "gone"
    if page is None:
        return None
    backwards = reader.stream_backwards(name, TOMBSTONE, 100)
    assert backwards is not None
    assert page.records == backwards.records[::-1]
    return [record.position for record in page.records]


NAMES = ("order-1", "order-2", "$$order-1", "$$order-2")
hiding = st.builds(
    given.metadata,
    st.sampled_from(NAMES[:2]),
    st.sampled_from((b'{"$tb":2}', b'{"$maxCount":1}', b'{"$tb":1,"$maxCount":2}', b"{}")),
)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@drawn(st.lists(st.one_of(operations, hiding), max_size=14), st.lists(operations, max_size=4))
def test_no_read_of_a_stream_can_tell_that_there_was_a_scavenge(
    asked: list[Operation], later: list[Operation]
) -> None:
    with a_log() as (log, reader):
        given.write(log, *asked)
        before = {name: readable(reader, name) for name in NAMES}
        everything = reader.all_forwards(0, 1000).records
        removed = scavenge(log)

        assert {name: readable(reader, name) for name in NAMES} == before
        rest = reader.all_forwards(0, 1000).records
        assert len(rest) == len(everything) - removed
        assert set(rest) <= set(everything)
        shown = {p for found in before.values() if isinstance(found, list) for p in found}
        tombstones = {r.position for r in rest if r.revision == TOMBSTONE}
        system = {0, 1}
        assert set(given.positions(rest)) == shown | tombstones | system
        given.write(log, *later)
        assert scavenge(log) >= 0
        assert verify(reader._directory / schema.FILE_NAME).problems == ()
