"""The filters beside a list: the day, the generation, and columns with few values, in words.

They ask no table for the values it has: those are known.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from projections.admin.latest_rows import first_and_last_day
from projections.admin.periods import Period, parts_of, period_in
from projections.engine.models import Checkpoint, CheckpointState

GENERATION, DAY = "build", "day"
"""The query parameters."""

STATES = {
    CheckpointState.ACTIVE: "on the screens",
    CheckpointState.BOOTING: "being built",
    CheckpointState.RETIRED: "replaced",
    CheckpointState.SHADOW: "only compared",
}


class GenerationFilter(SimpleListFilter):
    """The generation of the projection: the one that the screens show, unless another is chosen."""

    title = "generation"
    parameter_name = GENERATION

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The generations there are, the latest first; the active one is the default."""
        self.active = 0
        choices = []
        checkpoints = Checkpoint.objects.filter(projection=model_admin.model.PROJECTION)
        for generation, state in checkpoints.order_by("-generation").values_list(
            "generation", "state"
        ):
            words = f"{generation}, {STATES[CheckpointState(state)]}"
            if state == CheckpointState.ACTIVE:
                self.active = generation
            choices.append((str(generation), words))
        return choices

    @property
    def generation(self) -> int:
        """The one that is looked at."""
        chosen = self.value()
        known = {key for key, _ in self.lookup_choices}
        return int(chosen) if chosen in known else self.active

    def choices(self, changelist: Any) -> Iterator[Any]:
        """One link each."""
        for key, words in self.lookup_choices:
            is_active = int(key) == self.active
            yield {
                "selected": int(key) == self.generation,
                "query_string": changelist.get_query_string(
                    {self.parameter_name: None if is_active else key}
                ),
                "display": words,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """As it is: the list itself begins with the rows of one generation."""
        return queryset


class DayFilter(SimpleListFilter):
    """From the years to a month to a day, without asking which of them have rows."""

    title = "day"
    parameter_name = DAY

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The parts of what was chosen, the latest first."""
        days = first_and_last_day()
        parts = parts_of(self.period, *days) if days else []
        return [(part.text, part.text) for part in reversed(parts)]

    @property
    def period(self) -> Period | None:
        """What was chosen."""
        return period_in(str(self.used_parameters.get(self.parameter_name, "")))

    def has_output(self) -> bool:
        """A day has no parts, and there are ways back."""
        return bool(self.lookup_choices) or self.period is not None

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The ways back, what was chosen, and its parts."""
        back = ["", *_around(self.period)]
        for text in [*back, *(text for text, _ in self.lookup_choices)]:
            yield {
                "selected": text == (self.period.text if self.period else ""),
                "query_string": changelist.get_query_string({self.parameter_name: text or None}),
                "display": text or "The latest",
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """As it is: the list itself begins with the rows of the period."""
        return queryset


def _around(period: Period | None) -> list[str]:
    """A year, a month of it, a day of that: as far as was chosen."""
    if period is None:
        return []
    parts = period.text.split("-")
    return ["-".join(parts[:count]) for count in range(1, len(parts) + 1)]


def words_filter(column: str, values: type[StrEnum] | Sequence[str]) -> type[SimpleListFilter]:
    """A filter by a column with these values, said in words."""
    known = [str(value) for value in values if str(value)]

    class WordsFilter(SimpleListFilter):
        title = column.replace("_", " ")
        parameter_name = column

        def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
            return [(value, value.replace("_", " ").capitalize()) for value in known]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            chosen = self.value()
            return queryset.filter(**{column: chosen}) if chosen in known else queryset

    return WordsFilter
