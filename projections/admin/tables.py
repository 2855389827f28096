"""Every table of the read side in the inspector: its columns, its filters, how it is searched."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.domain.events import Disposition
from orders.domain.order_status import Channel
from orders.domain.progress import Money, Progress
from orders.domain.streams import CUSTOMER, ORDER
from projections.admin.filters import words_filter
from projections.admin.latest_rows import MOST
from projections.admin.periods import Period
from projections.admin.read_only import (
    LONGEST_SEARCH,
    OrderRowAdmin,
    ReadModelAdmin,
    ReadOnlyAdmin,
    days_chosen,
    orders_found,
)
from projections.engine.checkpoints import active_rows
from projections.engine.models import (
    Checkpoint,
    CheckpointState,
    ParkedEvent,
    ParkedState,
    ViewSequence,
)
from projections.screens.barista_queue.ticket import QueueTicket, TicketState
from projections.screens.cashier_desk import DeskBalance
from projections.screens.directory import DirectoryEntry, find_streams
from projections.screens.order_tracking import TrackedOrder
from projections.screens.pickup_board import BoardEntry, BoardState
from projections.screens.promises import PromiseOfOrder
from projections.screens.sales.figures import ItemSales, SalesOfDay, SalesOfMinute
from projections.screens.shop_news import ShopNews


@admin.register(QueueTicket)
class QueueTicketAdmin(OrderRowAdmin):
    """The bar's tickets."""

    columns = (
        *("number", "name", "state", "barista", "channel", "paid", "ordered_at", "ready_at"),
        *("on_time", "ending"),
    )
    list_filter = (
        words_filter("state", TicketState),
        words_filter("channel", Channel),
        words_filter("ending", Disposition),
        "paid",
        "on_time",
    )


@admin.register(DeskBalance)
class DeskBalanceAdmin(OrderRowAdmin):
    """The till's balances."""

    columns = (
        *("number", "name", "progress", "money", "total", "due", "paid", "refunded", "owed"),
        *("settled", "ordered_at"),
    )
    list_filter = (words_filter("progress", Progress), words_filter("money", Money), "settled")


@admin.register(BoardEntry)
class BoardEntryAdmin(OrderRowAdmin):
    """What stands, or stood, on the board."""

    columns = ("number", "name", "state", "ordered_at", "ready_at")
    list_filter = (words_filter("state", BoardState),)


@admin.register(TrackedOrder)
class TrackedOrderAdmin(OrderRowAdmin):
    """The orders as their customers see them."""

    columns = ("number", "name", "progress", "money", "total", "ordered_at", "since", "until")
    list_filter = (words_filter("progress", Progress), words_filter("money", Money))


@admin.register(PromiseOfOrder)
class PromiseOfOrderAdmin(OrderRowAdmin):
    """The promises of the bar."""

    columns = ("number", "promised_seconds", "seconds", "kept", "ordered_at", "known_at")
    list_filter = ("kept",)


@admin.register(DirectoryEntry)
class DirectoryEntryAdmin(ReadModelAdmin):
    """The streams, as people find them."""

    columns = ("stream", "kind", "number", "name", "day", "first_at")
    list_filter = (words_filter("kind", (ORDER, CUSTOMER)),)
    search_fields = ("stream",)
    search_help_text = "Order number, beginning of the name, or id"
    finds_by_index = True

    def __init__(self, model: type[DirectoryEntry], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        self.list_display = ("whose", *self.list_display[1:])
        self.list_display_links = ("whose",)

    @admin.display(description="Stream", ordering="stream")
    def whose(self, entry: DirectoryEntry) -> str:
        """`Order 041`, or `Customer`."""
        return f"Order {entry.number_text}" if entry.kind == ORDER else "Customer"

    def rows_of(self, period: Period) -> dict[str, Any]:
        """The latest streams that began in it."""
        entries = active_rows(DirectoryEntry).filter(
            first_at__gte=period.begins_at, first_at__lt=period.ends_at
        )
        return {"pk__in": entries.order_by("-first_at").values("pk")[:MOST]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """As on the page of all streams."""
        q = search_term.strip()[:LONGEST_SEARCH]
        if not q:
            return queryset, False
        found = find_streams(q, days_chosen(request)).entries
        return queryset.filter(stream__in=[entry.stream for entry in found]), False


@admin.register(ShopNews)
class ShopNewsAdmin(ReadModelAdmin):
    """Which fact about the shop as a whole came last."""

    columns = ("changed_at", "revision")
    has_days = False


class SalesAdmin(ReadModelAdmin):
    """Figures of a day: made by the facts of all its orders."""

    def rows_of(self, period: Period) -> dict[str, Any]:
        """The latest rows of these business days."""
        rows = self.model._default_manager.filter(
            day__gte=period.first.isoformat(), day__lt=period.after.isoformat()
        )
        return {"pk__in": rows.order_by("-day").values("pk")[:MOST]}

    @admin.display(description="Facts")
    def way_to_facts(self, row: Any) -> str | SafeString:
        """The way to the orders of the day: the facts of all of them made the row."""
        return orders_of_day(row.day)


@admin.register(SalesOfDay)
class SalesOfDayAdmin(SalesAdmin):
    """The figures of a day."""

    columns = (
        *("day", "orders", "cancelled", "served", "not_collected", "cash", "card", "card_by_hand"),
        *("refunded", "written_off", "made", "on_time"),
    )


@admin.register(SalesOfMinute)
class SalesOfMinuteAdmin(SalesAdmin):
    """The same figures by the minute."""

    columns = (
        *("minute", "orders", "cancelled", "served", "cash", "card", "card_by_hand", "refunded"),
        *("made", "on_time"),
    )


@admin.register(ItemSales)
class ItemSalesAdmin(SalesAdmin):
    """What was sold of an item on a day."""

    columns = ("day", "name", "item", "quantity", "amount")
    search_fields = ("name", "item")
    search_help_text = "Name or slug of an item"


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    """How far each generation of each projection is."""

    columns = (
        *("projection", "generation", "version", "state", "position", "recorded_at", "handled"),
    )
    list_filter = (words_filter("state", CheckpointState),)


@admin.register(ViewSequence)
class ViewSequenceAdmin(ReadOnlyAdmin):
    """The state numbers of the live views: one for each screen, and one for each order."""

    columns = ("name", "generation", "seq")
    search_fields = ("name",)
    search_help_text = "Order number, beginning of the customer's name, or a whole name like board"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The views of these orders, or the view of that name."""
        q = search_term.strip()[:LONGEST_SEARCH]
        if not q:
            return queryset, False
        names = [q, *(f"{ORDER}:{order}" for order in orders_found(q))]
        return queryset.filter(name__in=names), False


@admin.register(ParkedEvent)
class ParkedEventAdmin(ReadOnlyAdmin):
    """What could not be applied; decided at the page of the projections."""

    columns = (
        *("type_name", "stream", "projection", "generation", "state", "attempts", "recorded_at"),
        *("decided_by", "reason"),
    )
    list_filter = (words_filter("state", ParkedState),)
    search_fields = ("stream", "type_name", "projection")
    search_help_text = "Stream, type or projection"


def orders_of_day(day: str) -> SafeString:
    """The way to the streams of a day."""
    address = reverse("admin:projections_directoryentry_changelist")
    return format_html('<a href="{}?day={}">Orders of the day</a>', address, day)
