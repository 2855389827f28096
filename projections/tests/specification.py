"""Given these facts, when a projection folds them, then its tables have these rows.

The projector itself applies them to the real tables, twice: one by one as they happen, then all at
once as a rebuild does. A projection that a rebuild would change fails for that alone: one that
asks a clock, that depends on how facts come in batches, or whose table does not name its personal
columns. So does one that cannot apply a fact; a running shop would park it. A test needs both
databases: `pytestmark = pytest.mark.django_db(databases=BOTH)`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orders.domain.event import Event
from orders.event_store import StoredEvent
from projections.engine import checkpoints
from projections.engine.checkpoints import active_generation, active_rows
from projections.engine.models import Checkpoint, CheckpointState
from projections.engine.progress import parked_events
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow
from projections.engine.transactions import writing
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import projector_of

Columns = Mapping[str, object]


def given(stream: str, *events: Event, after: float = 1.0, actor: str = "staff-1") -> "Given":
    """These events of a stream, each `after` seconds later than the one before."""
    return Given().given(stream, *events, after=after, actor=actor)


@dataclass(frozen=True)
class Given:
    """What has happened so far, from 8:00 UTC on 4 May 2026; or whatever stands in a log."""

    log: InMemoryLog = field(default_factory=InMemoryLog)

    def given(
        self, stream: str, *events: Event, after: float = 1.0, actor: str = "staff-1"
    ) -> "Given":
        """And then these events, each `after` seconds later than the one before."""
        self.log.write(stream, *events, after=after, actor=actor)
        return self

    def when_folded_by(self, projection: Projection) -> "Folded":
        """Have the projector fold them. Raises `CannotApply`, `RebuildDiffers`."""
        self.log.keys.destroyed.clear()  # of customers whom an earlier call has forgotten
        as_it_happens = self._fold(projection, [[event] for event in self.log.events])
        rebuilt = self._fold(projection, [self.log.events])
        if rebuilt != as_it_happens:
            raise RebuildDiffers(projection, as_it_happens, rebuilt)
        return Folded(projection)

    def _fold(
        self, projection: Projection, batches: Sequence[Sequence[StoredEvent]]
    ) -> dict[str, list[dict[str, object]]]:
        _begin_anew(projection)
        projector = projector_of(self.log, [projection])
        for batch in batches:
            projector.handle(batch)
        generation = active_generation(projection.name)
        for parked in parked_events():
            if (parked.projection, parked.generation) == (projection.name, generation):
                raise CannotApply(projection, parked.type_name, parked.stream, parked.error)
        return {table.__name__: _rows(table) for table in projection.tables}


@dataclass(frozen=True)
class Folded:
    """A projection that has folded the facts: its rows are what pages show from now on."""

    projection: Projection

    def then_rows(self, table: type[ReadRow], *expected: Columns) -> None:
        """The table has exactly these rows, in the order of its key.

        Of each only the columns that are named are compared.
        """
        rows = _rows(table)
        named = [*(columns.keys() for columns in expected), *([()] * len(rows))]
        shown = [
            {name: row[name] for name in names or row}
            for row, names in zip(rows, named, strict=False)
        ]
        assert shown == [dict(columns) for columns in expected]


class CannotApply(AssertionError):
    """The projection failed at a fact: in a running shop its stream would be parked."""

    def __init__(self, projection: Projection, type_name: str, stream: str, error: str) -> None:
        super().__init__(f"{projection.name} cannot apply {type_name} of {stream}: {error}")


class RebuildDiffers(AssertionError):
    """The same facts gave other rows the second time, as they would in a rebuild."""

    def __init__(self, projection: Projection, as_it_happens: object, rebuilt: object) -> None:
        super().__init__(
            f"{projection.name} makes other rows when it is rebuilt.\n"
            f"as it happens: {as_it_happens}\nrebuilt: {rebuilt}"
        )


def _begin_anew(projection: Projection) -> None:
    with writing():
        active = Checkpoint.objects.filter(projection=projection.name, state=CheckpointState.ACTIVE)
        active.update(state=CheckpointState.RETIRED)
        checkpoints.begin(projection, CheckpointState.ACTIVE)


def _rows(table: type[ReadRow]) -> list[dict[str, object]]:
    rows = sorted(active_rows(table), key=lambda row: [str(part) for part in row.key])
    return [row.values() for row in rows]
