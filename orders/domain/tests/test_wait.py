"""How long an order takes, from the work before it."""

import pytest

from orders.domain.wait import wait_of

FOUR_MINUTES = 240


@pytest.mark.parametrize(
    ("before", "own", "baristas", "words", "promised"),
    [
        (0, 0, 1, "1–4 min", 240),  # an empty bar promises what the shop promises at least
        (0, 60, 1, "1–4 min", 240),
        (180, 60, 1, "4–6 min", 360),
        (180, 60, 3, "2–4 min", 240),  # three at work share what stands before
        (3600, 60, 1, "61–92 min", 5520),
        (600, 0, 0, "10–15 min", 900),  # nobody seen at work: as if there were one
    ],
)
def test_the_wait_grows_with_the_work_before_and_shrinks_with_who_is_there(
    before: float, own: float, baristas: int, words: str, promised: int
) -> None:
    wait = wait_of(before, own, baristas, FOUR_MINUTES)

    assert (str(wait), wait.promised_seconds) == (words, promised)
    assert wait.is_long is (promised > FOUR_MINUTES)


def test_a_range_of_one_minute_is_said_as_one() -> None:
    assert str(wait_of(0, 30, 1, 60)) == "1 min"
