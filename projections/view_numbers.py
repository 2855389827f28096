"""The state number of each live screen: raised by one with every commit that changes it.

Gap-free, because it is raised in the transaction that changes the rows. A view without a row has
the number 0.
"""

from collections.abc import Iterable, Sequence

from django.db import connections

from projections.models import View
from projections.writing import read_models_alias

NAMES_AT_ONCE = 400


def raise_numbers(generation: int, names: Iterable[str]) -> dict[str, int]:
    """Raise the number of these views, inside the caller's transaction; the numbers after that."""
    wanted = sorted(names)
    if not wanted:
        return {}
    table = View._meta.db_table
    with connections[read_models_alias()].cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" ("name", "generation", "seq") VALUES (%s, %s, 1) '  # noqa: S608
            f'ON CONFLICT ("name", "generation") DO UPDATE SET "seq" = "{table}"."seq" + 1',
            [(name, generation) for name in wanted],
        )
    return numbers(generation, wanted)


def numbers(generation: int, names: Sequence[str]) -> dict[str, int]:
    """The numbers of these views now."""
    found = dict.fromkeys(names, 0)
    for start in range(0, len(names), NAMES_AT_ONCE):
        some = names[start : start + NAMES_AT_ONCE]
        rows = View.objects.filter(generation=generation, name__in=some)
        found.update(rows.values_list("name", "seq"))
    return found
