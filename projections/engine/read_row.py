"""What every row of a read model has: the generation of the projection that wrote it.

Knows no projection. Rows are written by the projector alone and are disposable: a rebuild makes
them again from the log.
"""

from typing import Any, ClassVar

from django.db import models

Key = tuple[Any, ...]

OUTSIDE_THE_FACTS = frozenset({"id", "generation"})
"""Columns that say where a row is stored, not what happened: left out when rows are compared."""


class ReadRow(models.Model):
    """A row of a read model.

    `PROJECTION` names the projection that writes it, `KEY` the columns that identify it in a
    generation, `PERSONAL` those that are blanked when the customer in its column `customer` is
    forgotten.
    """

    PROJECTION: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    PERSONAL: ClassVar[tuple[str, ...]] = ()

    generation = models.IntegerField(help_text="Which build of the projection wrote this row.")

    class Meta:
        abstract = True

    @property
    def key(self) -> Key:
        """What identifies the row within its generation."""
        return tuple(getattr(self, name) for name in self.KEY)

    def values(self) -> dict[str, object]:
        """Every column that follows from the log, by name."""
        return {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.attname not in OUTSIDE_THE_FACTS
        }


def unique_in_generation(name: str, *key: str) -> models.UniqueConstraint:
    """One row a key in each generation; this is also what an upsert conflicts on."""
    return models.UniqueConstraint(fields=("generation", *key), name=name)
