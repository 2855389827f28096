"""The rows of the Eventstore's goals: which figure stands beside which."""

import pytest

from embedded_eventstore.bench.workloads import (
    CONCURRENT,
    LAG_P99,
    READ_ALL,
    READ_TEN,
    SEQUENTIAL,
    SHARING,
)
from tests.load import eventstore
from tests.load.eventstore import (
    GRPC,
    POSTGRES,
    STORE,
    SYNC,
    append_rows,
    appender_rows,
    reading_rows,
)

OURS = {
    SEQUENTIAL: 1.5,
    SYNC: 0.5,
    CONCURRENT: 900,
    SHARING: 700,
    READ_ALL: 10_000,
    READ_TEN: 3,
    LAG_P99: 0.4,
}
FLOOR = {SEQUENTIAL: 0.75, CONCURRENT: 1000, READ_ALL: 10_000, READ_TEN: 1.5}
FOUND = {STORE: [OURS], GRPC: [FLOOR]}


def test_an_append_stands_beside_grpc_and_one_sync() -> None:
    append, lag = append_rows(FOUND)
    assert append.peers == [1.25]
    assert append.is_reached
    assert lag.ours == [0.4]
    assert lag.is_reached is None


def test_a_peer_that_is_not_installed_is_named_and_not_reached() -> None:
    beside_grpc, beside_postgres, _ = appender_rows(FOUND)
    assert beside_grpc.ratios == [0.9]
    assert beside_postgres.peer == "eventsourcing on PostgreSQL (not on this machine)"
    assert beside_postgres.is_reached is False

    _, a_call_each, shared_calls = appender_rows(
        FOUND | {POSTGRES: [{CONCURRENT: 500, SHARING: 500}]}
    )
    assert a_call_each.is_reached
    assert not shared_calls.is_reached


def test_reading_more_is_better_and_waiting_longer_is_worse() -> None:
    everything, ten = reading_rows(FOUND)
    assert everything.is_reached
    assert ten.ratios == [2.0]
    assert not ten.is_reached


def test_three_goals_measure_once(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[float] = []
    monkeypatch.setattr(eventstore, "_measured", {})
    for side, figures in ((STORE, OURS), (GRPC, FLOOR), (POSTGRES, {})):
        monkeypatch.setitem(eventstore.MEASURE, side, lambda *_, found=figures: found)
    for goal in (eventstore.one_append, eventstore.many_appenders, eventstore.reading):
        assert goal(2, 10, turns.append)
    assert turns == [n / 6 for n in range(1, 7)]


def test_what_broke_off_is_measured_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> dict[str, float]:
        raise TimeoutError

    monkeypatch.setattr(eventstore, "_measured", {})
    for side, figures in ((STORE, broken), (GRPC, lambda *_: FLOOR), (POSTGRES, lambda *_: {})):
        monkeypatch.setitem(eventstore.MEASURE, side, figures)
    for goal in (eventstore.one_append, eventstore.many_appenders):
        with pytest.raises(TimeoutError):
            goal(1, 10, lambda _share: None)
