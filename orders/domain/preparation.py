"""Preparation: who makes an order, what of it is done, and when it is ready.

Owns what happens at the bar. Learns from ordering's facts what to make and when to stop; money
is not its business: nobody waits for a payment in order to make a coffee.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeePrepared,
    Disposition,
    LineBroughtBack,
    LinePrepared,
    OrderDeprioritised,
    OrderHeld,
    OrderPrioritised,
    OrderResumed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RushReason,
    Station,
    StopDeclined,
    WaitsFor,
)
from orders.domain.limits import LONGEST_HOLD, LONGEST_REASON
from orders.domain.refused import (
    AlreadyCancelled,
    AlreadyNotCollected,
    AlreadyReady,
    AlreadyServed,
    AlreadyStopped,
    AlreadyTaken,
    BadInput,
    LineIsDone,
    NotAsked,
    NotCancelled,
    NotReady,
    NotTaken,
    NotYours,
    UnknownCommand,
    UnknownLine,
    UnknownOrder,
)
from orders.domain.ticket import Stage, Ticket, evolve


@dataclass(frozen=True, kw_only=True)
class PreparationCommand(Command):
    """A command about the making of one order."""

    @property
    def service(self) -> "Service[Ticket]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class StartPreparation(PreparationCommand):
    """Take the order; with `take_over` also from another barista."""

    barista: str
    take_over: bool = False


@dataclass(frozen=True, kw_only=True)
class TickLine(PreparationCommand):
    """One line is done."""

    barista: str
    line: int


@dataclass(frozen=True, kw_only=True)
class UntickLine(PreparationCommand):
    """One line was ticked by mistake."""

    barista: str
    line: int


@dataclass(frozen=True, kw_only=True)
class FinishPreparation(PreparationCommand):
    """The order is ready at this desk, ticked or not."""

    barista: str
    desk: int


@dataclass(frozen=True, kw_only=True)
class PrepareLine(PreparationCommand):
    """One line is made at this desk, whoever has the order; the last one makes it ready."""

    barista: str
    desk: int
    line: int


@dataclass(frozen=True, kw_only=True)
class PrepareStation(PreparationCommand):
    """All that one station makes of the order is made; the last station makes it ready."""

    barista: str
    desk: int
    station: Station


@dataclass(frozen=True, kw_only=True)
class MakeAtOnce(PreparationCommand):
    """Take an order of one line and make it ready at this desk, with one tap."""

    barista: str
    desk: int


@dataclass(frozen=True, kw_only=True)
class PrepareAtClosing(PreparationCommand):
    """The bar closes: the order was ready at this desk, and nobody had said so."""

    barista: str
    desk: int


@dataclass(frozen=True, kw_only=True)
class ReleasePreparation(PreparationCommand):
    """Give the order back to the queue."""

    barista: str


@dataclass(frozen=True, kw_only=True)
class BringBack(PreparationCommand):
    """Bring a ready order back: called too early, or to be made again; these lines, or all."""

    reason: BringBackReason
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StopPreparation(PreparationCommand):
    """Answer a cancellation, or a customer who asks for one: what became of the drinks."""

    disposition: Disposition


@dataclass(frozen=True, kw_only=True)
class DeclineStop(PreparationCommand):
    """Answer a customer who asks for a cancellation: it is too late."""


@dataclass(frozen=True, kw_only=True)
class HoldOrder(PreparationCommand):
    """Wait with the order, for so many minutes or (0) until somebody says so."""

    barista: str
    reason: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class ResumeOrder(PreparationCommand):
    """Go on with a held order. The reactor gives it when the time is over."""


@dataclass(frozen=True, kw_only=True)
class NotePayment(PreparationCommand):
    """The reactor saw that the order is paid: that is all preparation ever learns of money."""


@dataclass(frozen=True, kw_only=True)
class PrioritiseOrder(PreparationCommand):
    """Make the order before those that came earlier."""

    reason: RushReason


@dataclass(frozen=True, kw_only=True)
class DeprioritiseOrder(PreparationCommand):
    """Let the order wait its turn again."""


@dataclass(frozen=True, kw_only=True)
class NoteCancellation(PreparationCommand):
    """The reactor saw the cancellation. While somebody makes the order, that person answers."""


def decide(ticket: Ticket, command: Command) -> Sequence[Event]:
    """The facts that follow from the command.

    Raises a `Refused`: `UnknownOrder`, `AlreadyCancelled`, `AlreadyStopped`, `NotCancelled`,
    `AlreadyServed`, `AlreadyNotCollected`, `AlreadyReady`, `NotReady`, `AlreadyTaken`, `NotYours`,
    `NotTaken`, `UnknownLine`, `LineIsDone`, `BadInput`.
    """
    if ticket.stage is Stage.UNKNOWN:
        raise UnknownOrder
    match command:
        case StartPreparation():
            return _start(ticket, command)
        case TickLine() | UntickLine() | FinishPreparation() | ReleasePreparation():
            _refuse_unless_made_by(ticket, command.barista)
            return _while_making(ticket, command)
        case PrepareLine() | PrepareStation() | MakeAtOnce() | PrepareAtClosing():
            return _whoever_has_it(ticket, command)
        case BringBack(reason=reason, lines=lines):
            return _bring_back(ticket, reason, lines)
        case StopPreparation(disposition=disposition):
            return _stop(ticket, disposition)
        case NoteCancellation():
            return _note_cancellation(ticket)
        case DeclineStop():
            return _decline_stop(ticket)
    return _in_the_queue(ticket, command)


def _whoever_has_it(
    ticket: Ticket, command: PrepareLine | PrepareStation | MakeAtOnce | PrepareAtClosing
) -> Sequence[Event]:
    """What is made without taking the order first."""
    match command:
        case PrepareLine() | PrepareStation():
            return _prepare_lines(ticket, command)
        case MakeAtOnce(barista=barista, desk=desk):
            return _make_at_once(ticket, barista, desk)
        case PrepareAtClosing(barista=barista, desk=desk):
            return _prepare_at_closing(ticket, barista, desk)


def _in_the_queue(ticket: Ticket, command: Command) -> Sequence[Event]:
    """What changes the place of an order in the queue."""
    match command:
        case HoldOrder():
            return _hold(ticket, command)
        case ResumeOrder():
            return [OrderResumed()] if ticket.held and ticket.is_to_be_made else []
        case NotePayment():
            waits = ticket.held and ticket.waits_for is WaitsFor.PAYMENT and ticket.is_to_be_made
            return [OrderResumed()] if waits else []
        case PrioritiseOrder(reason=reason):
            _refuse_unless_to_be_made(ticket)
            return [] if ticket.rushed else [OrderPrioritised(reason=reason)]
        case DeprioritiseOrder():
            return [OrderDeprioritised()] if ticket.rushed and ticket.is_to_be_made else []
    raise UnknownCommand


def _start(ticket: Ticket, command: StartPreparation) -> Sequence[Event]:
    _refuse_unless_to_be_made(ticket)
    if not command.barista:
        raise BadInput("Please say who makes the order.")
    if ticket.stage is Stage.QUEUED:
        return _begun(ticket, command.barista)
    if ticket.barista == command.barista:
        return []
    if not command.take_over:
        raise AlreadyTaken(ticket.barista)
    released = PreparationReleased(barista=ticket.barista)
    return [released, PreparationStarted(barista=command.barista)]


def _begun(ticket: Ticket, barista: str) -> Sequence[Event]:
    """Somebody begins, unless an order is being made already; one that was held goes on by that."""
    if ticket.stage is Stage.MAKING:
        return []
    started = PreparationStarted(barista=barista)
    return [OrderResumed(), started] if ticket.held else [started]


def _make_at_once(ticket: Ticket, barista: str, desk: int) -> Sequence[Event]:
    _refuse_unless_to_be_made(ticket)
    if ticket.stage is Stage.MAKING:
        raise AlreadyTaken(ticket.barista)
    if len(ticket.lines) != 1 or not barista or desk < 1:
        raise BadInput("One tap is for orders of one line.")
    return [*_begun(ticket, barista), CoffeePrepared(desk=desk)]


def _prepare_lines(ticket: Ticket, command: PrepareLine | PrepareStation) -> Sequence[Event]:
    """Several people work on one order: it is nobody's alone, and ready when every line is."""
    _refuse_unless_to_be_made(ticket)
    if not command.barista or command.desk < 1:
        raise BadInput("Please say who made it.")
    match command:
        case PrepareLine(line=line):
            lines = {line} & ticket.lines
        case PrepareStation(station=station):
            lines = {line for line in ticket.lines if ticket.stations.get(line) is station}
    if not lines:
        raise UnknownLine
    made = sorted(lines - ticket.ticked)
    if not made:
        raise LineIsDone
    begun = _begun(ticket, command.barista)
    prepared = [CoffeePrepared(desk=command.desk)] if ticket.ticked | lines == ticket.lines else []
    return [*begun, *(LinePrepared(line=line) for line in made), *prepared]


def _prepare_at_closing(ticket: Ticket, barista: str, desk: int) -> Sequence[Event]:
    _refuse_unless_to_be_made(ticket)
    if not barista or desk < 1:
        raise BadInput("Please say who closes the bar.")
    return [*_begun(ticket, barista), CoffeePrepared(desk=desk, at_closing=True)]


def _while_making(
    ticket: Ticket, command: TickLine | UntickLine | FinishPreparation | ReleasePreparation
) -> Sequence[Event]:
    match command:
        case TickLine(line=line) | UntickLine(line=line) if line not in ticket.lines:
            raise UnknownLine
        case TickLine(line=line):
            return [] if line in ticket.ticked else [LinePrepared(line=line)]
        case UntickLine(line=line):
            return [LineBroughtBack(line=line)] if line in ticket.ticked else []
        case FinishPreparation(desk=desk):
            if desk < 1:
                raise BadInput("Serving desks count from 1.")
            return [CoffeePrepared(desk=desk)]
        case ReleasePreparation(barista=barista):
            return [PreparationReleased(barista=barista)]


def _bring_back(ticket: Ticket, reason: BringBackReason, lines: tuple[int, ...]) -> Sequence[Event]:
    if ticket.cancelled:
        raise AlreadyCancelled
    if ticket.stage is not Stage.READY:
        raise NotReady
    if reason is BringBackReason.MISBUMP and ticket.served:
        raise AlreadyServed
    if reason is BringBackReason.MISBUMP and ticket.not_collected:
        raise AlreadyNotCollected
    if not ticket.lines.issuperset(lines):
        raise UnknownLine
    again = tuple(sorted(set(lines))) if reason.is_remake else ()
    return [BroughtBack(reason=reason, lines=again)]


def _hold(ticket: Ticket, command: HoldOrder) -> Sequence[Event]:
    _refuse_unless_to_be_made(ticket)
    reason = command.reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise BadInput(f"Please say why the order waits, in at most {LONGEST_REASON} characters.")
    if not 0 <= command.minutes <= LONGEST_HOLD:
        raise BadInput(f"An order waits for at most {LONGEST_HOLD} minutes.")
    if ticket.stage is Stage.MAKING and ticket.barista != command.barista:
        raise NotYours(ticket.barista)
    if ticket.held:
        return []
    held = OrderHeld(reason=reason, minutes=command.minutes)
    if ticket.stage is Stage.MAKING:
        return [PreparationReleased(barista=ticket.barista), held]
    return [held]


def _stop(ticket: Ticket, disposition: Disposition) -> Sequence[Event]:
    if ticket.stage is Stage.STOPPED:
        raise AlreadyStopped
    if not ticket.cancelled and not ticket.stop_asked:
        raise NotCancelled
    return [PreparationStopped(disposition=disposition)]


def _decline_stop(ticket: Ticket) -> Sequence[Event]:
    if ticket.stage is Stage.STOPPED:
        raise AlreadyStopped
    if ticket.cancelled:
        raise AlreadyCancelled
    if not ticket.stop_asked:
        raise NotAsked
    return [StopDeclined()]


def _note_cancellation(ticket: Ticket) -> Sequence[Event]:
    if not ticket.cancelled:
        return []
    match ticket.stage:
        case Stage.QUEUED if not ticket.ticked:
            return [PreparationStopped(disposition=Disposition.NOT_STARTED)]
        case Stage.QUEUED | Stage.READY:
            # Made, and nobody will drink it; nobody stands there to be asked either.
            return [PreparationStopped(disposition=Disposition.WASTED)]
    return []


def _refuse_unless_to_be_made(ticket: Ticket) -> None:
    if ticket.cancelled:
        raise AlreadyCancelled
    if ticket.served:
        raise AlreadyServed
    if ticket.stage is Stage.STOPPED:
        raise AlreadyStopped
    if ticket.stage is Stage.READY:
        raise AlreadyReady


def _refuse_unless_made_by(ticket: Ticket, barista: str) -> None:
    _refuse_unless_to_be_made(ticket)
    if ticket.stage is not Stage.MAKING:
        raise NotTaken
    if ticket.barista != barista:
        raise NotYours(ticket.barista)


SERVICE: Service[Ticket] = Service(Owner.PREPARATION, Ticket(), evolve, decide)
