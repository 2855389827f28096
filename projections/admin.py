"""The read models in Django's admin: everything can be seen, nothing can be changed.

Only the projector writes these tables; a change by hand would last until the next rebuild.
"""

from typing import Any, ClassVar

import structlog
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from projections.engine.models import Checkpoint, ParkedEvent, ViewSequence
from projections.engine.read_row import ReadRow
from projections.screens import PROJECTIONS
from staff.names import actor_of
from staff.permissions import may

log = structlog.get_logger(__name__)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be looked at by those who may see the facts."""

    list_per_page = 50
    show_full_result_count = False
    ordering: ClassVar = ["-pk"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row; for one of a read model it is noted whose facts were looked at."""
        row = super().get_object(request, object_id, from_field)
        if isinstance(row, ReadRow):
            actor = actor_of(request.user.pk or 0)
            key = [str(part) for part in row.key]
            log.info("facts_read", actor=actor, table=row._meta.model_name, key=key)
        return row

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
