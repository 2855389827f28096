"""The state number of each live view: raised by one with every commit that changes it.

Gap-free, because it is raised in the transaction that changes the rows. A view without a row has
the number 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections

from projections.engine.models import ViewSequence
from projections.engine.transactions import read_models_alias
from projections.engine.unit_of_work import Changes

NAMES_AT_ONCE = 400
"""Names in one query: SQLite allows 999 parameters in the oldest versions still around."""


@dataclass(frozen=True)
class Committed:
    """What one commit changed of one projection, and the numbers its views have since."""

    generation: int
    seqs: dict[str, int]  # by view
    changes: Changes


def raise_sequences(generation: int, views: Sequence[str]) -> dict[str, int]:
    """Raise the number of these views, inside the caller's transaction; the numbers after that."""
    if not views:
        return {}
    table = ViewSequence._meta.db_table
    with connections[read_models_alias()].cursor() as statement:
        statement.executemany(
            f'INSERT INTO "{table}" ("name", "generation", "seq") VALUES (%s, %s, 1) '  # noqa: S608
            f'ON CONFLICT ("name", "generation") DO UPDATE SET "seq" = "{table}"."seq" + 1',
            [(name, generation) for name in views],
        )
    return {name: seq for (name, _), seq in sequences(views, generation).items()}


def sequences(views: Sequence[str], generation: int | None = None) -> dict[tuple[str, int], int]:
    """The numbers of these views by name and generation; of one generation or of all."""
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(views), NAMES_AT_ONCE):
        rows = ViewSequence.objects.filter(name__in=views[start : start + NAMES_AT_ONCE])
        if generation is not None:
            rows = rows.filter(generation=generation)
        found.update({(row.name, row.generation): row.seq for row in rows})
    return found
