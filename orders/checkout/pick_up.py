"""When an order is wanted: as soon as possible, at a slot, or when its customer is here.

`wanted` is what a form or a program sends: "", `here`, or the ISO time of a slot. What the shop
allows depends on its hours, on the work that an order is, and on what others have ordered for
the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import ClassVar, TypedDict
from uuid import UUID

from django.utils.timezone import localtime

from orders.checkout.forms import WHEN_HERE
from orders.command_handler import Log, handle
from orders.domain import pick_ups
from orders.domain.command import Envelope, follow_up
from orders.domain.events import CoffeeOrdered, Line, WaitsFor
from orders.domain.ordering import PlaceOrder
from orders.domain.pick_ups import SLOT_MINUTES, PickUps, TakeSlot
from orders.domain.refused import BadInput
from orders.domain.streams import pick_ups_stream
from orders.domain.wait import SPREAD
from orders.event_codec import decode
from orders.event_store import StoreUnavailable, event_store
from orders.opening import ClosedUntil, closed_at
from orders.shop_state import shop_now
from orders.wait import wait_for, work_of

SLOTS_OFFERED = 24
"""Two hours of them."""

LOOK_AHEAD = timedelta(days=3)
"""Over a Sunday and a holiday."""


class NotThen(BadInput):
    """The order cannot be made at the time at which it is wanted."""

    code = "not_then"


class TooLargeForNow(NotThen):
    """More work than the bar does at once: it has to be ordered for later."""

    code = "too_large_for_now"
    words: ClassVar[str] = "That is a large order. Please choose a time, so that it is ready then."


class NoRoomForMore(NotThen):
    """A changed order would be too much work for the bar at once, or for the slot it has."""

    code = "no_room_for_more"
    words: ClassVar[str] = "There is no room for more in this order. Please order the rest anew."


class Closed(NotThen):
    """The shop takes no orders for now."""

    code = "closed"
    words: ClassVar[str] = "We are closed just now. Please choose a time when we are open."


class NoSuchSlot(NotThen):
    """Too late for it, or no slot at all."""

    code = "no_such_slot"
    words: ClassVar[str] = "That time is over, or we are closed then. Please choose another one."


class Promise(TypedDict):
    """What `PlaceOrder` is told about it."""

    waits_for: WaitsFor
    pick_up_at: str
    promised_seconds: int


@dataclass(frozen=True)
class Plan:
    """How an order is made: the slot it needs, if any, and what is promised."""

    promise: Promise
    slot: datetime | None = None


@dataclass(frozen=True)
class PickUpSlot:
    """A time that is offered, in the shop's zone."""

    at: datetime
    is_full: bool
    is_today: bool

    @property
    def value(self) -> str:
        """What the form sends."""
        return self.at.isoformat(timespec="minutes")


@dataclass(frozen=True)
class Offer:
    """What the checkout offers."""

    closed: ClosedUntil | None
    is_large: bool
    slots: Sequence[PickUpSlot]

    @property
    def must_be_later(self) -> bool:
        """Whether it cannot be had as soon as possible."""
        return self.closed is not None or self.is_large


def offer(lines: Sequence[Line], now: datetime) -> Offer:
    """When these lines can be had. A log that is away hides only how full the slots are."""
    shop, work = shop_now(), work_of(lines)
    taken = _Taken()
    room = shop.number("slot_work_minutes") * 60
    slots = [
        PickUpSlot(
            at=slot,
            is_full=not taken.on(slot.date()).has_room(clock_of(slot), ceil(work), room),
            is_today=slot.date() == localtime(now).date(),
        )
        for slot in _slots(lines, now)
    ]
    return Offer(closed_at(now), _is_large(work), slots)


def refuse_too_much(placed: CoffeeOrdered, lines: Sequence[Line], *, from_the_web: bool) -> None:
    """Refuse lines that an order has no room for. Raises `NoRoomForMore`.

    Less, or as much as it was, is never too much. A slot was taken for what was ordered.
    """
    work = work_of(lines)
    if work <= work_of(placed.lines):
        return
    if placed.waits_for is WaitsFor.TIME or (from_the_web and _is_large(work)):
        raise NoRoomForMore


def planned(wanted: str, command: PlaceOrder, *, from_the_web: bool) -> Plan:
    """How this order is to be made. Raises `NotThen`."""
    if not wanted or wanted == WHEN_HERE:
        if from_the_web and closed_at(command.at):
            raise Closed
        if from_the_web and _is_large(work_of(command.lines)):
            raise TooLargeForNow
        waits_for = WaitsFor.CUSTOMER if wanted else WaitsFor.NOTHING
        if not wanted and from_the_web and shop_now().is_on("make_when_paid"):
            waits_for = WaitsFor.PAYMENT
        return Plan(
            Promise(waits_for=waits_for, pick_up_at="", promised_seconds=command.promised_seconds)
        )
    slot = next((each for each in _slots(command.lines, command.at) if _is(each, wanted)), None)
    if slot is None:
        raise NoSuchSlot
    left = int((slot - command.at).total_seconds())
    needed = max(60, ceil(work_of(command.lines) * SPREAD))
    waits_for = WaitsFor.TIME if needed < left else WaitsFor.NOTHING
    promise = Promise(
        waits_for=waits_for,
        pick_up_at=slot.isoformat(timespec="minutes"),
        promised_seconds=min(needed, left),
    )
    return Plan(promise, slot)


def take_slot(
    slot: datetime, order: UUID, envelope: Envelope, work: float, store: Log | None = None
) -> None:
    """Have the slot for this order. Raises `SlotFull`, and what `handle` raises.

    Before the order itself: an order that is not placed after all leaves its slot taken, which
    costs the room of one order at that time.
    """
    command = TakeSlot(
        **follow_up(envelope, "slot"),
        slot=clock_of(slot),
        order=order.hex,
        work_seconds=max(1, ceil(work)),
        room_seconds=shop_now().number("slot_work_minutes") * 60,
    )
    handle(pick_ups_stream(slot.date()), command, store=store)


def clock_of(slot: datetime) -> str:
    """`11:05`: how a slot is named in its day."""
    return f"{slot:%H:%M}"


def _slots(lines: Sequence[Line], now: datetime) -> list[datetime]:
    """The next times at which these lines can be ready while the shop is open."""
    shop = shop_now()
    earliest = localtime(now + timedelta(minutes=wait_for(lines).most))
    slot = earliest.replace(minute=0, second=0, microsecond=0)
    step = timedelta(minutes=SLOT_MINUTES)
    found: list[datetime] = []
    while len(found) < SLOTS_OFFERED and slot < earliest + LOOK_AHEAD:
        slot = localtime(slot + step)  # over a change of the clock, too
        if slot >= earliest and shop.is_open(slot.replace(tzinfo=None)):
            found.append(slot)
    return found


def _is(slot: datetime, wanted: str) -> bool:
    try:
        return slot == datetime.fromisoformat(wanted)
    except (ValueError, TypeError):
        return False


def _is_large(work: float) -> bool:
    return work > shop_now().number("most_work_minutes") * 60


class _Taken:
    """What is taken of the slots of each day, read once."""

    def __init__(self) -> None:
        self._days: dict[date, PickUps] = {}

    def on(self, day: date) -> PickUps:
        """The slots of a day."""
        if day not in self._days:
            self._days[day] = _pick_ups_of(day)
        return self._days[day]


def _pick_ups_of(day: date) -> PickUps:
    try:
        stored = event_store().read_stream(pick_ups_stream(day))
    except StoreUnavailable:
        return PickUps()
    facts = (decode(event) for event in stored)
    return pick_ups.SERVICE.fold([fact.event for fact in facts if fact is not None])
