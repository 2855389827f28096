"""A new generation beside the live one: it catches up, then one row switches. Or a removal.

While it catches up no screen is touched; at the switch it is at least as far as the one it
replaces, so that no screen is ever empty or goes back in time.
"""

import logging
import threading
from collections.abc import Callable, Sequence

from django.db.models import Q

from orders.event_codec import KeyRing
from orders.event_store import EventStore
from projections import checkpoints, live
from projections.checkpoints import Fenced, Follower
from projections.generations import ORDER_TRACKING
from projections.models import Checkpoint, CheckpointState, ParkedEvent, View
from projections.projection import Projection
from projections.projector import Projector
from projections.writing import writing

BATCH = 2_000
"""Events in one transaction: few enough that the live projector, which waits its turn on SQLite,
shows its news within a fraction of a second."""

ROWS_REMOVED_AT_ONCE = 2_000

Switched = Callable[[Sequence[str], int], None]
"""Told the views of a projection that shows a new generation, and its number."""

logger = logging.getLogger(__name__)


class Rebuild:
    """Builds new generations of some projections and lets them take over."""

    def __init__(
        self,
        store: EventStore,
        projections: Sequence[Projection],
        *,
        switched: Switched | None = None,
        keys: KeyRing | None = None,
    ) -> None:
        self._projections = {one.name: one for one in projections}
        self._store = store
        self._head: int | None = None
        self._switched = switched
        self._projector = Projector(
            store, self._booting, keys=keys, batch=BATCH, each_turn=self._switch_those_ready
        )
        self._stopping = threading.Event()
        self.switched: dict[str, int] = {}

    def run(self) -> None:
        """Until every generation has taken over. Raises `RebuildFailed`, and switches nothing.

        Goes on where an earlier run was interrupted.
        """
        self._projector.run(self._stopping)
        for projection in self._projections.values():
            remove_retired(projection)

    def stop(self) -> None:
        """Leave it unfinished; a later run goes on."""
        self._stopping.set()

    def _booting(self) -> list[Follower]:
        if self._head is None:
            self._head = self._store.head()  # what there is now has to be in before any switch
        followers = []
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
            followers.append(checkpoints.follower_of(projection, checkpoint))
        return followers

    def _switch_those_ready(self) -> None:
        for follower in list(self._projector.followers):
            has_it_all = not self._head or follower.position >= self._head
            if has_it_all and switch(follower):
                self._projector.followers.remove(follower)
                self.switched[follower.projection.name] = follower.generation
                logger.info("%s shows generation %d", follower.projection.name, follower.generation)
                if self._switched is not None:
                    self._switched(_views_of(follower.projection.name), follower.generation)
        if not self._projector.followers:
            self._stopping.set()


def switch(follower: Follower) -> bool:
    """Let this generation take over, if it is as far as the active one. Raises `Fenced`."""
    with writing():
        active = (
            Checkpoint.objects.select_for_update()
            .filter(projection=follower.projection.name, state=CheckpointState.ACTIVE)
            .first()
        )
        if active is not None:
            if active.position > follower.position:
                return False
            Checkpoint.objects.filter(pk=active.pk).update(state=CheckpointState.RETIRED)
        if Checkpoint.objects.filter(follower.row).update(state=CheckpointState.ACTIVE) != 1:
            raise Fenced
    return True


def outdated(projections: Sequence[Projection]) -> list[Projection]:
    """The projections whose active rows were written by an older version of their code."""
    active = dict(
        Checkpoint.objects.filter(state=CheckpointState.ACTIVE).values_list("projection", "version")
    )
    return [one for one in projections if active.get(one.name, one.version) < one.version]


def remove_retired(projection: Projection) -> None:
    """Remove the rows of the generations that were replaced."""
    retired = Checkpoint.objects.filter(projection=projection.name, state=CheckpointState.RETIRED)
    for checkpoint in list(retired):
        remove(projection, checkpoint)


def remove(projection: Projection, checkpoint: Checkpoint) -> None:
    """Remove a generation and all that belongs to it, a little at a time."""
    generation = checkpoint.generation
    for model in projection.tables:
        rows = model._default_manager.filter(generation=generation)
        while rows.exists():
            with writing():
                some = rows.order_by("pk").values_list("pk", flat=True)[:ROWS_REMOVED_AT_ONCE]
                last = list(some)[-1]
                rows.filter(pk__lte=last).delete()
    views = Q(name__in=_views_of(projection.name))
    if projection.name == ORDER_TRACKING:
        views |= Q(name__startswith=live.ORDER_PREFIX)
    with writing():
        View.objects.filter(views, generation=generation).delete()
        ParkedEvent.objects.filter(projection=projection.name, generation=generation).delete()
        checkpoint.delete()


def _views_of(projection: str) -> list[str]:
    return [one.view for one in live.SCREENS.values() if one.projection == projection]
