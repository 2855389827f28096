"""Driving projections in tests: a log on paper, real tables, no subscription."""

from collections.abc import Iterable, Sequence
from typing import Any

from orders.event_store import StoredEvent
from projections import checkpoints
from projections.models import Checkpoint, CheckpointState
from projections.projection import Projection
from projections.projector import Projector, Push
from projections.registry import PROJECTIONS
from projections.rows import Rows
from projections.tests.paper_log import PaperLog
from projections.writing import writing

Tables = dict[str, list[dict[str, Any]]]


def folded(projection: Projection, log: PaperLog) -> Rows:
    """The rows of one projection, without any table."""
    rows = Rows(1, stored=False)
    for fact in log.facts():
        projection.handle(fact, rows)
    return rows


def projector_of(
    log: PaperLog,
    projections: Sequence[Projection] = PROJECTIONS,
    *,
    push: Push | None = None,
) -> Projector:
    """A projector at the stored checkpoints."""
    projector = Projector(log, lambda: checkpoints.follow(projections), push=push, keys=log.keys)  # type: ignore[arg-type]
    projector.load()
    return projector


def project(log: PaperLog, batches: Iterable[Sequence[StoredEvent]]) -> Projector:
    """Take these batches into every projection."""
    projector = projector_of(log)
    for batch in batches:
        projector.apply(batch)
    return projector


def tables(generations: dict[str, int] | None = None) -> Tables:
    """Every row of the active generations, without what only says where it is stored."""
    wanted = generations or {
        one.projection: one.generation
        for one in Checkpoint.objects.filter(state=CheckpointState.ACTIVE)
    }
    found: Tables = {}
    for projection in PROJECTIONS:
        for model in projection.tables:
            rows = model._default_manager.filter(generation=wanted.get(projection.name, 1))
            found[model.__name__] = sorted(
                (row.facts_of_row() for row in rows),
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
