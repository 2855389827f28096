"""Database routing: read models have their own, disposable database; all else is in `default`."""

from typing import Any

READ_MODELS = "read_models"
READ_SIDE = "projections"  # the app label


def database_of(app_label: str) -> str:
    """The alias of the database that holds the tables of an app."""
    return READ_MODELS if app_label == READ_SIDE else "default"


class DatabaseRouter:
    """Routes by the app label alone."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return database_of(model._meta.app_label)

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return database_of(model._meta.app_label)

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        """A relation needs both rows in one database."""
        return database_of(first._meta.app_label) == database_of(second._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Each app's tables are made in its own database only."""
        return db == database_of(app_label)
