"""The ticket of one order: what the bar knows of it, folded from its facts.

What preparation decides on, and only that. Accepts any history, also an order called ready that
nobody ever took.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from orders.domain.event import Event
from orders.domain.events import (
    BroughtBack,
    CancellationRequested,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerArrived,
    Line,
    LineBroughtBack,
    LinePrepared,
    OrderAmended,
    OrderCancelled,
    OrderDeprioritised,
    OrderHeld,
    OrderNotCollected,
    OrderPrioritised,
    OrderResumed,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    Station,
    StopDeclined,
    WaitsFor,
)


class Stage(StrEnum):
    """Where an order is, seen from the bar."""

    UNKNOWN = "unknown"
    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    STOPPED = "stopped"


class Ticket(NamedTuple):
    """How the bar sees one order."""

    stage: Stage = Stage.UNKNOWN
    lines: frozenset[int] = frozenset()
    stations: Mapping[int, Station] = MappingProxyType({})  # by line: where it is made
    ticked: frozenset[int] = frozenset()
    barista: str = ""  # who makes it, or made it
    cancelled: bool = False
    served: bool = False
    not_collected: bool = False
    stop_asked: bool = False  # the customer asked, and nobody has answered yet
    held: bool = False
    waits_for: WaitsFor = WaitsFor.NOTHING  # since it was ordered
    rushed: bool = False

    @property
    def is_to_be_made(self) -> bool:
        """Whether it waits to be made, or is being made."""
        return self.stage in (Stage.QUEUED, Stage.MAKING) and not self.cancelled

    @property
    def made(self) -> frozenset[int]:
        """The lines that are made: the ticked ones, and all of them once it is ready."""
        return self.lines if self.stage is Stage.READY else self.ticked & self.lines


def evolve(ticket: Ticket, event: Event) -> Ticket:
    """The ticket after this fact."""
    match event:
        case CoffeeOrdered():
            stage = Stage.QUEUED if ticket.stage is Stage.UNKNOWN else ticket.stage
            waits_for = event.waits_for
            ordered = ticket._replace(stage=stage, held=bool(waits_for), waits_for=waits_for)
            return _with_lines(ordered, event.lines)
        case OrderAmended(lines=lines):
            return _with_lines(ticket, lines)
        case OrderCancelled():
            return ticket._replace(cancelled=True)
        case OrderServed():
            return ticket._replace(served=True, not_collected=False)
        case OrderNotCollected():
            return ticket._replace(not_collected=True)
        case CancellationRequested():
            return ticket._replace(stop_asked=True)
        case OrderHeld():
            return ticket._replace(held=True, waits_for=WaitsFor.NOTHING)
        case OrderResumed() | CustomerArrived():
            return ticket._replace(held=False, waits_for=WaitsFor.NOTHING)
        case OrderPrioritised() | OrderDeprioritised():
            return ticket._replace(rushed=isinstance(event, OrderPrioritised))
    return _after_the_bar(ticket, event)


def _with_lines(ticket: Ticket, lines: tuple[Line, ...]) -> Ticket:
    stations = {line.line: line.station for line in lines}
    return ticket._replace(lines=frozenset(stations), stations=MappingProxyType(stations))


def _after_the_bar(ticket: Ticket, event: Event) -> Ticket:
    match event:
        case PreparationStarted(barista=barista):
            return ticket._replace(stage=Stage.MAKING, barista=barista)
        case LinePrepared(line=line):
            return ticket._replace(ticked=ticket.ticked | {line})
        case LineBroughtBack(line=line):
            return ticket._replace(ticked=ticket.ticked - {line})
        case CoffeePrepared():
            return ticket._replace(stage=Stage.READY, stop_asked=False, held=False, rushed=False)
        case PreparationReleased():
            return ticket._replace(stage=Stage.QUEUED, barista="")
        case BroughtBack():
            return _brought_back(ticket._replace(served=False, not_collected=False), event)
        case PreparationStopped():
            return ticket._replace(stage=Stage.STOPPED)
        case StopDeclined():
            return ticket._replace(stop_asked=False)
    return ticket


def _brought_back(ticket: Ticket, event: BroughtBack) -> Ticket:
    if event.reason.is_remake:
        made = ticket.lines.difference(event.lines) if event.lines else frozenset[int]()
        return ticket._replace(stage=Stage.QUEUED, barista="", ticked=made)
    # An order that was never taken (the article's events) has nobody to go back to.
    return ticket._replace(stage=Stage.MAKING if ticket.barista else Stage.QUEUED)
