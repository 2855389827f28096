"""Driving projections in tests: a log in memory, real tables, no subscription."""

from collections.abc import Iterable, Sequence
from typing import Any

from orders.event_store import StoredEvent
from projections.engine import checkpoints
from projections.engine.models import Checkpoint, CheckpointState
from projections.engine.projection import Projection
from projections.engine.projector import Projector, Push
from projections.engine.transactions import writing
from projections.folded_order import ORDERS
from projections.screens import PROJECTIONS
from projections.tests.in_memory_log import InMemoryLog


class EveryView:
    """Contains every name: somebody looks at all there is."""

    def __contains__(self, _view: object) -> bool:
        return True


EVERY_VIEW = EveryView()

Tables = dict[str, list[dict[str, Any]]]


def projector_of(
    log: InMemoryLog,
    projections: Sequence[Projection] = PROJECTIONS,
    *,
    push: Push | None = None,
) -> Projector:
    """A projector at the stored checkpoints."""
    projector = Projector(
        log,  # type: ignore[arg-type]
        ORDERS,
        lambda: checkpoints.active_cursors(projections),
        push=push,
        keys=log.keys,
    )
    projector.load_cursors()
    return projector


def project(log: InMemoryLog, batches: Iterable[Sequence[StoredEvent]]) -> Projector:
    """Apply these batches to every projection."""
    projector = projector_of(log)
    for batch in batches:
        projector.handle(batch)
    return projector


def tables(generations: dict[str, int] | None = None) -> Tables:
    """Every row of the active generations, without what only says where it is stored."""
    wanted = generations or checkpoints.active_generations()
    found: Tables = {}
    for projection in PROJECTIONS:
        for model in projection.tables:
            rows = model._default_manager.filter(generation=wanted.get(projection.name, 1))
            found[model.__name__] = sorted(
                (row.values() for row in rows),
                key=lambda row: [str(row[name]) for name in model.KEY],
            )
    return found


def start_anew() -> None:
    """A second generation of everything becomes the active one, empty."""
    with writing():
        for projection in PROJECTIONS:
            Checkpoint.objects.filter(
                projection=projection.name, state=CheckpointState.ACTIVE
            ).update(state=CheckpointState.RETIRED)
            checkpoints.begin(projection, CheckpointState.ACTIVE)


def position(name: str) -> int:
    """Where the active generation of a projection is."""
    return Checkpoint.objects.get(projection=name, state=CheckpointState.ACTIVE).position
