"""The rules of expected versions and repeats, one by one."""

import pytest

from embedded_eventstore.storage.expected_version import (
    Accepted,
    Gone,
    StreamFacts,
    Verdict,
    WrittenBefore,
    Wrong,
    judge,
)
from embedded_eventstore.storage.operations import ANY, NO_STREAM, STREAM_EXISTS, TOMBSTONE


class Recorded:
    """The ids of a stream, revision 0 first."""

    def __init__(self, ids: str) -> None:
        self.ids = [letter.encode() for letter in ids]

    def id_at(self, revision: int) -> bytes | None:
        return self.ids[revision] if 0 <= revision < len(self.ids) else None

    def revision_of(self, event_id: bytes) -> int | None:
        return self.ids.index(event_id) if event_id in self.ids else None


def judged(expected: int, recorded: str, proposed: str, *, soft_deleted: bool = False) -> Verdict:
    facts = StreamFacts(len(recorded) - 1, soft_deleted)
    return judge(expected, facts, [letter.encode() for letter in proposed], Recorded(recorded))


@pytest.mark.parametrize("expected", [ANY, NO_STREAM, STREAM_EXISTS, 0, TOMBSTONE])
def test_a_tombstoned_stream_is_gone_whatever_was_expected(expected: int) -> None:
    assert judge(expected, StreamFacts(TOMBSTONE), [b"a"], Recorded("")) == Gone()


@pytest.mark.parametrize(
    ("expected", "recorded", "proposed", "verdict"),
    [
        (NO_STREAM, "", "a", Accepted()),
        (NO_STREAM, "", "", Accepted()),
        (ANY, "", "a", Accepted()),
        (ANY, "ab", "", Accepted()),
        (1, "ab", "c", Accepted()),
        (1, "ab", "a", Accepted()),
        (0, "", "a", Wrong()),
        (2, "ab", "c", Wrong()),
        (0, "ab", "c", Wrong()),
        (NO_STREAM, "ab", "c", Wrong()),
        (STREAM_EXISTS, "", "a", Wrong()),
        (STREAM_EXISTS, "a", "b", Accepted()),
    ],
)
def test_a_new_event_needs_the_right_version(
    expected: int, recorded: str, proposed: str, verdict: Verdict
) -> None:
    assert judged(expected, recorded, proposed) == verdict


@pytest.mark.parametrize(
    ("expected", "recorded", "proposed", "verdict"),
    [
        (NO_STREAM, "abc", "a", WrittenBefore(0)),
        (NO_STREAM, "abc", "ab", WrittenBefore(1)),
        (0, "abc", "bc", WrittenBefore(2)),
        (0, "abc", "b", WrittenBefore(1)),
        # Overlaps and adds, starts elsewhere, or has nothing to recognise it by.
        (0, "abc", "bcd", Wrong()),
        (0, "abc", "bx", Wrong()),
        (0, "abc", "cb", Wrong()),
        (0, "abc", "", Wrong()),
    ],
)
def test_a_repeat_at_the_same_version_is_recognised(
    expected: int, recorded: str, proposed: str, verdict: Verdict
) -> None:
    assert judged(expected, recorded, proposed) == verdict


@pytest.mark.parametrize("expected", [ANY, STREAM_EXISTS])
@pytest.mark.parametrize(
    ("proposed", "verdict"),
    [
        ("a", WrittenBefore(0)),
        ("bc", WrittenBefore(2)),
        ("cx", Wrong()),
        # A first id that is new means a new append: the rest is not looked at.
        ("xc", Accepted()),
    ],
)
def test_a_repeat_without_a_version_is_recognised_by_its_first_id(
    expected: int, proposed: str, verdict: Verdict
) -> None:
    assert judged(expected, "abc", proposed) == verdict


@pytest.mark.parametrize(
    ("expected", "proposed", "verdict"),
    [
        (STREAM_EXISTS, "x", Gone()),
        (NO_STREAM, "x", Accepted()),
        (ANY, "x", Accepted()),
        (1, "x", Accepted()),
        (0, "x", Wrong()),
        (NO_STREAM, "ax", Wrong()),
    ],
)
def test_a_soft_deleted_stream_may_begin_again(
    expected: int, proposed: str, verdict: Verdict
) -> None:
    assert judged(expected, "ab", proposed, soft_deleted=True) == verdict


def test_a_stream_with_nothing_but_metadata_exists() -> None:
    facts = StreamFacts(-1, has_metadata=True)
    assert judge(STREAM_EXISTS, facts, [b"a"], Recorded("")) == Accepted()
