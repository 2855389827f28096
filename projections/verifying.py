"""Are the read models the fold of the log? A shadow generation is built and compared row by row.

"Caught up" is no proof. Works beside a running shop, changes no screen, leaves nothing behind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from orders.event_codec import KeyRing
from orders.event_store import EventStore
from projections import checkpoints, rebuild
from projections.checkpoints import Follower
from projections.models import NOTHING_YET, Checkpoint, CheckpointState, ReadRow
from projections.projection import Projection
from projections.projector import Projector
from projections.rows import Key, key_of
from projections.writing import one_moment

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
    store: EventStore, projections: Sequence[Projection], keys: KeyRing | None = None
) -> list[Verdict]:
    """Compare every table. Raises `NeverAtRest`, `StoreUnavailable`."""
    _remove_shadows(projections)
    try:
        projector = Projector(store, lambda: _shadows(projections), keys=keys)
        projector.load()
        return _compare_all(store, projector)
    finally:
        _remove_shadows(projections)


def _compare_all(store: EventStore, projector: Projector) -> list[Verdict]:
    verdicts: list[Verdict] = []
    waiting = list(projector.followers)
    for _ in range(ATTEMPTS):
        _catch_up(store, projector, waiting)
        with one_moment():
            active = _active()
            at_one_position = [
                one for one in waiting if active[one.projection.name].position == one.position
            ]
            for follower in at_one_position:
                generation = active[follower.projection.name].generation
                verdicts += [
                    _compare(model, generation, follower.generation)
                    for model in follower.projection.tables
                ]
        waiting = [one for one in waiting if one not in at_one_position]
        if not waiting:
            return verdicts
    raise NeverAtRest


def _catch_up(store: EventStore, projector: Projector, waiting: Sequence[Follower]) -> None:
    """Bring each shadow exactly to where its active generation is now."""
    targets = {name: one.position for name, one in _active().items()}
    for target in sorted({targets[one.projection.name] for one in waiting}):
        projector.followers = [
            one
            for one in waiting
            if targets[one.projection.name] >= target and one.position < target
        ]
        while projector.followers and (least := projector.position) != target:
            page = store.read_all(after=least, limit=PAGE)
            upto = [event for event in page if event.position <= target]
            if not upto:
                break  # the log ends before the checkpoint: a restored, older log
            projector.apply(upto)


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
    left, right = _ordered(model, generation), _ordered(model, shadow)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            yield one[0], one[1], None
            one = next(left, None)
        elif one is None or other[0] < one[0]:
            yield other[0], None, other[1]
            other = next(right, None)
        else:
            yield one[0], one[1], other[1]
            one, other = next(left, None), next(right, None)


def _ordered(model: type[ReadRow], generation: int) -> Iterator[tuple[Key, dict[str, Any]]]:
    # Sorted here: databases sort text by rules of their own.
    keys = sorted(
        model._default_manager.filter(generation=generation).values_list(*model.KEY, "pk")
    )
    for start in range(0, len(keys), 500):
        some = [pk for *_, pk in keys[start : start + 500]]
        rows = model._default_manager.filter(pk__in=some)
        for row in sorted(rows, key=key_of):
            yield key_of(row), row.facts_of_row()


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
    return {one.projection: one for one in Checkpoint.objects.filter(state=CheckpointState.ACTIVE)}


def _shadows(projections: Sequence[Projection]) -> list[Follower]:
    active = _active()
    return [
        checkpoints.follower_of(one, checkpoints.begin(one, CheckpointState.SHADOW))
        for one in projections
        if one.name in active and active[one.name].position != NOTHING_YET
    ]


def _remove_shadows(projections: Sequence[Projection]) -> None:
    for projection in projections:
        shadows = Checkpoint.objects.filter(
            projection=projection.name, state=CheckpointState.SHADOW
        )
        for shadow in list(shadows):
            rebuild.remove(projection, shadow)
