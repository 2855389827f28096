"""Order numbers: each web process reserves a block of a day's numbers, then hands them out.

One stream a block; the append that expects no stream decides who gets it. Numbers are unique
within a day and begin at 1; a process that ends leaves a gap, which harms nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import OrderNumbersReserved
from orders.domain.refused import BadInput, NumbersTaken, UnknownCommand

BLOCK_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class ReserveOrderNumbers(Command):
    """Reserve block 0, 1, 2 … of a day (an ISO date)."""

    begins_stream: ClassVar[bool] = True

    day: str
    block: int

    @property
    def service(self) -> "Service[NumberBlock]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True)
class NumberBlock:
    """Whether somebody has this block."""

    reserved: bool = False


def numbers_of_block(block: int) -> tuple[int, int]:
    """The first and the last number of a block; blocks count from 0, numbers from 1."""
    first = block * BLOCK_SIZE + 1
    return first, first + BLOCK_SIZE - 1


def evolve(numbers: NumberBlock, event: Event) -> NumberBlock:
    """The block after this fact."""
    match event:
        case OrderNumbersReserved():
            return replace(numbers, reserved=True)
    return numbers


def decide(numbers: NumberBlock, command: Command) -> Sequence[Event]:
    """The fact that follows from the command. Raises `NumbersTaken` or `BadInput`."""
    match command:
        case ReserveOrderNumbers(day=day, block=block):
            if block < 0:
                raise BadInput("Blocks of order numbers count from 0.")
            if numbers.reserved:
                raise NumbersTaken
            first, last = numbers_of_block(block)
            return [OrderNumbersReserved(day=day, first=first, last=last)]
    raise UnknownCommand


SERVICE: Service[NumberBlock] = Service(Owner.ORDERING, NumberBlock(), evolve, decide)
