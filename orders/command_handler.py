"""From a command to facts: load the stream, decide, append. Retries conflicts, honours repeats.

The one way a service writes. Knows no single command, no page and no read model: it decides on
facts only.
"""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Protocol
from uuid import UUID, uuid4

import structlog
from prometheus_client import Counter, Histogram

from orders import tracing
from orders.domain.command import Command
from orders.domain.event import Event, Owner, type_of
from orders.domain.fact import Fact
from orders.domain.refused import CommandIdReused, Refused
from orders.event_codec import Undecodable, decode, encode, envelope_of
from orders.event_store import NewStoredEvent, StoredEvent, WrongRevision, event_store
from orders.fingerprint import fingerprint_of

TRIES = 10
FIRST_WAIT_SECONDS = 0.01
"""Upper bound of the first random wait after a conflict; it doubles with each, up to the last."""

LONGEST_WAIT_SECONDS = 0.2

CONFLICTS = Counter("barstucks_command_conflicts", "Appends that met a newer revision", ["service"])
COMMANDS = Histogram("barstucks_command_seconds", "Load, decide and append", ["service", "command"])
FACTS = Counter("barstucks_facts_appended", "Events that were written", ["type"])

log = structlog.get_logger(__name__)


class Log(Protocol):
    """What the handler needs of the event store."""

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """All events of a stream, oldest first."""

    def append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        """Write behind the expected revision; returns the commit position."""


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command led to, now or when it came the first time."""

    position: int  # commit position of the last event of the stream that the command saw or wrote
    revision: int | None  # of that event; None if the stream does not exist
    replayed: bool  # the command had been carried out before
    events: tuple[Event, ...]  # what it wrote


class Conflict(Exception):
    """Others wrote to the same stream again and again, or the page was older than the stream."""

    code: ClassVar[str] = "conflict"
    sentence: ClassVar[str] = "This changed while you were looking at it. Please look again."


class UnreadableFact(Exception):
    """The stream holds a fact of the deciding service that this program is too old to read."""

    code: ClassVar[str] = "unreadable_fact"
    sentence: ClassVar[str] = "The shop is being renewed. Please try again in a minute."


class ForeignFact(Exception):
    """A service tried to state a fact that another service owns: a mistake in the program."""


def handle(
    stream: str,
    command: Command,
    *,
    store: Log | None = None,
    seen_revision: int | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Done:
    """Carry out a command on one stream, once, however often it is sent.

    With `seen_revision` it is carried out only on exactly that revision. Raises a `Refused`
    (nothing written), `Conflict`, `UnreadableFact`, `StoreUnavailable` or `OutcomeUnknown`.

    Each append has event ids of its own, so the log takes an append for written only if it was
    this very one: of two requests with one command id the later meets a newer revision, loads the
    stream, finds the earlier and is compared with it.
    """
    owner, name = command.service.owner.value, type(command).__name__
    store = store or event_store()
    with tracing.span(name, stream=stream, service=owner), COMMANDS.labels(owner, name).time():
        if command.begins_stream and seen_revision is None:
            # One trip to the log instead of two. A refusal counts only with the stream in hand:
            # the command may be a repeat.
            with suppress(Refused, WrongRevision):
                return _decide_on([], stream, command, store)
        for attempt in range(TRIES):
            with tracing.span("read", attempt=attempt):
                stored = store.read_stream(stream)
            try:
                return _decide_on(stored, stream, command, store, seen_revision)
            except WrongRevision:
                CONFLICTS.labels(owner).inc()
                longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempt)
                pause(random.uniform(0, longest))  # noqa: S311 (spreads retries, guards nothing)
    log.warning("command_conflict", service=owner, command=name)
    raise Conflict


def _decide_on(
    stored: Sequence[StoredEvent],
    stream: str,
    command: Command,
    store: Log,
    seen_revision: int | None = None,
) -> Done:
    """Carry it out on a stream with these events. Raises `WrongRevision` if it has others."""
    service = command.service
    facts = readable_facts(stored, service.owner)
    repeat = _repeat(stored, facts, command)
    if repeat is not None:
        return repeat
    if seen_revision is not None and seen_revision != len(stored) - 1:
        raise Conflict
    events = tuple(service.decide(service.fold([fact.event for fact in facts]), command))
    revision = stored[-1].revision if stored else None
    if not events:
        position = stored[-1].position if stored else 0
        return Done(position=position, revision=revision, replayed=False, events=())
    with tracing.span("append", events=len(events)):
        position = store.append(stream, revision, _encoded(events, command, uuid4()))
    for event in events:
        _written(type_of(event).name).inc()
    revision = (-1 if revision is None else revision) + len(events)
    return Done(position=position, revision=revision, replayed=False, events=events)


@cache
def _written(type_name: str) -> Counter:
    """The counter of one type: finding it takes four times as long as counting."""
    return FACTS.labels(type_name)


def repeat_of(stream: str, command: Command, *, store: Log | None = None) -> Done | None:
    """What this command led to when it came earlier; None if it did not. Writes nothing.

    Raises `CommandIdReused`, `UnreadableFact` or `StoreUnavailable`.
    """
    stored = (store or event_store()).read_stream(stream)
    return _repeat(stored, readable_facts(stored, command.service.owner), command)


def readable_facts(stored: Sequence[StoredEvent], owner: Owner) -> list[Fact]:
    """The facts of a stream. Other services' news may be unknown here, the owner's own not.

    Raises `UnreadableFact`.
    """
    facts = []
    for event in stored:
        try:
            fact = decode(event)
        except Undecodable as error:
            if _written_by(event) != owner.value:
                continue
            raise UnreadableFact(str(error)) from error
        if fact is not None:
            facts.append(fact)
        elif _written_by(event) == owner.value:
            raise UnreadableFact(f"{event.type_name} in {event.stream} is not known here.")
    return facts


def _written_by(event: StoredEvent) -> str:
    try:
        return envelope_of(event).service
    except Undecodable as error:
        raise UnreadableFact(str(error)) from error


def _repeat(stored: Sequence[StoredEvent], facts: Sequence[Fact], command: Command) -> Done | None:
    earlier = [fact for fact in facts if fact.command_id == command.command_id]
    if not earlier:
        return None
    first = next(event for event in stored if event.event_id == earlier[0].event_id)
    same = envelope_of(first).fingerprint == fingerprint_of(command)
    if not same or type_of(earlier[0].event).owner is not command.service.owner:
        raise CommandIdReused
    return Done(
        position=earlier[-1].position,
        revision=earlier[-1].revision,
        replayed=True,
        events=tuple(fact.event for fact in earlier),
    )


def _encoded(events: Sequence[Event], command: Command, append_id: UUID) -> list[NewStoredEvent]:
    owner = command.service.owner
    for event in events:
        if type_of(event).owner is not owner:
            raise ForeignFact(f"{owner} cannot state {type_of(event).name}.")
    fingerprint = fingerprint_of(command)
    return [
        encode(event, command=command, index=index, append_id=append_id, fingerprint=fingerprint)
        for index, event in enumerate(events)
    ]
