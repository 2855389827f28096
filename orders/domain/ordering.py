"""Ordering: what was asked for, whether it is off, whether it was handed over.

Owns the order itself. Learns from the facts of the bar and of the till whether an order is
started, prepared and paid; knows neither of their modules.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from orders.domain.command import Command, Service
from orders.domain.cups import LONGEST_CUP_NAME, LONGEST_CUP_NOTE, cups_in
from orders.domain.event import Event, Owner
from orders.domain.events import (
    CancellationRequested,
    CoffeeOrdered,
    CustomerArrived,
    Line,
    OrderAmended,
    OrderCancelled,
    OrderNotCollected,
    OrderServed,
    WaitsFor,
)
from orders.domain.limits import (
    LONGEST_ALLERGIES,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REASON,
    MOST_ADDED_SECONDS,
    MOST_LINES,
    MOST_OF_A_LINE,
)
from orders.domain.order import Order, evolve
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyNotCollected,
    AlreadyOrdered,
    AlreadyPrepared,
    AlreadyServed,
    AlreadyStarted,
    BadInput,
    ChangedElsewhere,
    NotPaid,
    NotReady,
    TooEarly,
    TooLateToChange,
    TooLateToStop,
    UnknownCommand,
    UnknownOrder,
)
from orders.domain.words import Words


@dataclass(frozen=True, kw_only=True)
class OrderingCommand(Command):
    """A command about one order."""

    @property
    def service(self) -> "Service[Order]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class PlaceOrder(OrderingCommand):
    """Order these lines. Prices come from the menu and are copied into the fact.

    `requested` is what was asked for in the words of whoever asked. Nothing is decided on it: a
    repeat is known by it, also when the menu has changed in between.
    """

    begins_stream: ClassVar[bool] = True

    number: int
    day: str
    customer: str
    name: str
    note: str
    lines: tuple[Line, ...]
    currency: str
    promised_seconds: int
    allergies: str = ""
    waits_for: WaitsFor = WaitsFor.NOTHING
    pick_up_at: str = ""
    on_board: bool = True
    cups: str = ""
    requested: str = ""


@dataclass(frozen=True, kw_only=True)
class AmendOrder(OrderingCommand):
    """Have these lines instead of those ordered, while nobody has started. Prices: as `PlaceOrder`.

    `replaces` is how often the order had been changed when whoever asks saw it. What there is more
    to make than before takes `added_seconds`; 0 if it is no more.
    """

    lines: tuple[Line, ...]
    note: str
    allergies: str
    replaces: int
    added_seconds: int
    cups: str = ""
    requested: str = ""


@dataclass(frozen=True, kw_only=True)
class CancelOrder(OrderingCommand):
    """Call the order off: the customer while nobody has started, the shop until it is served."""

    reason: str
    by_shop: bool


@dataclass(frozen=True, kw_only=True)
class AskToStop(OrderingCommand):
    """Ask the bar to stop what it makes; as long as nobody has started, call the order off."""


@dataclass(frozen=True, kw_only=True)
class SayHere(OrderingCommand):
    """The customer is here: the bar need not wait for them any more."""


@dataclass(frozen=True, kw_only=True)
class NoteStop(OrderingCommand):
    """The reactor saw that the bar stopped an order whose customer had asked for it."""


@dataclass(frozen=True, kw_only=True)
class ServeOrder(OrderingCommand):
    """Hand the order over."""


@dataclass(frozen=True, kw_only=True)
class MarkNotCollected(OrderingCommand):
    """Give up waiting for the customer."""


def decide(order: Order, command: Command) -> Sequence[Event]:
    """The facts that follow from the command.

    Raises a `Refused`: `BadInput`, `AlreadyOrdered`, `UnknownOrder`, `AlreadyCancelled`,
    `AlreadyServed`, `AlreadyStarted`, `AlreadyPrepared`, `TooLateToStop`, `AlreadyNotCollected`,
    `TooEarly`, `TooLateToChange`, `ChangedElsewhere`, `NotReady`, `NotPaid`.
    """
    match command:
        case PlaceOrder():
            return _place(order, command)
        case AmendOrder():
            return _amend(order, command)
        case CancelOrder():
            return _cancel(order, command)
        case AskToStop() | SayHere():
            return _said_by_the_customer(order, command)
        case NoteStop():
            is_asked = order.stop_asked and order.stopped and not order.cancelled
            return [OrderCancelled(reason="", by_shop=False)] if is_asked else []
        case ServeOrder():
            _refuse_unless_prepared(order)
            if order.due:
                raise NotPaid(order.due, order.currency)
            return [OrderServed()]
        case MarkNotCollected():
            _refuse_unless_prepared(order)
            if order.not_collected:
                raise AlreadyNotCollected
            return [OrderNotCollected()]
    raise UnknownCommand


def _place(order: Order, command: PlaceOrder) -> Sequence[Event]:
    if order.ordered:
        raise AlreadyOrdered
    _check_the_form(command)
    _check_what_is_wanted(command)
    return [
        CoffeeOrdered(
            number=command.number,
            day=command.day,
            customer=command.customer,
            name=command.name,
            note=command.note,
            lines=command.lines,
            currency=command.currency,
            promised_seconds=command.promised_seconds,
            allergies=command.allergies,
            waits_for=command.waits_for,
            pick_up_at=command.pick_up_at,
            on_board=command.on_board,
            cups=command.cups,
        )
    ]


def _amend(order: Order, command: AmendOrder) -> Sequence[Event]:
    _refuse_unless_open(order)
    if not order.may_be_amended:
        raise TooLateToChange(order.barista)
    if command.replaces != order.amendments:
        raise ChangedElsewhere
    _check_what_is_wanted(command)
    if not 0 <= command.added_seconds <= MOST_ADDED_SECONDS:
        raise BadInput("That is more than we can add to an order.")
    # Where nothing was promised, as in orders of before, nothing is promised now.
    more = command.added_seconds if order.promised_seconds else 0
    return [
        OrderAmended(
            customer=order.customer,
            note=command.note,
            allergies=command.allergies,
            lines=command.lines,
            promised_seconds=order.promised_seconds + more,
            cups=command.cups,
        )
    ]


def _cancel(order: Order, command: CancelOrder) -> Sequence[Event]:
    _refuse_unless_open(order)
    if order.not_collected:
        raise AlreadyNotCollected
    reason = command.reason.strip()
    if command.by_shop and not reason:
        raise BadInput("Please say why the order is cancelled.")
    if len(reason) > LONGEST_REASON:
        raise BadInput(
            Words("Please give the reason in at most %(most)s characters.", most=LONGEST_REASON)
        )
    if not command.by_shop and not order.may_be_cancelled_by_customer:
        raise AlreadyStarted
    return [OrderCancelled(reason=reason, by_shop=command.by_shop)]


def _said_by_the_customer(order: Order, command: AskToStop | SayHere) -> Sequence[Event]:
    _refuse_unless_open(order)
    if isinstance(command, SayHere):
        if not order.may_say_here:
            return []
        if order.here_from is not None and command.at < order.here_from:
            raise TooEarly
        return [CustomerArrived()]
    return _ask_to_stop(order)


def _ask_to_stop(order: Order) -> Sequence[Event]:
    if order.may_be_cancelled_by_customer:
        return [OrderCancelled(reason="", by_shop=False)]
    if order.prepared:
        raise AlreadyPrepared
    if order.stop_declined or order.handed_over:
        raise TooLateToStop
    return [] if order.stop_asked else [CancellationRequested()]


def _refuse_unless_open(order: Order) -> None:
    if not order.ordered:
        raise UnknownOrder
    if order.cancelled:
        raise AlreadyCancelled
    if order.served:
        raise AlreadyServed


def _refuse_unless_prepared(order: Order) -> None:
    _refuse_unless_open(order)
    if not order.prepared:
        raise NotReady


def _check_what_is_wanted(command: PlaceOrder | AmendOrder) -> None:
    if not 1 <= len(command.lines) <= MOST_LINES:
        raise BadInput(Words("An order has 1 to %(most)s lines.", most=MOST_LINES))
    if len(command.note) > LONGEST_NOTE:
        raise BadInput(
            Words("Please give a note of at most %(most)s characters.", most=LONGEST_NOTE)
        )
    if len(command.allergies) > LONGEST_ALLERGIES:
        raise BadInput(
            Words("Please name allergies in at most %(most)s characters.", most=LONGEST_ALLERGIES)
        )
    for number, line in enumerate(command.lines, start=1):
        _check_the_line(number, line)
    for number, cup in cups_in(command.cups).items():
        if not 1 <= number <= len(command.lines):
            raise BadInput("A name or a note belongs to no line of the order.")
        if len(cup.name) > LONGEST_CUP_NAME or len(cup.note) > LONGEST_CUP_NOTE:
            raise BadInput(
                Words(
                    "A cup has at most %(name)s characters for its name, "
                    "and %(note)s for its note.",
                    name=LONGEST_CUP_NAME,
                    note=LONGEST_CUP_NOTE,
                )
            )


def _check_the_form(command: PlaceOrder) -> None:
    if len(command.name) > LONGEST_NAME:
        raise BadInput(
            Words("Please give a name of at most %(most)s characters.", most=LONGEST_NAME)
        )
    if command.number < 1 or not command.customer or not _is_day(command.day):
        raise BadInput("An order needs a number, a day and a customer.")
    if (command.waits_for is WaitsFor.TIME) > _is_moment(command.pick_up_at):
        raise BadInput("Please choose when to pick it up.")
    if len(command.currency) != 3 or command.promised_seconds < 1:
        raise BadInput("An order needs a currency and a promise.")


def _check_the_line(number: int, line: Line) -> None:
    if line.line != number or not line.item or not line.name:
        raise BadInput(Words("Line %(line)s of the order is not right.", line=number))
    if not 1 <= line.quantity <= MOST_OF_A_LINE:
        raise BadInput(
            Words(
                "You can order 1 to %(most)s of %(item)s.",
                most=MOST_OF_A_LINE,
                item=Words(line.name),
            )
        )
    if line.unit_price < 1:
        raise BadInput(Words("%(item)s has no price.", item=Words(line.name)))


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


SERVICE: Service[Order] = Service(Owner.ORDERING, Order(), evolve, decide)
