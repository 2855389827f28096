"""The arithmetic of a bucket, and the buckets of one process, with a clock that tests move."""

import pytest

from barstucks_site.admission.buckets import Buckets
from barstucks_site.admission.token_bucket import EXAMPLE, Limit, NoLimit, Rate, limit_in

SIXTY_THEN_TWO = Rate(at_once=60, per_second=2)
ONE = Rate(at_once=1, per_second=1 / 60)


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    return Buckets(clock)


def taken(buckets: Buckets, times: int, key: str = "a", rate: Rate = SIXTY_THEN_TWO) -> int:
    return sum(not any(buckets.take([(key, rate)])) for _ in range(times))


def test_a_bus_full_of_people_passes_at_once_and_then_two_a_second(
    buckets: Buckets, clock: Clock
) -> None:
    assert taken(buckets, 100) == 60
    clock.now += 5
    assert taken(buckets, 100) == 10


def test_a_bucket_never_holds_more_than_at_the_beginning(buckets: Buckets, clock: Clock) -> None:
    taken(buckets, 1)
    clock.now += 3600
    assert taken(buckets, 100) == 60


def test_an_empty_bucket_says_how_long_to_wait(buckets: Buckets, clock: Clock) -> None:
    assert buckets.take([("a", ONE)]) == [0]
    clock.now += 20
    assert buckets.take([("a", ONE)]) == [pytest.approx(40)]
    clock.now += 40.001
    assert buckets.take([("a", ONE)]) == [0]


def test_what_is_refused_in_total_costs_the_address_nothing(buckets: Buckets) -> None:
    buckets.take([("total", ONE)])
    assert buckets.take([("a", ONE), ("total", ONE)])[0] == 0
    assert taken(buckets, 1, "a", ONE) == 1


def test_a_token_given_back_can_be_taken_again_but_is_never_one_more(buckets: Buckets) -> None:
    buckets.give_back([("a", ONE)])
    assert taken(buckets, 2, rate=ONE) == 1
    buckets.give_back([("a", ONE)])
    assert taken(buckets, 2, rate=ONE) == 1


def test_addresses_without_end_cost_bounded_memory(clock: Clock) -> None:
    buckets = Buckets(clock, most=100)
    for n in range(1000):
        buckets.take([(f"address {n}", ONE), ("total", Rate(5000, 1))])
    assert len(buckets._buckets) == 100
    assert "total" in buckets._buckets


def test_a_clock_that_stands_still_or_goes_back_fills_nothing(
    buckets: Buckets, clock: Clock
) -> None:
    taken(buckets, 60)
    clock.now -= 100
    assert taken(buckets, 1) == 0


def test_a_limit_is_read_as_it_is_written() -> None:
    assert limit_in(EXAMPLE) == Limit(Rate(60, 2), Rate(300, 10))
    assert limit_in(" 5 then 6/min,  in total 50 then 120/h") == Limit(
        Rate(5, 0.1), Rate(50, 1 / 30)
    )
    assert limit_in("off") is None


@pytest.mark.parametrize(
    "text",
    ["60", "60 then 2/s", "0 then 2/s, in total 3 then 1/s", "6 then 0/s, in total 3 then 1/s",
     "-6 then 2/s, in total 3 then 1/s", "6 then 2/d, in total 3 then 1/s", "on"],
)  # fmt: skip
def test_nonsense_is_no_limit(text: str) -> None:
    with pytest.raises(NoLimit):
        limit_in(text)
