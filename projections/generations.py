"""Which generation of a projection the screens show, and which projection owns a table."""

from typing import TypeVar

from django.db.models import QuerySet, Subquery

from projections.models import (
    Balance,
    BoardEntry,
    Checkpoint,
    CheckpointState,
    DirectoryEntry,
    ItemSales,
    ReadRow,
    SalesOfDay,
    SalesOfMinute,
    SoldOrder,
    Ticket,
    TrackedOrder,
)

R = TypeVar("R", bound=ReadRow)

BARISTA_QUEUE = "barista-queue"
CASHIER_DESK = "cashier-desk"
BOARD = "board"
ORDER_TRACKING = "order-tracking"
SALES = "sales"
DIRECTORY = "directory"

PROJECTION_OF: dict[type[ReadRow], str] = {
    Ticket: BARISTA_QUEUE,
    Balance: CASHIER_DESK,
    BoardEntry: BOARD,
    TrackedOrder: ORDER_TRACKING,
    SalesOfDay: SALES,
    SalesOfMinute: SALES,
    ItemSales: SALES,
    SoldOrder: SALES,
    DirectoryEntry: DIRECTORY,
}


def active_rows(model: type[R]) -> QuerySet[R]:
    """The rows that the screens show. One query: the generation is looked up inside it."""
    active = Checkpoint.objects.filter(
        projection=PROJECTION_OF[model], state=CheckpointState.ACTIVE
    ).values("generation")
    return model._default_manager.filter(generation=Subquery(active))


def active_generation(projection: str) -> int:
    """The number of the generation that the screens show; 0 before there is one."""
    found = (
        Checkpoint.objects.filter(projection=projection, state=CheckpointState.ACTIVE)
        .values_list("generation", flat=True)
        .first()
    )
    return found or 0
