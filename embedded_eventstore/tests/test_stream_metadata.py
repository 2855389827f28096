"""What stream metadata hides."""

import json

import pytest

from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.storage.stream_metadata import (
    NOTHING_HIDDEN,
    Truncation,
    parse_truncation,
    recreated_from,
    soft_deletion,
)

pytestmark = pytest.mark.closed_too


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"\xff",
        b'{"$tb": "five"}',
        b'{"$maxCount": -1}',
        b'{"$maxAge": 1.5}',
        b'{"$tb": true, "$maxCount": 3}',
    ],
)
def test_metadata_that_makes_no_sense_hides_nothing(raw: bytes) -> None:
    assert parse_truncation(raw) == NOTHING_HIDDEN


def test_a_count_and_a_truncation_point_hide_what_either_hides() -> None:
    truncation = parse_truncation(b'{"$tb": 3, "$maxCount": 2, "mine": "kept"}')

    assert truncation.first_kept(last=9) == 8
    assert truncation.first_kept(last=4) == 3


def test_age_is_counted_back_from_now() -> None:
    assert Truncation(max_age=2).oldest_kept(now=50_000_000) == 30_000_000
    assert Truncation(max_age=TOMBSTONE).oldest_kept(now=50_000_000) == 0


def test_a_soft_deleted_stream_that_lives_again_keeps_its_own_metadata() -> None:
    assert parse_truncation(soft_deletion()).soft_deleted

    recreated = recreated_from(b'{"$tb": 9223372036854775807, "mine": 1}', first_revision=4)

    assert recreated is not None
    assert json.loads(recreated) == {"$tb": 4, "mine": 1}
    assert recreated_from(b"not json", first_revision=4) is None
