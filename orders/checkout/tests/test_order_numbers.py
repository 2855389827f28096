"""Numbers count from 1 each day and are never given twice, whichever process gives them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from orders.checkout.order_numbers import OrderNumbers
from orders.event_store import NewStoredEvent, OutcomeUnknown, StoreUnavailable
from orders.tests.log_in_memory import LogInMemory
from orders.tests.shop_cast import NOON


def take(numbers: OrderNumbers, count: int, now: datetime = NOON) -> list[int]:
    return [numbers.take(now)[1] for _ in range(count)]


def test_numbers_count_from_1_and_a_block_is_one_append() -> None:
    log = LogInMemory()

    assert take(OrderNumbers(log), 20) == list(range(1, 21))
    assert log.appends == 1


def test_the_next_block_follows() -> None:
    assert take(OrderNumbers(LogInMemory()), 45) == list(range(1, 46))


def test_two_processes_share_the_day() -> None:
    log = LogInMemory()
    one, other = OrderNumbers(log), OrderNumbers(log)

    given = [*take(one, 1), *take(other, 21), *take(one, 25)]

    assert len(set(given)) == len(given)
    assert take(one, 1)[0] <= 80


@pytest.mark.parametrize("blocks", [1, 2, 3, 7, 8, 30])
def test_a_new_process_finds_the_first_free_block(blocks: int) -> None:
    log = LogInMemory()
    take(OrderNumbers(log), 20 * blocks)

    assert take(OrderNumbers(log), 1) == [20 * blocks + 1]


def test_each_day_of_the_shop_counts_anew() -> None:
    numbers = OrderNumbers(LogInMemory())
    evening = datetime(2026, 5, 4, 21, 59, tzinfo=UTC)  # 23:59 in Berlin

    assert numbers.take(evening) == ("2026-05-04", 1)
    assert numbers.take(evening + timedelta(minutes=1)) == ("2026-05-05", 1)


def test_a_clock_that_goes_back_over_midnight_gives_no_number_twice() -> None:
    """So do two requests at midnight, of which the later one comes first."""
    numbers = OrderNumbers(LogInMemory())
    evening = datetime(2026, 5, 4, 21, 59, tzinfo=UTC)  # 23:59 in Berlin
    night = evening + timedelta(minutes=1)

    given = [numbers.take(now) for now in (evening, night, evening, night, evening)]

    assert len(set(given)) == len(given)


def test_a_block_whose_reservation_was_not_answered_is_used_after_all() -> None:
    class LostAnswer(LogInMemory):
        lost = False

        def append(self, *given: object) -> int:
            position = super().append(*given)  # type: ignore[arg-type]
            if not self.lost:
                self.lost = True
                raise OutcomeUnknown
            return position

    numbers = OrderNumbers(LostAnswer())

    with pytest.raises(OutcomeUnknown):
        numbers.take(NOON)
    assert numbers.take(NOON) == ("2026-05-04", 1)


def test_a_log_that_is_away_is_said_and_nothing_is_lost() -> None:
    class Away(LogInMemory):
        away = True

        def append(
            self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
        ) -> int:
            if self.away:
                raise StoreUnavailable
            return super().append(stream, expected_revision, events)

    log = Away()
    numbers = OrderNumbers(log)
    with pytest.raises(StoreUnavailable):
        numbers.take(NOON)

    log.away = False
    assert numbers.take(NOON) == ("2026-05-04", 1)


def test_threads_of_one_process_never_get_the_same() -> None:
    numbers = OrderNumbers(LogInMemory())

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: numbers.take(NOON)[1], range(200)))

    assert sorted(given) == list(range(1, 201))
