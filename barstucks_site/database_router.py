"""Which table lives where: read models in their own, disposable database; all else in `default`."""

from typing import Any

READ_MODELS = "read_models"
READ_SIDE = "projections"  # the app label


def database_of(app_label: str) -> str:
    """The alias of the database that holds the tables of an app."""
    return READ_MODELS if app_label == READ_SIDE else "default"


class DatabaseRouter:
    """Django's four questions, answered from the app label alone."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Where to read a model."""
        return database_of(model._meta.app_label)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Where to write a model."""
        return database_of(model._meta.app_label)

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """A relation needs both rows in one database."""
        return database_of(one._meta.app_label) == database_of(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Each app's tables are made in its own database only."""
        return db == database_of(app_label)
