"""The read models there are, each with its place in the inspector and how fresh it is.

Must not know what stands in any of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from projections.engine.models import CheckpointState
from projections.engine.progress import ProjectionState, projection_states
from projections.engine.read_row import ReadRow
from projections.screens import PROJECTIONS


@dataclass(frozen=True, kw_only=True)
class ReadModel:
    """One table as the inspector's front page lists it."""

    name: str  # in the plural
    what: str  # a row, in a sentence
    address: str
    projection: str
    state: ProjectionState | None  # of the generation that the screens show; None before there is


def read_models_now() -> list[ReadModel]:
    """All of them, in the order of their screens. Asks the log once where it ends."""
    return list(_read_models())


def _read_models() -> Iterator[ReadModel]:
    active = {
        state.projection: state
        for state in projection_states()
        if state.state == CheckpointState.ACTIVE
    }
    for projection in PROJECTIONS:
        for table in projection.tables:
            yield ReadModel(
                name=str(table._meta.verbose_name_plural).capitalize(),
                what=(table.__doc__ or "").partition("\n")[0],
                address=list_of(table),
                projection=projection.name,
                state=active.get(projection.name),
            )


def list_of(table: type[ReadRow]) -> str:
    """The address of a table's list in the inspector."""
    return reverse(f"admin:projections_{table._meta.model_name}_changelist")


def page_of(row: ReadRow) -> str:
    """The address of a row's page in the inspector."""
    return reverse(f"admin:projections_{row._meta.model_name}_change", args=(row.pk,))
