"""What a projection is: a name, a version, its tables, and how facts become their rows.

A table with a row for each stream has a row function: from the folded stream to its row. Whatever
counts across streams has a handler for each event type. Both are pure and deterministic: what
they do follows from the facts and the rows, never from a clock, from chance or from the world.
That is why a rebuild equals the original.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from orders.domain.event import Event
from orders.domain.fact import Fact
from projections.engine.folded_stream import AnyStream
from projections.engine.read_row import ReadRow
from projections.engine.unit_of_work import Changes, UnitOfWork

RowFunction = Callable[[Any], ReadRow | None]
"""From a folded stream to its row; None while its first fact is missing."""

Handler = Callable[[Fact, Any, Any, UnitOfWork], None]
"""Gets a fact of the type it is registered for, the state of its stream before and after it (None
for streams that are not folded), and the rows to change."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """From facts to the tables of one screen. A new `version` asks for a rebuild.

    `view` names the live view that shows its rows, "" for none; with `view_per_row` each row of
    the first table has a view of its own, `<view>:<key>`.
    """

    name: str
    version: int
    tables: tuple[type[ReadRow], ...]
    row: RowFunction | None = None
    handlers: Mapping[type[Event], Handler] = field(default_factory=dict)
    view: str = ""
    view_per_row: bool = False

    def row_of(self, folded: AnyStream) -> ReadRow | None:
        """The row of this stream, made once. None without a row function."""
        if self.row is None:
            return None
        if self.name not in folded.rows:
            folded.rows[self.name] = self.row(folded)
        return folded.rows[self.name]

    def views_changed_by(self, changes: Changes) -> list[str]:
        """The names of the live views that show one of these rows, in alphabetical order."""
        if not self.view:
            return []
        if not self.view_per_row:
            return [self.view]
        return sorted(f"{self.view}:{key}" for (key,) in changes.get(self.tables[0], {}))
