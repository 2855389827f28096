"""Every way of the fan-out reaches every viewer, and the rows compare what they say."""

import asyncio

import pytest

from tests.load.fanout import BARE, BROADCASTER, PATHS, PLAIN, TWICE, VIEWERS, reached, rows, server

pytestmark = pytest.mark.slow


@pytest.mark.timeout(60)
def test_each_way_reaches_all_viewers() -> None:
    """`reached` waits until each of them has the mark, and raises if one has not."""
    with server() as port:
        for way in PATHS:
            assert asyncio.run(reached(port, way, 7, 2)) > 0


def test_twice_as_many_viewers_are_measured_beside_half_of_them() -> None:
    found = {(BARE, VIEWERS): [20.0], (BROADCASTER, VIEWERS): [30.0]}
    beside_bare, beside_plain, twice = rows(
        found | {(BROADCASTER, TWICE): [75.0], (PLAIN, VIEWERS): [300.0]}
    )
    assert beside_bare.ratios == [1.5]
    assert beside_plain.ratios == [0.1]
    assert twice.ratios == [2.5]
    assert (beside_bare.is_reached, beside_plain.is_reached, twice.is_reached) == (
        True,
        None,
        False,
    )
