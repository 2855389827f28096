"""The slots of one day: how much work is to be ready when, and whether there is room for more.

One stream a day: whoever takes the last room of a slot is the one whose append came first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import PickUpSlotFreed, PickUpSlotTaken
from orders.domain.refused import BadInput, SlotFull, UnknownCommand
from orders.domain.words import Words

SLOT_MINUTES = 5


@dataclass(frozen=True, kw_only=True)
class PickUpCommand(Command):
    """A command about the slots of a day."""

    @property
    def service(self) -> "Service[PickUps]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class TakeSlot(PickUpCommand):
    """Have an order ready at a slot like "11:05", which has room for so much work (seconds)."""

    slot: str
    order: str
    work_seconds: int
    room_seconds: int


@dataclass(frozen=True, kw_only=True)
class FreeSlot(PickUpCommand):
    """The order is off."""

    order: str


class PickUps(NamedTuple):
    """Who is to be picked up when: by order (hexadecimal ids) the slot and the work."""

    orders: Mapping[str, tuple[str, int]] = MappingProxyType({})

    def work_at(self, slot: str) -> int:
        """The work (seconds) of all that is to be ready at a slot."""
        return sum(seconds for taken, seconds in self.orders.values() if taken == slot)

    def has_room(self, slot: str, work_seconds: int, room_seconds: int) -> bool:
        """Whether so much work has room there. An empty slot takes an order of any size."""
        taken = self.work_at(slot)
        return not taken or taken + work_seconds <= room_seconds


def evolve(pick_ups: PickUps, event: Event) -> PickUps:
    """The slots after this fact."""
    match event:
        case PickUpSlotTaken(slot=slot, order=order, work_seconds=seconds):
            return PickUps({**pick_ups.orders, order: (slot, seconds)})
        case PickUpSlotFreed(order=order):
            return PickUps({key: taken for key, taken in pick_ups.orders.items() if key != order})
    return pick_ups


def decide(pick_ups: PickUps, command: Command) -> Sequence[Event]:
    """The facts that follow from the command. Raises `SlotFull` or `BadInput`."""
    match command:
        case TakeSlot(slot=slot, order=order, work_seconds=work, room_seconds=room):
            if not slot or not order or work < 1:
                raise BadInput("Please choose when to pick it up.")
            if order in pick_ups.orders:
                return []
            if not pick_ups.has_room(slot, work, room):
                raise SlotFull(
                    Words("%(time)s is full by now. Please choose another time.", time=slot)
                )
            return [PickUpSlotTaken(slot=slot, order=order, work_seconds=work)]
        case FreeSlot(order=order):
            return [PickUpSlotFreed(order=order)] if order in pick_ups.orders else []
    raise UnknownCommand


SERVICE: Service[PickUps] = Service(Owner.ORDERING, PickUps(), evolve, decide)
