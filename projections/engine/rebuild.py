"""A new generation beside the live one: it catches up, then one row switches. Or a removal.

While it catches up no screen is touched; at the switch it is at least as far as the one it
replaces, so that no screen is ever empty or goes back in time.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from orders.event_codec import KeyRing
from orders.event_store import EventStore, FollowedLog, LogFollower
from projections.engine import checkpoints
from projections.engine.checkpoints import Fenced, ProjectionCursor
from projections.engine.folded_stream import Fold
from projections.engine.models import Checkpoint, CheckpointState, ParkedEvent, ViewSequence
from projections.engine.projection import Projection
from projections.engine.projector import Projector
from projections.engine.transactions import writing

BATCH = 2_000
"""Events in one transaction: few enough that the live projector, which waits its turn on SQLite,
shows its news within a fraction of a second."""

TURN_SECONDS = 0.1
"""How often it looks whether a generation can take over, and says how far it is."""

ROWS_REMOVED_AT_ONCE = 2_000

Reached = Callable[[float, int], None]
"""Called now and then: the share of the log that is in (0 to 1), and events of this run."""

Switched = Callable[[str], None]
"""Called with the name of a live view that shows a new generation."""

logger = logging.getLogger(__name__)


class Rebuild:
    """Builds new generations of some projections and lets them take over."""

    def __init__(
        self,
        store: EventStore,
        fold: Fold[Any],
        projections: Sequence[Projection],
        *,
        switched: Switched = lambda view: None,
        reached: Reached = lambda share, events: None,
        keys: KeyRing | None = None,
        batch: int = BATCH,
        followed: FollowedLog | None = None,
    ) -> None:
        """`followed` is the same log, where it is to be read in another way."""
        self._projections = {projection.name: projection for projection in projections}
        self._store = store
        self._head: int | None = None
        self._switched = switched
        self._reached = reached
        self._begun_at: dict[str, tuple[int, int]] = {}  # position and events, by projection
        self.projector = Projector(
            store, fold, self._booting, keys=keys, each_turn=self._switch_those_ready
        )
        self._follower = LogFollower(
            followed or store,
            self.projector,
            batch=batch,
            turn_seconds=TURN_SECONDS,
            name="rebuild",
        )
        self._stopping = threading.Event()
        self.switched: dict[str, int] = {}

    def run(self) -> None:
        """Until every generation has taken over. Raises `RebuildFailed`, and switches nothing.

        Goes on where an earlier run was interrupted.
        """
        self._follower.run(self._stopping)
        for projection in self._projections.values():
            remove_retired(projection)

    def stop(self) -> None:
        """Leave it unfinished; a later run goes on."""
        self._stopping.set()

    def _booting(self) -> list[ProjectionCursor]:
        if self._head is None:
            self._head = self._store.head()  # what there is now has to be in before any switch
        cursors = []
        for projection in self._projections.values():
            if projection.name in self.switched:
                continue
            checkpoint = Checkpoint.objects.filter(
                projection=projection.name,
                state=CheckpointState.BOOTING,
                version=projection.version,
            ).first()
            if checkpoint is None:
                checkpoint = checkpoints.begin(projection, CheckpointState.BOOTING)
            cursor = checkpoints.cursor_of(projection, checkpoint)
            self._begun_at.setdefault(projection.name, (cursor.position, cursor.handled))
            cursors.append(cursor)
        return cursors

    def _say_how_far_it_is(self) -> None:
        """The slowest of them, from where this run found it to the end of the log."""
        if not self.projector.cursors:
            return
        slowest = min(self.projector.cursors, key=lambda cursor: cursor.position)
        position, handled = self._begun_at[slowest.projection.name]
        whole = max(1, (self._head or 0) - max(0, position))
        share = min(1.0, max(0.0, (slowest.position - max(0, position)) / whole))
        self._reached(share, slowest.handled - handled)

    def _switch_those_ready(self) -> None:
        self._say_how_far_it_is()
        for cursor in list(self.projector.cursors):
            has_it_all = not self._head or cursor.position >= self._head
            if has_it_all and switch(cursor):
                projection = cursor.projection
                self.projector.cursors.remove(cursor)
                self.switched[projection.name] = cursor.generation
                logger.info("%s shows generation %d", projection.name, cursor.generation)
                if projection.view and not projection.view_per_row:
                    self._switched(projection.view)
        if not self.projector.cursors:
            self._stopping.set()


def switch(cursor: ProjectionCursor) -> bool:
    """Let this generation take over, if it is as far as the active one. Raises `Fenced`."""
    with writing():
        active = (
            Checkpoint.objects.select_for_update()
            .filter(projection=cursor.projection.name, state=CheckpointState.ACTIVE)
            .first()
        )
        if active is not None:
            if active.position > cursor.position:
                return False
            Checkpoint.objects.filter(pk=active.pk).update(state=CheckpointState.RETIRED)
        if Checkpoint.objects.filter(cursor.row).update(state=CheckpointState.ACTIVE) != 1:
            raise Fenced
    return True


def outdated(projections: Sequence[Projection]) -> list[Projection]:
    """The projections whose active rows were written by an older version of their code."""
    active = dict(
        Checkpoint.objects.filter(state=CheckpointState.ACTIVE).values_list("projection", "version")
    )
    return [p for p in projections if active.get(p.name, p.version) < p.version]


def remove_retired(projection: Projection) -> None:
    """Remove the rows of the generations that were replaced."""
    retired = Checkpoint.objects.filter(projection=projection.name, state=CheckpointState.RETIRED)
    for checkpoint in list(retired):
        remove(projection, checkpoint)


def remove(projection: Projection, checkpoint: Checkpoint) -> None:
    """Remove a generation and all that belongs to it, a little at a time."""
    generation = checkpoint.generation
    views = Q(name=projection.view) | Q(name__startswith=f"{projection.view}:")
    for rows in (
        *(model._default_manager.filter(generation=generation) for model in projection.tables),
        ViewSequence.objects.filter(views, generation=generation),
    ):
        _remove_bit_by_bit(rows)
    with writing():
        ParkedEvent.objects.filter(projection=projection.name, generation=generation).delete()
        checkpoint.delete()


def _remove_bit_by_bit(rows: QuerySet[Any]) -> None:
    while rows.exists():
        with writing():
            some = rows.order_by("pk").values_list("pk", flat=True)[:ROWS_REMOVED_AT_ONCE]
            last = list(some)[-1]
            rows.filter(pk__lte=last).delete()
