"""The unit of work of one batch: every row is read at most once and written at most once.

A handler gets rows from here, changes them and puts them back; `write` puts them into the tables
with one statement a table. Without a database (`stored=False`) the same handlers make the screens
of the past. Knows no event.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from django.db import connections, router
from django.db.models import Q

from projections.read_row import ReadRow
from projections.upsert import delete, upsert

R = TypeVar("R", bound=ReadRow)
Key = tuple[Any, ...]
Changes = dict[type[ReadRow], dict[Key, ReadRow | None]]
"""Every row that was put or deleted (None), by its key."""

Held = dict[type[ReadRow], dict[Key, ReadRow | None]]
"""Rows in memory by their key; None for a key that has no row."""

MOST_HELD = 20_000
"""Rows of one table that stay in memory from batch to batch."""

KEYS_AT_ONCE = 400
"""Keys in one query: SQLite allows 999 parameters in the oldest versions still around."""


class MissingRow(LookupError):
    """A fact about something that no earlier fact of its stream has introduced."""

    def __init__(self, model: type[ReadRow], key: Key) -> None:
        super().__init__(f"There is no {model._meta.verbose_name} {'/'.join(map(str, key))} yet.")


class Rows:
    """The rows of one generation, as far as one batch needs them.

    `held` may be the rows that the batch before has left: they are what the tables say as long as
    nobody else has written, which the checkpoint proves.
    """

    def __init__(self, generation: int, *, stored: bool = True, held: Held | None = None) -> None:
        self.generation = generation
        self._stored = stored
        self._held: Held = {} if held is None else held
        self._changed: dict[type[ReadRow], set[Key]] = {}

    def get(self, model: type[R], *key: Any) -> R | None:
        """The row with this key as the facts so far have left it, or None."""
        held = self._held.setdefault(model, {})
        if key not in held:
            named = dict(zip(model.KEY, key, strict=True))
            held[key] = self._in_table(model, Q(**named)).first() if self._stored else None
        return held[key]  # type: ignore[return-value]

    def require(self, model: type[R], *key: Any) -> R:
        """The same, for a row that must be there. Raises `MissingRow`."""
        row = self.get(model, *key)
        if row is None:
            raise MissingRow(model, key)
        return row

    def find(self, model: type[R], **where: Any) -> list[R]:
        """Every row whose columns equal these values, the changed ones as they are now."""
        held = self._held.setdefault(model, {})
        if self._stored:
            for row in self._in_table(model, Q(**where)):
                held.setdefault(key_of(row), row)
        return [
            row  # type: ignore[misc]
            for row in held.values()
            if row is not None and all(getattr(row, name) == value for name, value in where.items())
        ]

    def put(self, row: ReadRow) -> None:
        """Keep a new or a changed row."""
        row.generation = self.generation
        key = key_of(row)
        self._held.setdefault(type(row), {})[key] = row
        self._changed.setdefault(type(row), set()).add(key)

    def delete(self, row: ReadRow) -> None:
        """Take a row out."""
        key = key_of(row)
        self._held.setdefault(type(row), {})[key] = None
        self._changed.setdefault(type(row), set()).add(key)

    def all(self, model: type[R]) -> list[R]:
        """Every row held, without asking the table."""
        return [row for row in self._held.get(model, {}).values() if row is not None]  # type: ignore[misc]

    def fetch(self, model: type[ReadRow], keys: Iterable[Any]) -> None:
        """Read the rows with these one-column keys in as few queries as possible.

        What has no row is known to have none.
        """
        held = self._held.setdefault(model, {})
        wanted = [key for key in keys if (key,) not in held]
        for some in _slices(wanted, KEYS_AT_ONCE):
            held.update({(key,): None for key in some})
            for row in self._in_table(model, Q(**{f"{model.KEY[0]}__in": some})):
                held[key_of(row)] = row

    def expect_none(self, model: type[ReadRow], keys: Iterable[Any]) -> None:
        """No row has these one-column keys: the stream they stand for begins in this batch."""
        held = self._held.setdefault(model, {})
        for key in keys:
            held.setdefault((key,), None)

    def changes(self) -> Changes:
        """What was put and deleted."""
        return {
            model: {key: self._held[model][key] for key in keys}
            for model, keys in self._changed.items()
            if keys
        }

    def write(self) -> None:
        """Put all changes into the tables, inside the caller's transaction."""
        for model, changed in self.changes().items():
            connection = connections[router.db_for_write(model)]
            upsert(connection, model, [row for row in changed.values() if row is not None])
            delete(
                connection,
                model,
                self.generation,
                [key for key, row in changed.items() if row is None],
            )

    def _in_table(self, model: type[R], where: Q) -> Any:
        return model._default_manager.filter(where, generation=self.generation)


def let_go(held: Held) -> None:
    """Keep no more in memory than is good."""
    for rows in held.values():
        if len(rows) > MOST_HELD:
            rows.clear()


def key_of(row: ReadRow) -> Key:
    """What identifies a row within its generation."""
    return tuple(getattr(row, name) for name in row.KEY)


def _slices(things: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
