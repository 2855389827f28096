"""Who gets the next message."""

from collections.abc import Callable

import pytest

from embedded_eventstore.persistent.consumers import (
    MAX_HELD_BYTES,
    Consumer,
    InTurn,
    Pinned,
    Strategy,
    strategy_named,
)
from embedded_eventstore.persistent.settings import STRATEGIES


def given_out(strategy: Strategy, pins: list[str]) -> list[Consumer | None]:
    chosen: list[Consumer | None] = []
    for pin in pins:
        consumer = strategy.choose(pin)
        if consumer:
            consumer.take(1)
        chosen.append(consumer)
    return chosen


def test_in_turn_gives_each_consumer_one_message() -> None:
    a, b = Consumer(9), Consumer(9)
    strategy = InTurn(fill=False)
    strategy.add(a, [])
    strategy.add(b, [])

    assert given_out(strategy, [""] * 4) == [a, b, a, b]


def test_dispatch_to_single_fills_one_consumer_before_the_next() -> None:
    a, b = Consumer(2), Consumer(1)
    strategy = InTurn(fill=True)
    strategy.add(a, [])
    strategy.add(b, [])

    assert given_out(strategy, [""] * 4) == [a, a, b, None]


def test_a_full_consumer_is_passed_over() -> None:
    a, b = Consumer(1), Consumer(3)
    strategy = InTurn(fill=False)
    strategy.add(a, [])
    strategy.add(b, [])

    assert given_out(strategy, [""] * 4) == [a, b, b, b]


def test_a_pin_stays_with_its_consumer_even_while_that_is_full() -> None:
    a, b = Consumer(2), Consumer(2)
    strategy = Pinned()
    strategy.add(a, [])
    strategy.add(b, [])

    first, second, third, fourth = given_out(strategy, ["x", "x", "x", "y"])
    assert first is second is not None
    assert third is None
    assert fourth not in (first, None)


def test_pins_of_a_consumer_that_leaves_go_to_the_others() -> None:
    a, b = Consumer(9), Consumer(9)
    strategy = Pinned()
    strategy.add(a, [])
    assert strategy.choose("x") is a
    strategy.add(b, ["x"])
    assert strategy.choose("x") is a

    strategy.remove(a)
    assert strategy.choose("x") is b


def test_who_joins_gets_a_share_of_the_idle_pins_and_none_of_the_busy_ones() -> None:
    a, b = Consumer(999), Consumer(999)
    strategy = Pinned()
    strategy.add(a, [])
    pins = [f"customer-{number}" for number in range(100)]
    given_out(strategy, pins)

    strategy.add(b, pins[:20])
    chosen = given_out(strategy, pins)
    assert set(chosen[:20]) == {a}
    assert 20 < chosen.count(b) < 80


@pytest.mark.parametrize("name", STRATEGIES)
def test_nobody_connected_means_nobody_gets_it(name: str) -> None:
    assert strategy_named(name).choose("x") is None


def test_a_strategy_nobody_knows_is_refused() -> None:
    build: Callable[[str], Strategy] = strategy_named
    with pytest.raises(ValueError, match="Nearest"):
        build("Nearest")


def test_a_consumer_with_too_many_bytes_in_hand_has_no_room() -> None:
    consumer = Consumer(1_000_000)
    consumer.take(MAX_HELD_BYTES)

    assert not consumer.has_room
    consumer.let_go(MAX_HELD_BYTES)
    assert consumer.has_room
