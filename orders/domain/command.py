"""What a command is, and what a service is: two pure functions and a starting state.

A command is a wish and may be refused. It brings everything that is not a rule: its id, its time
and who wishes it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from orders.domain.event import Event, Owner


@dataclass(frozen=True, kw_only=True)
class Command:
    """A wish. Subclasses are named in the imperative.

    The id is made where the wish is made (a rendered form, a reacting service) and stays the same
    when it is sent again: a repeated command appends nothing.
    """

    command_id: UUID
    at: datetime  # timezone-aware
    actor: str  # opaque: `customer-<hex>`, `staff-<id>`, `reactor`, `import`


S = TypeVar("S")


@dataclass(frozen=True)
class Service(Generic[S]):
    """A decider. `decide` answers a command with the events that follow, or raises `Refused`."""

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
