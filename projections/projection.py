"""What a projection is: a name, a version, its tables, and a function for each event it handles.

Handlers are pure and deterministic: what they do follows from the event and from the rows, never
from a clock, from chance or from the world. That is why a rebuild equals the original.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orders.domain.event import Event
from orders.domain.fact import Fact
from projections.read_row import ReadRow
from projections.rows import Rows

Handler = Callable[[Any, Fact, Rows], None]
"""Gets the event (of the class it is registered for), its fact, and the rows to change."""

Effect = Callable[[Any], None]
"""Something besides rows. Has to be harmless when repeated: it runs again after a crash."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """From facts to the tables of one screen. A new `version` asks for a rebuild."""

    name: str
    version: int
    tables: tuple[type[ReadRow], ...]
    handlers: Mapping[type[Event], Handler]
    effects: Mapping[type[Event], Effect] = field(default_factory=dict)

    def handle(self, fact: Fact, rows: Rows) -> None:
        """Take one fact in. Events of other types change nothing."""
        handler = self.handlers.get(type(fact.event))
        if handler is not None:
            handler(fact.event, fact, rows)
