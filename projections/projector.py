"""The projector: a subscription's batches into read models, one transaction a batch.

A batch ends when nothing more is there: one event while the shop is calm, hundreds in a rush.
Restart, fail-over, several projectors and rebuild are one case: the checkpoint is compared and
set in the same transaction as the rows, and whoever does not find it where it was starts anew.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from orders.event_codec import KeyRing, key_ring
from orders.event_store import EventStore, StoredEvent, StoreUnavailable
from projections import checkpoints, folding, live, parking, view_numbers
from projections.checkpoints import Fenced, Follower
from projections.feed import Feed, FeedBroken
from projections.folding import NeedsCare, Taken
from projections.models import NOTHING_YET, ParkedEvent, ParkedState
from projections.pause import Pause
from projections.projection import Projection
from projections.rows import Changes, let_go
from projections.screen_changes import ScreenChange
from projections.subscription_watch import SubscriptionStuck, SubscriptionWatch
from projections.writing import writing

BATCH = 500
"""Events in one transaction at most: enough to pay for it, few enough to see each screen move."""

IDLE_SECONDS = 1.0
"""How long to wait for an event before looking after the rest: retries, the subscription."""

BACK_OFF = (0.05, 5.0)
"""First and longest pause in seconds before trying again, with jitter, for ever."""

FENCED_PAUSE = (0.2, 2.0)
"""The same for a projector that another one has overtaken: it stands by and saves its strength."""

Push = Callable[[Sequence[ScreenChange]], None]

logger = logging.getLogger(__name__)


class Projector:
    """Drives a set of generations with one subscription. `run` until told to stop."""

    def __init__(
        self,
        store: EventStore,
        find_followers: Callable[[], list[Follower]],
        *,
        push: Push | None = None,
        keys: KeyRing | None = None,
        batch: int = BATCH,
        each_turn: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._find_followers = find_followers
        self._push = push
        self._keys = keys if keys is not None else key_ring()
        self._batch = batch
        self._each_turn = each_turn or self.retry_parked
        self.followers: list[Follower] = []
        self._skipped: dict[str, set[int]] = {}

    def run(self, stopping: threading.Event) -> None:
        """Follow the log until `stopping` is set. Survives whatever its neighbours do."""
        pause = Pause(*BACK_OFF)
        standing_by = Pause(*FENCED_PAUSE)
        while not stopping.is_set():
            try:
                self.follow(stopping, pause.reset)
            except Fenced:
                logger.info("another projector is at work; standing by")
                stopping.wait(standing_by.next())
            except folding.RebuildFailed:
                raise
            except (FeedBroken, StoreUnavailable, SubscriptionStuck) as error:
                logger.warning("the log is away (%s); trying again", error.__cause__ or error)
                stopping.wait(pause.next())
            except Exception:
                logger.exception("the projector could not go on; trying again")
                connections.close_all()
                stopping.wait(pause.next())
        connections.close_all()

    def follow(
        self, stopping: threading.Event, has_moved: Callable[[], None] = lambda: None
    ) -> None:
        """Go on from the stored checkpoints until stopped or until something breaks."""
        self.load()
        self._notice_an_older_log()
        feed = Feed(self._store, self.position)
        try:
            watch = SubscriptionWatch(self._store)
            turn = 0.0
            while not stopping.is_set():
                batch = feed.take(self._batch, IDLE_SECONDS)
                if batch:
                    self.apply(batch)
                    has_moved()
                else:
                    watch.look(feed, self.followers)
                if not batch or time.monotonic() - turn >= IDLE_SECONDS:
                    turn = time.monotonic()
                    self._each_turn()
        finally:
            feed.stop()

    def load(self) -> None:
        """Take up the stored checkpoints."""
        with writing():
            self.followers = self._find_followers()
            self._skipped = {
                one.projection.name: set(
                    ParkedEvent.objects.filter(
                        projection=one.projection.name,
                        generation=one.generation,
                        state=ParkedState.SKIPPED,
                    ).values_list("position", flat=True)
                )
                for one in self.followers
            }

    def _notice_an_older_log(self) -> None:
        """A backup was restored, or it is another log: rows of facts it does not have must go."""
        head = self._store.head()
        ahead = [one for one in self.followers if one.position > head]
        if not ahead:
            return
        logger.error(
            "the log ends at %d, before what %s has seen: building the rows anew",
            head,
            ", ".join(one.projection.name for one in ahead),
        )
        with writing():
            checkpoints.start_over(ahead)
        self.load()

    @property
    def position(self) -> int | None:
        """Behind which event to go on; None for the very first."""
        least = min(one.position for one in self.followers)
        return None if least == NOTHING_YET else least

    def apply(self, batch: Sequence[StoredEvent]) -> None:
        """Take these events into all generations, in one transaction. Raises `Fenced`."""
        taken = folding.decoded(batch, self._keys)
        self._take_effect(taken)
        try:
            try:
                screens = self._commit(taken, careful=False)
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError:
                self._forget_rows()
                screens = self._commit(taken, careful=True)
        except BaseException:
            self._forget_rows()
            raise
        self._send(screens)

    def retry_parked(self) -> None:
        """Take in the parked streams that somebody asked to try again."""
        for follower, stream in parking.streams_to_retry(self.followers):
            self._send(self._retry(follower, stream))

    def _forget_rows(self) -> None:
        for follower in self.followers:
            follower.forget_rows()

    def _take_effect(self, taken: Sequence[Taken]) -> None:
        # Before the commit: an effect that was not followed by its commit is only repeated.
        for follower in self.followers:
            for one in self._new_to(follower, taken):
                effect = follower.projection.effects.get(type(one.fact and one.fact.event))  # type: ignore[arg-type]
                if effect is not None and one.fact is not None:
                    effect(one.fact.event)

    def _commit(self, taken: Sequence[Taken], *, careful: bool) -> list[ScreenChange]:
        screens: list[ScreenChange] = []
        last = taken[-1].stored
        with writing():
            by_count: dict[int, list[Follower]] = {}
            for follower in self.followers:
                by_count.setdefault(len(self._new_to(follower, taken)), []).append(follower)
            by_count.pop(0, None)
            for count, together in by_count.items():
                checkpoints.advance(together, last.position, last.recorded_at, count)
            parked = parking.parked_streams(self.followers)
            for together in by_count.values():
                for follower in together:
                    changes = self._fold(follower, taken, parked, careful=careful)
                    screens += self._number(follower, changes)
        for count, together in by_count.items():
            for follower in together:
                follower.position = last.position
                follower.handled += count
                let_go(follower.held)
        return screens

    def _fold(
        self,
        follower: Follower,
        taken: Sequence[Taken],
        parked: dict[str, set[str]],
        *,
        careful: bool,
    ) -> Changes:
        new = self._new_to(follower, taken)
        of_projection = parked[follower.projection.name]
        held_up = of_projection & {one.stored.stream for one in new}
        skipped = self._skipped.get(follower.projection.name, set())
        if not careful and not skipped:
            try:
                rows = folding.fold_quickly(follower, new, held_up)
            except NeedsCare:
                pass
            else:
                rows.write()
                return rows.changes()
        follower.forget_rows()
        return folding.fold_carefully(follower, new, of_projection, skipped)

    def _retry(self, follower: Follower, stream: str) -> list[ScreenChange]:
        stored = {one.position: one for one in self._store.read_stream(stream)}
        changes: Changes = {}
        follower.forget_rows()
        with writing():
            checkpoints.touch(follower)
            for event in parking.waiting_in(follower, stream):
                (one,) = folding.decoded([stored[event.position]], self._keys)
                error = folding.take_in(follower, one, changes)
                if error is not None:
                    parking.failed_again(event, error)
                    break
                event.delete()
            screens = self._number(follower, changes)
        follower.handled += 1
        return screens

    def _number(self, follower: Follower, changes: Changes) -> list[ScreenChange]:
        if not follower.is_active or self._push is None:
            return []
        views = live.views_changed_by(follower.projection.name, changes)
        seqs = view_numbers.raise_numbers(follower.generation, views)
        if not seqs:
            return []
        return [ScreenChange(follower.projection.name, follower.generation, seqs, changes)]

    def _send(self, screens: Sequence[ScreenChange]) -> None:
        if screens and self._push is not None:
            self._push(screens)

    @staticmethod
    def _new_to(follower: Follower, taken: Sequence[Taken]) -> Sequence[Taken]:
        if not taken or taken[0].stored.position > follower.position:
            return taken
        return [one for one in taken if one.stored.position > follower.position]


def active_followers(projections: Sequence[Projection]) -> Callable[[], list[Follower]]:
    """What the shop's projector drives: the active generation of each projection."""
    return lambda: checkpoints.follow(projections)
