"""The read models in Django's admin: everything can be seen, nothing can be changed.

Only the projector writes these tables; a change by hand would last until the next rebuild.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from projections.engine.models import Checkpoint, ParkedEvent, ViewSequence
from projections.screens import PROJECTIONS
from staff.permissions import may


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be looked at by those who may see the facts."""

    list_per_page = 50
    show_full_result_count = False
    ordering: ClassVar = ["-pk"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the tables are listed at all."""
        return may(request.user, "see_facts")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether rows may be looked at."""
        return may(request.user, "see_facts")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


def _columns(model: type[models.Model]) -> list[str]:
    """Every column but the long ones."""
    long = (models.JSONField, models.TextField)
    return [field.name for field in model._meta.concrete_fields if not isinstance(field, long)]


TABLES: tuple[type[models.Model], ...] = (
    *(table for projection in PROJECTIONS for table in projection.tables),
    Checkpoint,
    ViewSequence,
    ParkedEvent,
)

for table in TABLES:
    columns = {"list_display": _columns(table)}
    admin.site.register(table, type(f"{table.__name__}Admin", (ReadOnlyAdmin,), columns))
