"""The read models, gathered where Django looks for them. Each is defined beside its kin."""

from projections.at_the_bar import AtTheBar
from projections.bar_rows import OPEN_TICKETS, BoardEntry, BoardState, Ticket, TicketState
from projections.bookkeeping_rows import (
    NOTHING_YET,
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
    View,
)
from projections.money_rows import Balance
from projections.order_rows import DirectoryEntry, TrackedOrder
from projections.read_row import ReadRow
from projections.sales_rows import (
    ItemSales,
    SalesFigures,
    SalesOfDay,
    SalesOfMinute,
    SoldOrder,
)

__all__ = [
    "NOTHING_YET",
    "OPEN_TICKETS",
    "AtTheBar",
    "Balance",
    "BoardEntry",
    "BoardState",
    "Checkpoint",
    "CheckpointState",
    "DirectoryEntry",
    "ItemSales",
    "ParkedEvent",
    "ParkedState",
    "ReadRow",
    "SalesFigures",
    "SalesOfDay",
    "SalesOfMinute",
    "SoldOrder",
    "Ticket",
    "TicketState",
    "TrackedOrder",
    "View",
]
