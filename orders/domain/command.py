"""What a command is, and what a service is: two pure functions and a starting state.

A command may be refused. It brings everything that is not a rule: its id, its time, who gives it
and what it follows from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, NotRequired, TypedDict, TypeVar
from uuid import UUID, uuid5

from orders.domain.event import Event, Owner


class Envelope(TypedDict):
    """The arguments that every command takes."""

    command_id: UUID
    at: datetime
    actor: str
    correlation_id: NotRequired[str]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A request to a service. Subclasses are named in the imperative.

    The id is made where the request begins (a rendered form, a reacting service) and stays the
    same when it is sent again: a repeated command appends nothing.
    """

    begins_stream: ClassVar[bool] = False
    """Whether its events are the first of their stream, unless it is refused or a repeat."""

    command_id: UUID
    at: datetime  # timezone-aware
    actor: str  # opaque: `customer-<hex>`, `staff-<id>`, `reactor`, `import`
    correlation_id: str = ""  # of the request that all this follows from; "": the command's own id
    causation_id: str = ""  # of the event that this command reacts to; "": the command's own id

    @property
    def service(self) -> "Service[Any]":
        """The service that decides on it."""
        raise NotImplementedError


S = TypeVar("S")


@dataclass(frozen=True)
class Service(Generic[S]):
    """A decider. `decide` turns a command into the events that follow, or raises `Refused`."""

    owner: Owner
    initial: S
    evolve: Callable[[S, Event], S]
    decide: Callable[[S, Command], Sequence[Event]]

    def fold(self, events: Sequence[Event]) -> S:
        """The state after these events."""
        state = self.initial
        for event in events:
            state = self.evolve(state, event)
        return state


def follow_up(envelope: Envelope, part: str) -> Envelope:
    """The envelope of a further command of the same request; its id follows from `part`."""
    return {**envelope, "command_id": uuid5(envelope["command_id"], part)}
