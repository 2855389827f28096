"""Counting per second, and the spread of durations."""

from embedded_eventstore.monitoring import rates
from embedded_eventstore.monitoring.rates import Durations, PerSecond, Spread


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_each_second_has_its_count() -> None:
    clock = Clock()
    counted = PerSecond(clock)
    for moment, count in ((1000.1, 2), (1000.9, 3), (1002.5, 7)):
        clock.now = moment
        counted.add(count)
    clock.now = 1003.0

    assert counted.of_the_last(4) == [0, 5, 0, 7]
    assert (counted.total, counted.rate(4)) == (12, 3.0)


def test_the_second_that_is_going_on_is_left_out() -> None:
    clock = Clock()
    counted = PerSecond(clock)
    counted.add(5)

    assert counted.of_the_last(3) == [0, 0, 0]


def test_memory_stays_bounded() -> None:
    clock = Clock()
    counted, durations = PerSecond(clock), Durations(clock)
    for _ in range(3 * rates.REMEMBERED_SECONDS):
        clock.now += 1
        counted.add()

    assert len(counted._counts) == rates.REMEMBERED_SECONDS
    for _ in range(rates.REMEMBERED_DURATIONS + 10):
        durations.add(0.001)
    assert durations.spread().count == rates.REMEMBERED_DURATIONS


def test_durations_are_ranked_and_forgotten_after_minutes() -> None:
    clock = Clock()
    durations = Durations(clock)
    durations.add(99.0)
    clock.now += rates.REMEMBERED_SECONDS + 1
    for hundredth in range(100, 0, -1):
        durations.add(hundredth / 100)

    assert durations.spread() == Spread(100, 0.01, 0.51, 1.0, 1.0)
    assert Durations(clock).spread().count == 0
