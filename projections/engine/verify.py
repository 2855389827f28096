"""Are the read models the fold of the log? A shadow generation is built and compared row by row.

"Caught up" is no proof. Works beside a running shop, changes no screen, leaves nothing behind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orders.event_codec import KeyRing
from orders.event_store import EventStore
from projections.engine import checkpoints, rebuild
from projections.engine.checkpoints import ProjectionCursor
from projections.engine.folded_stream import Fold
from projections.engine.models import NOTHING_YET, Checkpoint, CheckpointState
from projections.engine.projection import Projection
from projections.engine.projector import Projector
from projections.engine.read_row import Key, ReadRow
from projections.engine.transactions import one_moment

PAGE = 2_000
ATTEMPTS = 200
"""How often the shadow may find, having caught up, that the shop has moved on."""

SHOWN = 5
"""Differing rows named for each table; the rest is counted."""


class NeverAtRest(Exception):
    """The shop was too busy for a comparison at one and the same position."""

    code = "never_at_rest"
    sentence = "The read models moved on faster than they could be compared. Please try again."

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Verdict:
    """One table: how many rows, and which of them are not what the log says."""

    table: str
    rows: int
    missing: int
    surplus: int
    differing: int
    examples: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every row is as it should be."""
        return not (self.missing or self.surplus or self.differing)


def verify(
    store: EventStore,
    fold: Fold[Any],
    projections: Sequence[Projection],
    keys: KeyRing | None = None,
) -> list[Verdict]:
    """Compare every table. Raises `NeverAtRest`, `StoreUnavailable`."""
    _remove_shadows(projections)
    try:
        projector = Projector(store, fold, lambda: _shadows(projections), keys=keys)
        projector.load_cursors()
        return _compare_all(store, projector)
    finally:
        _remove_shadows(projections)


def _compare_all(store: EventStore, projector: Projector) -> list[Verdict]:
    verdicts: list[Verdict] = []
    waiting = list(projector.cursors)
    for _ in range(ATTEMPTS):
        _catch_up(store, projector, waiting)
        with one_moment():
            active = _active()
            at_one_position = [
                cursor
                for cursor in waiting
                if active[cursor.projection.name].position == cursor.position
            ]
            for cursor in at_one_position:
                generation = active[cursor.projection.name].generation
                verdicts += [
                    _compare(model, generation, cursor.generation)
                    for model in cursor.projection.tables
                ]
        waiting = [cursor for cursor in waiting if cursor not in at_one_position]
        if not waiting:
            return verdicts
    raise NeverAtRest


def _catch_up(store: EventStore, projector: Projector, waiting: Sequence[ProjectionCursor]) -> None:
    """Bring each shadow exactly to where its active generation is now."""
    targets = {name: active.position for name, active in _active().items()}
    for target in sorted({targets[cursor.projection.name] for cursor in waiting}):
        projector.cursors = [
            cursor
            for cursor in waiting
            if targets[cursor.projection.name] >= target and cursor.position < target
        ]
        while projector.cursors and (least := projector.position) != target:
            page = store.read_all(after=least, limit=PAGE)
            upto = [event for event in page if event.position <= target]
            if not upto:
                break  # the log ends before the checkpoint: a restored, older log
            projector.handle(upto)


def _compare(model: type[ReadRow], generation: int, shadow: int) -> Verdict:
    rows = missing = surplus = differing = 0
    examples: list[str] = []
    for key, is_there, should_be in _side_by_side(model, generation, shadow):
        rows += is_there is not None
        if is_there == should_be:
            continue
        missing += is_there is None
        surplus += should_be is None
        differing += is_there is not None and should_be is not None
        if len(examples) < SHOWN:
            examples.append(f"{'/'.join(map(str, key))}: {_difference(is_there, should_be)}")
    name = str(model._meta.object_name)
    return Verdict(name, rows, missing, surplus, differing, tuple(examples))


Columns = dict[str, Any] | None


def _side_by_side(
    model: type[ReadRow], generation: int, shadow: int
) -> Iterator[tuple[Key, Columns, Columns]]:
    rows, shadows = _ordered(model, generation), _ordered(model, shadow)
    row, other = next(rows, None), next(shadows, None)
    while row is not None or other is not None:
        if other is None or (row is not None and row[0] < other[0]):
            assert row is not None
            yield row[0], row[1], None
            row = next(rows, None)
        elif row is None or other[0] < row[0]:
            yield other[0], None, other[1]
            other = next(shadows, None)
        else:
            yield row[0], row[1], other[1]
            row, other = next(rows, None), next(shadows, None)


def _ordered(model: type[ReadRow], generation: int) -> Iterator[tuple[Key, dict[str, Any]]]:
    # Sorted here: databases sort text by rules of their own.
    keys = sorted(
        model._default_manager.filter(generation=generation).values_list(*model.KEY, "pk")
    )
    for start in range(0, len(keys), 500):
        some = [pk for *_, pk in keys[start : start + 500]]
        rows = model._default_manager.filter(pk__in=some)
        for row in sorted(rows, key=lambda row: row.key):
            yield row.key, row.values()


def _difference(is_there: Columns, should_be: Columns) -> str:
    if is_there is None:
        return "missing"
    if should_be is None:
        return "should not be there"
    return ", ".join(
        f"{name} is {is_there[name]!r}, the log says {should_be[name]!r}"
        for name in is_there
        if is_there[name] != should_be[name]
    )


def _active() -> dict[str, Checkpoint]:
    active = Checkpoint.objects.filter(state=CheckpointState.ACTIVE)
    return {checkpoint.projection: checkpoint for checkpoint in active}


def _shadows(projections: Sequence[Projection]) -> list[ProjectionCursor]:
    active = _active()
    return [
        checkpoints.cursor_of(projection, checkpoints.begin(projection, CheckpointState.SHADOW))
        for projection in projections
        if projection.name in active and active[projection.name].position != NOTHING_YET
    ]


def _remove_shadows(projections: Sequence[Projection]) -> None:
    for projection in projections:
        shadows = Checkpoint.objects.filter(
            projection=projection.name, state=CheckpointState.SHADOW
        )
        for shadow in list(shadows):
            rebuild.remove(projection, shadow)
