"""The published language: every fact the shop can state, and which service states it.

Money is in integer cents with its currency; times are in the envelope (`fact.py`), not in here.
A person appears only as an opaque id, or in a field marked `Personal`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from orders.domain.event import Event, Owner, Personal, owned_by

# --- ordering: what was asked for, and by whom -------------------------------------------------


@owned_by(Owner.ORDERING, "CustomerNameReserved")
@dataclass(frozen=True, kw_only=True)
class CustomerNameReserved(Event):
    """The name behind this stream's keyed hash belongs to one customer: names are unique."""

    customer: str


@owned_by(Owner.ORDERING, "CustomerNameReleased")
@dataclass(frozen=True, kw_only=True)
class CustomerNameReleased(Event):
    """The name is free again."""

    customer: str


@owned_by(Owner.ORDERING, "CustomerRegistered")
@dataclass(frozen=True, kw_only=True)
class CustomerRegistered(Event):
    """Somebody wants to be known here by name."""

    customer: str
    name: Personal


@owned_by(Owner.ORDERING, "CustomerForgotten")
@dataclass(frozen=True, kw_only=True)
class CustomerForgotten(Event):
    """The customer asked to be forgotten; projecting this destroys the key of their fields."""

    customer: str


@owned_by(Owner.ORDERING, "OrderNumbersReserved")
@dataclass(frozen=True, kw_only=True)
class OrderNumbersReserved(Event):
    """One web process may hand out the numbers `first`..`last` of a day (an ISO date)."""

    day: str
    first: int
    last: int


class Station(StrEnum):
    """Where a line is made."""

    BAR = "bar"
    COLD = "cold"
    FOOD = "food"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One drink or thing to eat, as ordered: the price and the words of that moment."""

    line: int  # 1, 2, 3 … within the order
    item: str  # the slug on the menu
    name: str
    size: str  # "" where the item has no sizes
    options: tuple[str, ...]  # in the bar's words: "SUB oat milk", "EXTRA cream", "NO sugar"
    quantity: int
    unit_price: int  # cents, options included
    bar_name: str = ""  # short, as the bar calls it; "" where nobody recorded it
    usual_size: bool = False  # the size that the bar takes when nobody says one
    choices: tuple[str, ...] = ()  # slugs of all that it comes with, each as often as it is in it
    station: Station = Station.BAR  # where it is made

    @property
    def words(self) -> tuple[str, ...]:
        """What every screen says under the name, in the bar's words."""
        return self.options


class WaitsFor(StrEnum):
    """What the bar waits for before it begins with an order."""

    NOTHING = ""
    TIME = "time"  # it is to be picked up later
    CUSTOMER = "customer"  # until they say that they are here
    PAYMENT = "payment"


def total_of(lines: tuple[Line, ...]) -> int:
    """What these lines cost, in cents."""
    return sum(line.unit_price * line.quantity for line in lines)


@owned_by(Owner.ORDERING, "CoffeeOrdered", version=2)
@dataclass(frozen=True, kw_only=True)
class CoffeeOrdered(Event):
    """A customer ordered."""

    number: int  # what people call out; unique within `day`
    day: str  # the shop's day, an ISO date
    customer: str  # an opaque id, registered or not
    name: Personal  # for the cup; "" if none was given
    note: Personal  # "" if none was given
    lines: tuple[Line, ...]
    currency: str
    promised_seconds: int  # ready within so many seconds, as promised; 0 if nothing was
    allergies: Personal = ""  # what the customer must not have, like "nuts, milk"; "" if nothing
    waits_for: WaitsFor = WaitsFor.NOTHING  # the promise counts from when that is over
    pick_up_at: str = (
        ""  # an ISO time with its zone: the slot that was chosen; "" for as soon as possible
    )
    on_board: bool = True  # whether the name may stand on the public board
    cups: Personal = ""  # whose each line is, and how it should be (`cups.py`)

    @property
    def total(self) -> int:
        """The price of the whole order, in cents."""
        return total_of(self.lines)

    @property
    def begins_at(self) -> datetime | None:
        """When the bar begins by itself, so that it is ready at its time; None if it is not so."""
        if self.waits_for is not WaitsFor.TIME:
            return None
        return datetime.fromisoformat(self.pick_up_at) - timedelta(seconds=self.promised_seconds)


@owned_by(Owner.ORDERING, "CustomerArrived")
@dataclass(frozen=True, kw_only=True)
class CustomerArrived(Event):
    """The customer says that they are here: the bar need not wait for them any more."""


@owned_by(Owner.ORDERING, "PickUpSlotTaken")
@dataclass(frozen=True, kw_only=True)
class PickUpSlotTaken(Event):
    """An order is to be picked up at this time of the day, and takes so much work."""

    slot: str  # like "11:05", the shop's clock
    order: str  # a hexadecimal id
    work_seconds: int


@owned_by(Owner.ORDERING, "PickUpSlotFreed")
@dataclass(frozen=True, kw_only=True)
class PickUpSlotFreed(Event):
    """The order does not need its slot any more."""

    order: str


@owned_by(Owner.ORDERING, "OrderAmended")
@dataclass(frozen=True, kw_only=True)
class OrderAmended(Event):
    """The customer has other lines instead, while nobody had started."""

    customer: str  # whose key protects what they wrote
    note: Personal
    allergies: Personal
    lines: tuple[Line, ...]
    promised_seconds: int  # counted from the order, as before; more if there is more to make
    cups: Personal = ""

    @property
    def total(self) -> int:
        """The price of the whole order, in cents."""
        return total_of(self.lines)


@owned_by(Owner.ORDERING, "OrderCancelled")
@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """The order is off: by the customer while nobody had started, or by the shop."""

    reason: str
    by_shop: bool


@owned_by(Owner.ORDERING, "CancellationRequested")
@dataclass(frozen=True, kw_only=True)
class CancellationRequested(Event):
    """The customer asks whether an order that is being made can still be stopped."""


@owned_by(Owner.ORDERING, "OrderServed")
@dataclass(frozen=True, kw_only=True)
class OrderServed(Event):
    """The customer has the order in their hands."""


@owned_by(Owner.ORDERING, "OrderNotCollected")
@dataclass(frozen=True, kw_only=True)
class OrderNotCollected(Event):
    """Nobody came for the order."""


# --- preparation: what the bar did -------------------------------------------------------------


class Disposition(StrEnum):
    """What became of the drinks of a stopped order."""

    NOT_STARTED = "not started"
    STOPPED_IN_TIME = "stopped in time"
    WASTED = "wasted"
    GIVEN_AWAY = "given away"
    REUSED = "reused"  # somebody else had ordered the same


class BringBackReason(StrEnum):
    """Why an order returns to the bar."""

    MISBUMP = "misbump"  # called ready by mistake: its clock goes on
    WRONG = "wrong"  # not what was ordered: made again, as for all reasons that follow
    SPILLED = "spilled"
    TAKEN = "taken"  # somebody else went off with it
    QUALITY = "quality"
    REMAKE = "remake"  # made again, for a reason that nobody recorded

    @property
    def is_remake(self) -> bool:
        """Whether something is made a second time."""
        return self is not BringBackReason.MISBUMP


@owned_by(Owner.PREPARATION, "PreparationStarted")
@dataclass(frozen=True, kw_only=True)
class PreparationStarted(Event):
    """A barista (an opaque staff id) took the order: nobody else makes it."""

    barista: str


@owned_by(Owner.PREPARATION, "LinePrepared")
@dataclass(frozen=True, kw_only=True)
class LinePrepared(Event):
    """One line of the order is done."""

    line: int


@owned_by(Owner.PREPARATION, "LineBroughtBack")
@dataclass(frozen=True, kw_only=True)
class LineBroughtBack(Event):
    """One line was ticked by mistake."""

    line: int


@owned_by(Owner.PREPARATION, "CoffeePrepared", version=2)
@dataclass(frozen=True, kw_only=True)
class CoffeePrepared(Event):
    """The whole order is ready, at this serving desk."""

    desk: int
    at_closing: bool = False  # said when the bar closed: when it really was, nobody knows


@owned_by(Owner.PREPARATION, "PreparationReleased")
@dataclass(frozen=True, kw_only=True)
class PreparationReleased(Event):
    """The barista who had the order gave it back to the queue."""

    barista: str


@owned_by(Owner.PREPARATION, "BroughtBack", version=2)
@dataclass(frozen=True, kw_only=True)
class BroughtBack(Event):
    """A ready order returned to the bar."""

    reason: BringBackReason
    lines: tuple[int, ...]  # those that are made again; none named: all of them


@owned_by(Owner.PREPARATION, "PreparationStopped", version=2)
@dataclass(frozen=True, kw_only=True)
class PreparationStopped(Event):
    """The bar makes nothing more of this order: it was cancelled, or its customer asked for it."""

    disposition: Disposition


@owned_by(Owner.PREPARATION, "StopDeclined")
@dataclass(frozen=True, kw_only=True)
class StopDeclined(Event):
    """It is too late to stop what the customer asked to be stopped; the bar goes on."""


@owned_by(Owner.PREPARATION, "OrderHeld")
@dataclass(frozen=True, kw_only=True)
class OrderHeld(Event):
    """The bar waits with this order, because of something."""

    reason: str
    minutes: int  # then it goes on by itself; 0: until somebody says so


@owned_by(Owner.PREPARATION, "OrderResumed")
@dataclass(frozen=True, kw_only=True)
class OrderResumed(Event):
    """A held order is in the queue again."""


class RushReason(StrEnum):
    """Why an order is made before those that came earlier."""

    WAITED_LONG = "waited long"
    ACCESSIBILITY = "accessibility"  # somebody who cannot stand and wait
    SHOP = "the shop asks for it"


@owned_by(Owner.PREPARATION, "OrderPrioritised")
@dataclass(frozen=True, kw_only=True)
class OrderPrioritised(Event):
    """The order is made before those that came earlier."""

    reason: RushReason


@owned_by(Owner.PREPARATION, "OrderDeprioritised")
@dataclass(frozen=True, kw_only=True)
class OrderDeprioritised(Event):
    """The order waits its turn again."""


# --- the shop as a whole -------------------------------------------------------------------------


class StockKind(StrEnum):
    """What can run out: something on the menu, or an option that many things come with."""

    ITEM = "item"
    OPTION = "option"


@owned_by(Owner.PREPARATION, "SoldOut")
@dataclass(frozen=True, kw_only=True)
class SoldOut(Event):
    """The shop has run out of something."""

    kind: StockKind
    slug: str  # on the menu
    minutes: int  # then it is there again; 0: when somebody says so


@owned_by(Owner.PREPARATION, "BackInStock")
@dataclass(frozen=True, kw_only=True)
class BackInStock(Event):
    """There is some of it again."""

    kind: StockKind
    slug: str


@owned_by(Owner.PREPARATION, "BarSlowedDown")
@dataclass(frozen=True, kw_only=True)
class BarSlowedDown(Event):
    """Every order is promised so much later, for a while."""

    extra_minutes: int
    minutes: int


@owned_by(Owner.PREPARATION, "WebOrdersPaused")
@dataclass(frozen=True, kw_only=True)
class WebOrdersPaused(Event):
    """The bar takes orders at the counter only, for a while."""

    minutes: int


@owned_by(Owner.PREPARATION, "BarAtUsualPace")
@dataclass(frozen=True, kw_only=True)
class BarAtUsualPace(Event):
    """Neither slowed down nor paused any more, before the time was over."""


@owned_by(Owner.ORDERING, "SettingChosen")
@dataclass(frozen=True, kw_only=True)
class SettingChosen(Event):
    """The shop decided how it wants something to be: a name of `shop_settings.SETTINGS`."""

    setting: str
    value: str


# --- payment: what became of the money ---------------------------------------------------------


class Tender(StrEnum):
    """How money changed hands."""

    CASH = "cash"
    CARD = "card"  # through the payment gateway
    CARD_BY_HAND = "card by hand"  # on a terminal that the shop's software does not reach


@owned_by(Owner.PAYMENT, "PaymentStarted")
@dataclass(frozen=True, kw_only=True)
class PaymentStarted(Event):
    """The intention to charge a card. `payment` is also the gateway's idempotency key."""

    payment: str
    amount: int
    currency: str
    card_token: str  # the gateway's opaque name of the card


@owned_by(Owner.PAYMENT, "OrderPaid")
@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    """The order is paid. Without `amount` (version 0 did not record it): in full."""

    payment: str
    amount: int | None
    tender: Tender
    given: int  # what the customer handed over, in cents; equals `amount` except for cash
    change: int


@owned_by(Owner.PAYMENT, "PaymentDeclined")
@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(Event):
    """The card was refused; the order is still to be paid."""

    payment: str
    reason: str


@owned_by(Owner.PAYMENT, "PaymentRolledBack")
@dataclass(frozen=True, kw_only=True)
class PaymentRolledBack(Event):
    """A started payment came to nothing: the gateway confirmed that nothing was charged."""

    payment: str
    reason: str


@owned_by(Owner.PAYMENT, "RefundStarted")
@dataclass(frozen=True, kw_only=True)
class RefundStarted(Event):
    """The intention to give card money back. `refund` is also the gateway's idempotency key."""

    refund: str
    payment: str
    amount: int
    reason: str


@owned_by(Owner.PAYMENT, "PaymentRefunded")
@dataclass(frozen=True, kw_only=True)
class PaymentRefunded(Event):
    """The customer has the money back."""

    refund: str
    payment: str
    amount: int
    tender: Tender


@owned_by(Owner.PAYMENT, "PaymentWrittenOff")
@dataclass(frozen=True, kw_only=True)
class PaymentWrittenOff(Event):
    """The shop will not collect what is due."""

    amount: int
    reason: str
