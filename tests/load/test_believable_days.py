"""Believable days: decided by the shop's rules, the same every time, and readable by the shop."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from embedded_eventstore.storage.data_directory import DataDirectory
from embedded_eventstore.storage.schema import UnusableStoreError
from orders.domain.event import published_types
from orders.domain.events import CoffeeOrdered, CustomerRegistered, OrderNumbersReserved
from orders.event_codec import decode, key_ring
from orders.event_store import EventStore, Place
from orders.key_check import check_keys
from orders.reactions.checkpoint import StoredCheckpoint
from tests.eventstore_fixture import start_eventstore
from tests.load.believable_days import BelievableDays
from tests.load.long_log import days_until, fill, last_rush, note_what_is_done

pytestmark = pytest.mark.slow

END = datetime.fromisoformat("2026-05-07T09:10:00+02:00")
NEVER_HAPPENS = {
    "LineBroughtBack",
    "PreparationReleased",
    "CancellationRequested",
    "StopDeclined",
    "OrderHeld",
    "OrderResumed",
    "OrderPrioritised",
    "OrderDeprioritised",
    "SoldOut",
    "BackInStock",
    "BarSlowedDown",
    "WebOrdersPaused",
    "BarAtUsualPace",
    "SettingChosen",
    "CustomerArrived",
    "OrderAmended",
    "PickUpSlotFreed",
    "PickUpSlotTaken",
}
"""Slips of a finger, and what is rare in a shop: the days leave it out."""


def days(events: int, seed: int = 1) -> BelievableDays:
    return days_until(events, END, seed=seed)


def test_there_are_about_as_many_events_as_wanted_and_all_are_in_order() -> None:
    for events in (500, 5_000, 20_000):
        appends = list(days(events).appends())
        assert sum(len(append.events) for append in appends) == pytest.approx(events, rel=0.1)
        times = [append.at for append in appends]
        assert times == sorted(times)
        assert times[-1] <= END


def test_the_same_seed_gives_the_same_days_and_another_seed_others() -> None:
    assert list(days(2_000).appends()) == list(days(2_000).appends())
    assert list(days(2_000).appends()) != list(days(2_000, seed=2).appends())


def test_the_last_day_is_the_same_however_long_the_history_is() -> None:
    last_day = END.replace(hour=0, minute=0)

    def of_the_last_day(events: int) -> dict[str, tuple[object, ...]]:
        orders = (a for a in days(events).appends() if a.stream.startswith("order-"))
        return {f"{a.stream} {a.behind}": a.events for a in orders if a.at >= last_day}

    assert of_the_last_day(60_000) == of_the_last_day(90_000)


def test_everything_happens_that_happens_in_a_shop() -> None:
    kinds = Counter(type(e).__name__ for a in days(40_000).appends() for e in a.events)
    assert {event_type.name for event_type in published_types()} - kinds.keys() == NEVER_HAPPENS
    assert kinds["OrderCancelled"] < kinds["CoffeeOrdered"] / 20


def test_the_morning_is_the_busiest_time() -> None:
    evening = replace(days(12_000), end=END.replace(hour=20))
    hours = Counter(
        append.at.astimezone(evening.zone).hour
        for append in evening.appends()
        if isinstance(append.events[0], CoffeeOrdered)
    )
    assert hours.most_common(1)[0][0] == 8
    assert min(hours) == 7
    assert max(hours) == 17


def test_the_last_rush_is_not_in_the_future() -> None:
    for hour, day in ((8, 6), (10, 7)):
        rush = last_rush(END.replace(hour=hour))
        assert (rush.day, timezone.localtime(rush).hour) == (day, 9)


@pytest.mark.django_db
def test_the_shop_reads_what_it_would_have_written_itself(tmp_path: Path) -> None:
    some_days = days(2_500)
    filled = fill(tmp_path / "log", some_days)
    note_what_is_done(filled)
    appends = list(some_days.appends())
    log = start_eventstore(tmp_path / "log")
    try:
        store = EventStore(log.uri)
        stored = store.read_all()
        facts = [fact for event in stored if (fact := decode(event, key_ring()))]
        assert check_keys(store)
        store.close()
    finally:
        log.stop()

    assert filled.events == len(stored)
    assert [fact.event for fact in facts] == [e for append in appends for e in append.events]
    assert [fact.command_id for fact in facts if fact.revision == 0] == [
        append.command.command_id for append in appends if append.behind == -1
    ]
    for fact in facts:
        assert fact.recorded_at - fact.occurred_at == timedelta(milliseconds=5)
    assert filled.last == Place(stored[-1].position, stored[-1].event_id)
    reacted = StoredCheckpoint().load()
    assert reacted is not None
    assert any((fact.position, fact.event_id) == reacted for fact in facts)
    names = {fact.event.name for fact in facts if isinstance(fact.event, CustomerRegistered)}
    numbers = [fact.event for fact in facts if isinstance(fact.event, OrderNumbersReserved)]
    assert names
    assert numbers
    assert all(name.encode() not in event.data for name in names for event in stored)


@pytest.mark.django_db
def test_a_log_that_is_open_is_not_filled(tmp_path: Path) -> None:
    held = DataDirectory(tmp_path / "log")
    try:
        with pytest.raises(UnusableStoreError):
            fill(tmp_path / "log", days(500))
    finally:
        held.release()
