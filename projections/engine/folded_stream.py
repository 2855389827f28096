"""The facts of one stream and the state they fold into; kept in memory from batch to batch.

A stream that is not in memory is read from the log, up to the revision that is asked for: the
state is that of exactly those facts, however far any table is. Knows no table.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from orders.domain.fact import Fact
from orders.domain.streams import category_of, id_of
from orders.event_codec import KeyRing, Undecodable, decode
from orders.event_store import StoredEvent
from projections.engine.read_row import ReadRow

S = TypeVar("S")

MOST_KEPT = 5_000
"""Streams in memory. An order is touched for minutes: more than are open in the busiest hour."""


@dataclass(frozen=True)
class Fold(Generic[S]):
    """How the facts of each stream of one category become a state.

    `has_begun` says whether the fact that has to come first is in it.
    """

    category: str
    initial: S
    evolve: Callable[[S, Fact], S]
    has_begun: Callable[[S], bool]


@dataclass(slots=True)  # not frozen: made for every event, and a frozen one takes twice as long
class FoldedStream(Generic[S]):
    """One stream up to one revision (-1: before its first event). Never changed once made."""

    stream: str
    revision: int
    state: S
    has_begun: bool = False
    facts: tuple[Fact, ...] = ()
    rows: dict[str, ReadRow | None] = field(default_factory=dict, compare=False, repr=False)
    """The rows that were made of it, by projection: each is made once."""

    @property
    def id(self) -> str:
        """The text after the category: the hexadecimal id."""
        return id_of(self.stream)


class ReadableLog(Protocol):
    """What is needed of the event store."""

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """All events of one stream, oldest first."""


class FoldedStreams(Generic[S]):
    """The latest known state of the streams of one category."""

    def __init__(self, fold: Fold[S], log: ReadableLog, keys: KeyRing) -> None:
        self._fold = fold
        self._log = log
        self._keys = keys
        self._kept: dict[str, FoldedStream[S]] = {}

    def covers(self, stream: str) -> bool:
        """Whether streams of this name are folded."""
        return category_of(stream) == self._fold.category

    def before(self, event: StoredEvent) -> FoldedStream[S]:
        """The stream as it was just before this event. Raises `StoreUnavailable`."""
        kept = self._kept.get(event.stream)
        if kept is not None and kept.revision == event.revision - 1:
            return kept
        if event.revision == 0:
            return FoldedStream(event.stream, -1, self._fold.initial)
        return self.read(event.stream, event.revision - 1)

    def after(
        self, before: FoldedStream[S], event: StoredEvent, fact: Fact | None
    ) -> FoldedStream[S]:
        """The stream after one more event; None for an event that nobody can read."""
        after = self._with(before, event.revision, fact)
        self._kept.pop(event.stream, None)  # the last one touched stands last
        self._kept[event.stream] = after
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return after

    def read(
        self, stream: str, upto: int, without: Container[int] = frozenset()
    ) -> FoldedStream[S]:
        """The stream from the log, up to this revision, without the events at these positions.

        Raises `StoreUnavailable`.
        """
        folded = FoldedStream(stream, -1, self._fold.initial)
        for event in self._log.read_stream(stream):
            if event.revision > upto:
                break
            fact = None if event.position in without else self._readable(event)
            folded = self._with(folded, event.revision, fact)
        return folded

    def clear(self) -> None:
        """Keep nothing: it may hold personal fields of a customer who is forgotten since."""
        self._kept.clear()

    def _with(self, before: FoldedStream[S], revision: int, fact: Fact | None) -> FoldedStream[S]:
        if fact is None:
            state, facts = before.state, before.facts
        else:
            state, facts = self._fold.evolve(before.state, fact), (*before.facts, fact)
        return FoldedStream(before.stream, revision, state, self._fold.has_begun(state), facts)

    def _readable(self, event: StoredEvent) -> Fact | None:
        try:
            return decode(event, self._keys)
        except Undecodable:
            return None  # parked where it was met


def fold_facts(fold: Fold[S], stream: str, facts: Sequence[Fact]) -> FoldedStream[S]:
    """The stream of which these facts are known."""
    state = fold.initial
    for fact in facts:
        state = fold.evolve(state, fact)
    revision = facts[-1].revision if facts else -1
    return FoldedStream(stream, revision, state, fold.has_begun(state), tuple(facts))


def folded_step_by_step(fold: Fold[S], stream: str, facts: Sequence[Fact]) -> list[FoldedStream[S]]:
    """The stream after each of these facts."""
    state, steps = fold.initial, []
    for count, fact in enumerate(facts, start=1):
        state = fold.evolve(state, fact)
        known = tuple(facts[:count])
        steps.append(FoldedStream(stream, fact.revision, state, fold.has_begun(state), known))
    return steps


AnyStream = FoldedStream[Any]
