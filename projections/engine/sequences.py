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


def raise_sequences(views: Sequence[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Raise the numbers of these views, each by name and generation; the numbers after that.

    Inside the caller's transaction, some hundreds in a statement. Each view may stand there once.
    """
    raised: dict[tuple[str, int], int] = {}
    table = ViewSequence._meta.db_table
    with connections[read_models_alias()].cursor() as statement:
        for start in range(0, len(views), NAMES_AT_ONCE):
            some = views[start : start + NAMES_AT_ONCE]
            statement.execute(
                f'INSERT INTO "{table}" ("name", "generation", "seq") '  # noqa: S608
                f"VALUES {', '.join(['(%s, %s, 1)'] * len(some))} "
                f'ON CONFLICT ("name", "generation") DO UPDATE SET "seq" = "{table}"."seq" + 1 '
                'RETURNING "name", "generation", "seq"',
                [value for view in some for value in view],
            )
            raised.update({(name, generation): seq for name, generation, seq in statement})
    return raised


def sequences(views: Sequence[str], generation: int | None = None) -> dict[tuple[str, int], int]:
    """The numbers of these views by name and generation; of one generation or of all."""
    found: dict[tuple[str, int], int] = {}
    for start in range(0, len(views), NAMES_AT_ONCE):
        rows = ViewSequence.objects.filter(name__in=views[start : start + NAMES_AT_ONCE])
        if generation is not None:
            rows = rows.filter(generation=generation)
        found.update({(row.name, row.generation): row.seq for row in rows})
    return found
