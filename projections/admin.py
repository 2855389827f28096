"""The read models in Django's admin: everything can be seen, nothing can be changed.

Only the projector writes these tables; a change by hand would last until the next rebuild.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from projections.models import (
    Balance,
    BoardEntry,
    Checkpoint,
    DirectoryEntry,
    ItemSales,
    ParkedEvent,
    SalesOfDay,
    SalesOfMinute,
    SoldOrder,
    Ticket,
    TrackedOrder,
    View,
)
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


def _shown(model: Any, *columns: str, filters: tuple[str, ...] = ()) -> None:
    attributes = {"list_display": columns, "list_filter": filters}
    admin.site.register(model, type(f"{model.__name__}Admin", (ReadOnlyAdmin,), attributes))


_shown(Ticket, "number", "day", "state", "barista", "ordered_at", "generation", filters=("state",))
_shown(Balance, "number", "day", "money", "due", "settled", "generation", filters=("settled",))
_shown(BoardEntry, "number", "day", "state", "ready_at", "generation", filters=("state",))
_shown(TrackedOrder, "number", "day", "progress", "money", "ordered_at", "generation")
_shown(SalesOfDay, "day", "orders", "cash", "card", "card_by_hand", "refunded", "generation")
_shown(SalesOfMinute, "day", "minute", "orders", "generation")
_shown(ItemSales, "day", "name", "quantity", "amount", "generation", filters=("day",))
_shown(SoldOrder, "order", "day", "total", "cancelled", "generation")
_shown(DirectoryEntry, "stream", "kind", "number", "day", "first_at", "generation")
_shown(Checkpoint, "projection", "generation", "version", "position", "state", "handled")
_shown(View, "name", "generation", "seq")
_shown(ParkedEvent, "projection", "stream", "revision", "type_name", "state", "error")
