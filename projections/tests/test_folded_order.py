"""Compact facts: a row that an earlier version of the program wrote is read by today's."""

from datetime import UTC, datetime

import pytest

from orders.domain.events import CoffeePrepared
from orders.domain.tests.cast import ORDERED, fact
from projections.folded_order import dump, load

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ORDER = "0a" * 16
READY = dump(fact(CoffeePrepared(desk=3), 1, NOON))


def test_a_fact_reads_as_it_was_but_for_what_only_the_log_says() -> None:
    written = fact(ORDERED, 0, NOON)

    (read,) = load([dump(written)], ORDER, {0: {"name": "Carla"}})

    assert (read.event, read.occurred_at, read.position) == (ORDERED, NOON, written.position)


@pytest.mark.parametrize(
    "compact",
    [
        READY[:8],
        ["coffee prepared", {"serving-desk": 3}, *READY[2:8], 0],
    ],
    ids=["without a version", "of an older version"],
)
def test_a_fact_in_an_older_shape_reads_as_one_of_today(compact: list[object]) -> None:
    (read,) = load([compact], ORDER, {})

    assert read.event == CoffeePrepared(desk=3)
