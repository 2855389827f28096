"""Writing many rows with one statement a table: insert, or overwrite the row with the same key.

The same SQL on SQLite and PostgreSQL. Several times cheaper than saving model by model, and there
is nothing to read first. Knows no screen.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field

from projections.read_row import ReadRow


def upsert(connection: BaseDatabaseWrapper, model: type[ReadRow], rows: Sequence[ReadRow]) -> None:
    """Insert these rows, or overwrite those with the same generation and key."""
    if not rows:
        return
    statement, columns = _statement(model)
    values = [
        [prepared(getattr(row, name), connection) for name, prepared in columns] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)


def delete(
    connection: BaseDatabaseWrapper,
    model: type[ReadRow],
    generation: int,
    keys: Sequence[tuple[Any, ...]],
) -> None:
    """Remove the rows with these keys."""
    if not keys:
        return
    by_name = dict(_statement(model)[1])
    where = " AND ".join(f"{_quoted(model, name)} = %s" for name in ("generation", *model.KEY))
    # Names from the model, never from outside.
    statement = f'DELETE FROM "{model._meta.db_table}" WHERE {where}'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [
                    generation,
                    *(
                        by_name[name](value, connection)
                        for name, value in zip(model.KEY, key, strict=True)
                    ),
                ]
                for key in keys
            ],
        )


Prepared = Callable[[Any, BaseDatabaseWrapper], Any]


@cache
def _statement(model: type[ReadRow]) -> tuple[str, tuple[tuple[str, Prepared], ...]]:
    columns: tuple[tuple[str, Prepared], ...] = tuple(
        (field.attname, field.get_db_prep_save)
        for field in model._meta.concrete_fields
        if not field.primary_key
    )
    names = [_quoted(model, name) for name, _ in columns]
    key = [_quoted(model, name) for name in ("generation", *model.KEY)]
    overwritten = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    # Names from the model, never from outside.
    statement = (
        f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) '  # noqa: S608
        f"VALUES ({', '.join(['%s'] * len(names))}) "
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {overwritten}"
    )
    return statement, columns


def _quoted(model: type[ReadRow], attname: str) -> str:
    field = model._meta.get_field(attname)
    assert isinstance(field, Field)
    return f'"{field.column}"'
