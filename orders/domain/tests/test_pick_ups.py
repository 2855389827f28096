"""The slots of a day: so much work to be ready at the same time, and no more."""

from dataclasses import replace

import pytest

from orders.domain.events import PickUpSlotFreed, PickUpSlotTaken
from orders.domain.pick_ups import SERVICE, FreeSlot, TakeSlot
from orders.domain.refused import BadInput, SlotFull
from orders.domain.tests.cast import ENVELOPE
from orders.domain.tests.specification import given

ORDER = "0d" * 16
OTHER = "0e" * 16
TAKE = TakeSlot(**ENVELOPE, slot="11:05", order=ORDER, work_seconds=120, room_seconds=300)
TAKEN = PickUpSlotTaken(slot="11:05", order=ORDER, work_seconds=120)
OTHER_TAKEN = replace(TAKEN, order=OTHER, work_seconds=181)
FREE = FreeSlot(**ENVELOPE, order=ORDER)


def test_a_slot_takes_as_much_as_it_has_room_for() -> None:
    given(SERVICE).when(TAKE).then(TAKEN)
    given(SERVICE, TAKEN).when(TAKE).then_nothing()
    given(SERVICE, OTHER_TAKEN).when(TAKE).then_refused(SlotFull)
    given(SERVICE, OTHER_TAKEN).when(replace(TAKE, work_seconds=119)).then(
        replace(TAKEN, work_seconds=119)
    )
    given(SERVICE, OTHER_TAKEN).when(replace(TAKE, slot="11:10")).then(replace(TAKEN, slot="11:10"))


def test_an_empty_slot_takes_a_large_order() -> None:
    large = replace(TAKE, work_seconds=3000)

    given(SERVICE).when(large).then(replace(TAKEN, work_seconds=3000))


def test_a_cancelled_order_gives_its_room_back() -> None:
    given(SERVICE, TAKEN).when(FREE).then(PickUpSlotFreed(order=ORDER))
    given(SERVICE).when(FREE).then_nothing()
    freed = PickUpSlotFreed(order=OTHER)
    given(SERVICE, OTHER_TAKEN, freed).when(TAKE).then(TAKEN)


@pytest.mark.parametrize("wrong", [{"slot": ""}, {"order": ""}, {"work_seconds": 0}])
def test_a_slot_is_taken_by_an_order_for_some_work(wrong: dict[str, str]) -> None:
    given(SERVICE).when(replace(TAKE, **wrong)).then_refused(BadInput)  # type: ignore[arg-type]
