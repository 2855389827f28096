"""What every row of a read model has: the generation of the projection that wrote it.

Knows no projection. Rows are written by the projector alone and are disposable: a rebuild makes
them again from the log.
"""

from typing import ClassVar

from django.db import models

OUTSIDE_THE_FACTS = frozenset({"id", "generation"})
"""Columns that say where a row is stored, not what happened: left out when rows are compared."""


class ReadRow(models.Model):
    """A row made by folding facts. `KEY` names the columns that identify it in a generation."""

    KEY: ClassVar[tuple[str, ...]]

    generation = models.IntegerField(help_text="Which build of the projection wrote this row.")

    class Meta:
        abstract = True

    def facts_of_row(self) -> dict[str, object]:
        """Every column that follows from the log, by name."""
        return {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.attname not in OUTSIDE_THE_FACTS
        }


def shown_number(number: int) -> str:
    """An order number as people see and call it: at least three digits."""
    return f"{number:03d}"


def unique_in_generation(name: str, *key: str) -> models.UniqueConstraint:
    """One row a key in each generation; this is also what an upsert conflicts on."""
    return models.UniqueConstraint(fields=("generation", *key), name=name)
