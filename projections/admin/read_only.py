"""How the inspector shows a table of the read side: to be looked at, and bounded at any size.

Knows no single table. Who reads personal fields here leaves a row in the record of looks.
"""

from typing import Any, ClassVar

import structlog
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from orders.domain.event import FORGOTTEN
from orders.domain.streams import ORDER
from projections.admin.columns import column, link_to_facts
from projections.admin.filters import DAY, DayFilter, GenerationFilter
from projections.admin.latest_rows import MOST, last_left_out, of_generation, orders_of
from projections.admin.periods import Period, period_in
from projections.engine.checkpoints import active_generation
from projections.engine.models import CheckpointState
from projections.engine.progress import projection_states
from projections.engine.read_row import ReadRow
from projections.order_row import OrderRow
from projections.screens.directory import FOUND_AT_MOST, Days, find_orders
from staff.looks import note_look
from staff.names import actor_of
from staff.permissions import may

WAY_TO_FACTS = "way_to_facts"
"""The column with the link; not `facts`, which is one of a table."""

LONGEST_SEARCH = 100

log = structlog.get_logger(__name__)


class BoundedList(ChangeList):
    """The latest 10,000 rows of a table, or of what was searched for."""

    is_cut = False
    model_admin: "Any"  # a `ReadOnlyAdmin`

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        """The rows, filtered; found through an index, or not older than the latest 10,000."""
        rows = super().get_queryset(request, exclude_parameters)
        rows = rows.defer(*self.model_admin.long_columns)
        return self.bounded(rows)

    def bounded(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of these rows those that are not older than the latest 10,000 of the table."""
        left_out = last_left_out(self.model._default_manager.all())
        self.is_cut = left_out is not None
        return rows.filter(pk__gt=left_out) if self.is_cut else rows


class BoundedListOfRows(BoundedList):
    """The same for the rows of one generation."""

    def bounded(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of these rows those of the chosen generation, and of the period, or the latest."""
        generation, period = self._generation(), self._period()
        if self.query and self.model_admin.finds_by_index:
            return rows.filter(generation=generation)
        if period is not None:
            return rows.filter(generation=generation, **self.model_admin.rows_of(period))
        left_out = last_left_out(of_generation(self.model._default_manager.all(), generation))
        self.is_cut = left_out is not None
        rows = of_generation(rows, generation)
        return rows.filter(pk__gt=left_out) if self.is_cut else rows

    def _generation(self) -> int:
        for spec in self.filter_specs:
            if isinstance(spec, GenerationFilter):
                return spec.generation
        return active_generation(self.model_admin.model.PROJECTION)

    def _period(self) -> Period | None:
        found = (spec.period for spec in self.filter_specs if isinstance(spec, DayFilter))
        return next(found, None)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """To be looked at by those who may see the facts. `columns` are those of the list."""

    columns: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    ordering: ClassVar = ["-pk"]
    actions = None

    def __init__(self, model: type[models.Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        names = [field.name for field in model._meta.concrete_fields]
        shown = {name: column(model, name) for name in names}
        long = (models.JSONField, models.TextField)
        self.long_columns = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, long) and field.name not in self.columns
        ]
        self.list_display = tuple(shown[name] for name in self.columns)
        self.list_display_links = self.list_display[:1]
        self.all_columns = [shown[name] for name in names]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column, one below the other."""
        return self.all_columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every column."""
        return self.all_columns

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that is bounded at any size of the table."""
        return BoundedList

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The page of a row. Nothing can be sent to it: no transaction is begun for that."""
        self._refuse_to_change(request)
        return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refused."""
        self._refuse_to_change(request)
        return super().delete_view(request, *args, **kwargs)

    def _refuse_to_change(self, request: HttpRequest) -> None:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied("Only the projector writes read models.")

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


class ReadModelAdmin(ReadOnlyAdmin):
    """One table of a projection, with how fresh it is, and the way from a row to its facts."""

    finds_by_index = False
    """Whether a search finds the rows of the whole table without reading through it."""

    has_days = True

    def __init__(self, model: type[ReadRow], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        first, *others = self.list_display
        self.list_display = (first, WAY_TO_FACTS, *others)  # a wide list is cut at its end

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list of one generation."""
        return BoundedListOfRows

    def get_list_filter(self, request: HttpRequest) -> Any:
        """The day where rows have one, the table's own, and the generation."""
        by_day = (DayFilter,) if self.has_days else ()
        return (*by_day, *super().get_list_filter(request), GenerationFilter)

    def rows_of(self, period: Period) -> dict[str, Any]:
        """What the latest rows of a period have in common, where rows have a day."""
        raise NotImplementedError

    def stream_of(self, row: Any) -> str:
        """The stream whose facts made the row; "" where many did."""
        return str(getattr(row, "stream", ""))

    @admin.display(description="Facts")
    def way_to_facts(self, row: Any) -> str | SafeString:
        """The way to the facts that made the row."""
        stream = self.stream_of(row)
        return link_to_facts(stream, "Facts") if stream else "many"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The list, with how far its projection is; noted if there are names on it."""
        found_at_most = FOUND_AT_MOST if self.finds_by_index else None
        limits = {"most": MOST, "found_at_most": found_at_most}
        context = {**self.freshness(), **limits, **(extra_context or {})}
        response = super().changelist_view(request, context)
        rows = getattr(response, "context_data", {}).get("cl")
        if rows is not None:
            self.note_look(request, "list", rows.result_list)
        return response

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row; it is noted who looked at it."""
        row = super().get_object(request, object_id, from_field)
        if isinstance(row, ReadRow):
            actor = actor_of(request.user.pk or 0)
            key = [str(part) for part in row.key]
            log.info("facts_read", actor=actor, table=row._meta.model_name, key=key)
            self.note_look(request, "row", [row])
        return row

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page of a row, with the stream of its facts, and how far its projection is."""
        row = context.get("original")
        stream = self.stream_of(row) if row is not None else ""
        return super().render_change_form(
            request, {**context, **self.freshness(), "stream": stream}, *args, **kwargs
        )

    def freshness(self) -> dict[str, Any]:
        """How far the projection is: of the generation on the screens, and of others."""
        states = projection_states(self.model.PROJECTION)
        active = [state for state in states if state.state == CheckpointState.ACTIVE]
        return {
            "projection": self.model.PROJECTION,
            "freshness": active[0] if active else None,
            "being_built": [state for state in states if state not in active],
        }

    def note_look(self, request: HttpRequest, page: str, rows: Any) -> None:
        """Note whose personal fields stand on this page."""
        personal = (
            self.model.PERSONAL if page == "row" else {*self.model.PERSONAL} & {*self.columns}
        )
        streams = [
            self.stream_of(row)
            for row in rows
            if any(getattr(row, name) not in ("", FORGOTTEN) for name in personal)
        ]
        words = f"{self.model._meta.verbose_name_plural}, {page}"
        note_look(request.user.pk, words, streams)


class OrderRowAdmin(ReadModelAdmin):
    """A row an order: found by its number, a name or its id, and by the day, in the directory."""

    search_fields = ("order",)
    search_help_text = "Order number, beginning of the name, or id"
    finds_by_index = True

    def stream_of(self, row: OrderRow) -> str:
        """The order's own."""
        return f"{ORDER}-{row.order}"

    def rows_of(self, period: Period) -> dict[str, Any]:
        """The orders of that period."""
        return {"order__in": orders_of(period)}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The orders that the directory knows by that, of the days that were chosen."""
        q = search_term.strip()[:LONGEST_SEARCH]
        if not q:
            return queryset, False
        days = days_chosen(request)
        found = queryset.filter(order__in=orders_found(q, days))
        if days is not None:
            found = found.filter(ordered_at__gte=days[0], ordered_at__lt=days[1])
        return found, False


def days_chosen(request: HttpRequest) -> Days | None:
    """The days to which the list is limited; None for all."""
    period = period_in(request.GET.get(DAY, ""))
    return None if period is None else period.instants


def orders_found(q: str, days: Days | None = None) -> list[str]:
    """The hexadecimal ids of the orders that somebody means who types this."""
    order = q.lower().removeprefix(f"{ORDER}-")
    return [order] if len(order) == 32 else find_orders(q, days)
