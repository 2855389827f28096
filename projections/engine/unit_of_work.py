"""The unit of work of one batch: every row is read at most once and written at most once.

Rows are got, changed and put back; `write` puts them into the tables with one statement a table.
Knows no event.
"""

from typing import Any, TypeVar

from django.db import connections, router
from django.db.models import Q

from projections.engine.read_row import Key, ReadRow
from projections.engine.upsert import is_there, upsert

R = TypeVar("R", bound=ReadRow)
Changes = dict[type[ReadRow], dict[Key, ReadRow]]
"""Every row that was put, by its key."""

Held = dict[type[ReadRow], dict[Key, ReadRow | None]]
"""Rows in memory by their key; None for a key that has no row."""

MOST_HELD = 20_000
"""Rows of one table that stay in memory from batch to batch."""


class UnitOfWork:
    """The rows of one generation, as far as one batch needs them.

    `held` may be the rows that the batch before has left: they are what the tables say as long as
    nobody else has written, which the checkpoint proves.
    """

    def __init__(self, generation: int, held: Held | None = None) -> None:
        self.generation = generation
        self.changes: Changes = {}
        self._held: Held = {} if held is None else held

    def get(self, model: type[R], *key: Any) -> R | None:
        """The row with this key as the facts so far have left it, or None."""
        held = self._held.setdefault(model, {})
        if key not in held:
            # Mostly there is none: the first of a minute, of a day, of an item.
            found = is_there(connections[router.db_for_write(model)], model, self.generation, key)
            wanted = dict(zip(model.KEY, key, strict=True))
            held[key] = self._in_table(model, **wanted).first() if found else None
        return held[key]  # type: ignore[return-value]

    def put(self, row: ReadRow) -> None:
        """Keep a new or a changed row. Stays in memory if it was got before."""
        model, key = type(row), row.key
        row.generation = self.generation
        self.changes.setdefault(model, {})[key] = row
        held = self._held.get(model)
        if held is not None and key in held:
            held[key] = row

    def of_customer(self, model: type[R], customer: str) -> list[R]:
        """Every row about this customer, the changed ones as they are now."""
        found = {row.key: row for row in self._in_table(model, customer=customer)}
        found.update(self.changes.get(model, {}))
        return [row for row in found.values() if row.customer == customer]

    def write(self) -> None:
        """Put all changes into the tables, inside the caller's transaction."""
        for model, changed in self.changes.items():
            upsert(connections[router.db_for_write(model)], model, list(changed.values()))
            held = self._held.get(model)
            if held is not None and len(held) > MOST_HELD:
                held.clear()

    def _in_table(self, model: type[R], **where: Any) -> Any:
        return model._default_manager.filter(Q(**where), generation=self.generation)
