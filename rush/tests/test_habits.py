"""How often somebody does what not everybody does: by shares that are said with their reason."""

import random
from collections import Counter

import pytest

from rush.habits import ANSWERS, BARISTAS, CASHIERS, CUSTOMERS, Habit, chosen


@pytest.mark.parametrize("habits", [CUSTOMERS, BARISTAS, CASHIERS])
def test_every_share_has_its_reason_and_together_they_leave_most_orders_alone(
    habits: tuple[Habit, ...],
) -> None:
    assert all(habit.because and habit.share > 0 for habit in habits)
    assert sum(habit.share for habit in habits) < 0.5
    assert len({habit.name for habit in habits}) == len(habits)


def test_a_habit_is_chosen_as_often_as_its_share_says() -> None:
    chance = random.Random(1)
    often = Counter(
        habit.name for _ in range(20_000) if (habit := chosen(CUSTOMERS, chance)) is not None
    )
    for habit in CUSTOMERS:
        assert often[habit.name] / 20_000 == pytest.approx(habit.share, abs=0.01)


def test_the_answers_to_somebody_who_asks_to_stop_are_shares_of_one() -> None:
    assert sum(ANSWERS.values()) == pytest.approx(1)
