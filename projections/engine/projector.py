"""The projector: the log's batches into read models, one transaction a batch.

A batch ends when nothing more is there: one event while the shop is calm, hundreds in a rush.
Restart, fail-over, several projectors and rebuild are one case: the checkpoint is compared and
set in the same transaction as the rows, and whoever does not find it where it was starts anew.
"""

import gc
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from prometheus_client import Counter, Histogram

from orders import tracing
from orders.event_codec import KeyRing, key_ring
from orders.event_store import EventStore, StoredEvent
from projections.engine import checkpoints, parking
from projections.engine.apply import (
    Batch,
    NeedsCare,
    apply_carefully,
    apply_one,
    apply_quickly,
    fold_each,
    without,
)
from projections.engine.checkpoints import ProjectionCursor
from projections.engine.damaged_file import naming_failures
from projections.engine.decoding import decoded
from projections.engine.folded_stream import Fold, FoldedStreams
from projections.engine.models import NOTHING_YET
from projections.engine.parking import Parked
from projections.engine.pulse import Pulse
from projections.engine.sequences import Committed, raise_sequences
from projections.engine.transactions import empty_write_ahead_log, writing
from projections.engine.unit_of_work import Changes

Push = Callable[[Sequence[Committed]], None]

FACTS = Counter("barstucks_projected_facts", "Events whose rows were written", ["rows"])
BATCH_SECONDS = Histogram(
    "barstucks_projection_batch_seconds",
    "Folding a batch of events, and the transaction that writes its rows",
    ["rows"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)

EMPTY_LOG_EVERY = 20.0
"""Seconds after which a forgotten customer's former rows are gone from SQLite's files, too."""

logger = logging.getLogger(__name__)


def collect_garbage_rarely(after: int = 50_000) -> None:
    """Let Python look for garbage in cycles less often; to be called once by a process.

    `after` so many new objects. Thousands of states and rows live from batch to batch and are no
    garbage. Looking at them with Python's own thresholds takes 45 % of the time of applying a
    batch (measured with 2,000 events), with 50,000 still a tenth of it.
    """
    gc.freeze()
    gc.set_threshold(after, 20, 50)


class Projector:
    """Drives a set of generations; consumes the log (`orders.event_store.log_follower`)."""

    def __init__(
        self,
        store: EventStore,
        fold: Fold[Any],
        find_cursors: Callable[[], list[ProjectionCursor]],
        *,
        push: Push | None = None,
        keys: KeyRing | None = None,
        each_turn: Callable[[], None] | None = None,
    ) -> None:
        """`push` gets what each commit changed; `each_turn` runs instead of pulse and retrying."""
        self._store = store
        self._find_cursors = find_cursors
        self._push = push
        self._keys = keys if keys is not None else key_ring()
        self._streams = FoldedStreams(fold, store, self._keys)
        self._each_turn = each_turn or self._say_and_retry
        self._pulse = Pulse()
        rows = "rebuilt" if push is None else "live"
        self._facts, self._batch_seconds = FACTS.labels(rows), BATCH_SECONDS.labels(rows)
        self._emptied_at = 0.0
        self.cursors: list[ProjectionCursor] = []

    @naming_failures()
    def load(self, head: Callable[[], int]) -> int | None:
        """Go on from the stored checkpoints. Returns behind which event; None for the first.

        Rows of facts that the log does not have must go: it ends before them, or has another
        event where they ended. Then it is an older copy, to which orders were added since.
        """
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        self.load_cursors()
        end = head()  # only now: another projector may have moved the checkpoints meanwhile
        places = {(cursor.position, cursor.event_id) for cursor in self.cursors}
        foreign = {place for place in places if not self._is_in_log(*place, end)}
        strangers = [c for c in self.cursors if (c.position, c.event_id) in foreign]
        if strangers:
            names = ", ".join(cursor.projection.name for cursor in strangers)
            logger.error(
                "the log (it ends at %d) is another or an older one: building anew the rows of %s",
                end,
                names,
            )
            with writing():
                checkpoints.start_over(strangers)
            self.load_cursors()
        return self.position

    def _is_in_log(self, position: int, event_id: UUID | None, end: int) -> bool:
        if position == NOTHING_YET:
            return True
        return position <= end and self._store.has_event(position, event_id)

    def load_cursors(self) -> None:
        """Find the generations to drive, where they were left.

        Perhaps by another projector, behind events that this one has not seen, a customer's
        `CustomerForgotten` among them: nothing in memory is to be trusted.
        """
        self._streams.clear()
        self._keys.clear()
        with writing():
            self.cursors = self._find_cursors()

    @property
    def position(self) -> int | None:
        """Behind which event to go on; None for the very first."""
        least = min((cursor.position for cursor in self.cursors), default=NOTHING_YET)
        return None if least == NOTHING_YET else least

    @naming_failures()
    def handle(self, batch: Sequence[StoredEvent]) -> None:
        """Apply these events to all generations, in one transaction. Raises `Fenced`."""
        least = min(cursor.position for cursor in self.cursors)
        new = [event for event in batch if event.position > least]
        if not new:
            return
        follows = new if self._push is not None else ()  # building anew is nobody's click
        with tracing.span_behind("project", follows, events=len(new)):
            with self._batch_seconds.time():
                committed = self._project(new)
            self._facts.inc(len(new))
            self._send(committed)

    def _project(self, new: Sequence[StoredEvent]) -> list[Committed]:
        folded = fold_each(decoded(new, self._keys), self._streams)
        try:
            try:
                return self._commit(folded, careful=False)
            except (OperationalError, InterfaceError):
                raise
            except (DatabaseError, OverflowError):  # SQLite's driver: a number that is too large
                self._forget_rows()
                return self._commit(folded, careful=True)
        except BaseException:
            self._forget_rows()
            raise

    def _say_and_retry(self) -> None:
        self._pulse.beat(self.position)
        self.retry_parked()

    @naming_failures()
    def each_turn(self) -> None:
        """Look after the rest: parked streams, and what SQLite keeps of overwritten rows."""
        self._each_turn()
        now = time.monotonic()
        if now - self._emptied_at >= EMPTY_LOG_EVERY and empty_write_ahead_log():
            self._emptied_at = now

    def retry_parked(self) -> None:
        """Apply the parked streams that are to be tried again."""
        for cursor, stream in parking.streams_to_retry(self.cursors):
            self._send(self._retry(cursor, stream))

    def _forget_rows(self) -> None:
        for cursor in self.cursors:
            cursor.forget_rows()

    def _commit(self, batch: Batch, *, careful: bool) -> list[Committed]:
        last = batch.events[-1].stored
        with writing():
            work = [(cursor, batch.behind(cursor.position)) for cursor in self.cursors]
            work = [(cursor, new) for cursor, new in work if new.events]
            for events, cursors in _by_number_of_events(work).items():
                checkpoints.advance(cursors, last, events)
            parked = parking.parked_by(self.cursors)
            changed = [
                (cursor, self._apply(cursor, new, parked[cursor.projection.name], careful=careful))
                for cursor, new in work
            ]
            committed = self._number(changed)
        for cursor, new in work:
            cursor.position, cursor.event_id = last.position, last.event_id
            cursor.handled += len(new.events)
        if batch.forgotten:
            self._streams.clear()
        return committed

    def _apply(
        self, cursor: ProjectionCursor, batch: Batch, parked: Parked, *, careful: bool
    ) -> Changes:
        if not careful:
            try:
                work = apply_quickly(cursor, batch, parked)
            except NeedsCare:
                pass
            else:
                work.write()
                return work.changes
        cursor.forget_rows()
        return apply_carefully(cursor, batch, parked, self._streams)

    def _retry(self, cursor: ProjectionCursor, stream: str) -> list[Committed]:
        stored = {event.position: event for event in self._store.read_stream(stream)}
        changes: Changes = {}
        cursor.forget_rows()
        with writing():
            checkpoints.touch(cursor)
            parked = parking.parked_by([cursor])[cursor.projection.name]
            for waiting in parking.waiting_in(cursor, stream):
                (event,) = decoded([stored[waiting.position]], self._keys)
                error = apply_one(cursor, without(event, parked, self._streams), changes)
                if error is not None:
                    parking.failed_again(waiting, error)
                    break
                waiting.delete()
            committed = self._number([(cursor, changes)])
        self._streams.clear()  # without the facts that can be read only now
        cursor.handled += 1
        return committed

    def _number(self, changed: Sequence[tuple[ProjectionCursor, Changes]]) -> list[Committed]:
        """Raise the numbers of all views that show something that changed."""
        if self._push is None:
            return []
        shown = [
            (cursor.generation, cursor.projection.views_changed_by(changes), changes)
            for cursor, changes in changed
            if cursor.is_active and changes
        ]
        seqs = raise_sequences([(view, number) for number, views, _ in shown for view in views])
        return [
            Committed(number, {view: seqs[view, number] for view in views}, changes)
            for number, views, changes in shown
            if views
        ]

    def _send(self, committed: Sequence[Committed]) -> None:
        if committed and self._push is not None:
            self._push(committed)


def _by_number_of_events(
    work: Sequence[tuple[ProjectionCursor, Batch]],
) -> dict[int, list[ProjectionCursor]]:
    """Mostly one number: only of a generation that catches up some are behind it already."""
    cursors: dict[int, list[ProjectionCursor]] = {}
    for cursor, new in work:
        cursors.setdefault(len(new.events), []).append(cursor)
    return cursors
