"""A log in memory: events encoded as in the real log, with positions, and no server."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from orders import event_codec
from orders.domain.command import Command
from orders.domain.event import Event
from orders.domain.fact import Fact
from orders.event_codec import KeyRing
from orders.event_store import StoredEvent

OPENING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
NAMESPACE = UUID("00000000-0000-0000-0000-00000000ba12")


class FixedKeys(KeyRing):
    """Keys that follow from the customer's id; destroying works as usual, without a table."""

    def __init__(self) -> None:
        super().__init__()
        self.destroyed: set[str] = set()

    def writing_key(self, customer: str) -> bytes:
        return customer.encode().ljust(32, b"-")[:32]

    def reading_key(self, customer: str) -> bytes | None:
        return None if customer in self.destroyed else self.writing_key(customer)

    def fetch(self, customers: Iterable[str]) -> None:
        """Nothing is read; whose keys are needed is found out, as it is for the real ones."""
        list(customers)

    def destroy(self, customer: str) -> None:
        self.destroyed.add(customer)


@dataclass
class InMemoryLog:
    """Events in the order they were written. Each is a second after the one before."""

    keys: FixedKeys = field(default_factory=FixedKeys)
    events: list[StoredEvent] = field(default_factory=list)
    now: datetime = OPENING
    first_position: int = 100
    is_away: bool = False

    def write(
        self, stream: str, *events: Event, actor: str = "staff-1", after: float = 1.0
    ) -> list[StoredEvent]:
        """Append to a stream, `after` seconds later."""
        written = []
        for event in events:
            self.now += timedelta(seconds=after)
            revision = len(self.read_stream(stream))
            command = Command(
                command_id=uuid5(NAMESPACE, f"{stream}:{revision}"), at=self.now, actor=actor
            )
            new = event_codec.encode(event, command=command, index=0, keys=self.keys)
            written.append(
                StoredEvent(
                    event_id=new.event_id,
                    type_name=new.type_name,
                    data=new.data,
                    metadata=new.metadata,
                    stream=stream,
                    revision=revision,
                    position=self.first_position + 7 * len(self.events),
                    recorded_at=self.now,
                )
            )
            self.events.append(written[-1])
        return written

    def spoil(self, event: StoredEvent) -> None:
        """Make an event unreadable."""
        place = self.events.index(event)
        self.events[place] = replace(event, data=b"{")

    def facts(self, stream: str | None = None) -> list[Fact]:
        """Its facts, of one stream or of all."""
        chosen = [event for event in self.events if stream in (None, event.stream)]
        decoded = [event_codec.decode(event, self.keys) for event in chosen]
        return [fact for fact in decoded if fact is not None]

    def read_stream(self, stream: str) -> list[StoredEvent]:
        """As the event store does."""
        return [event for event in self.events if event.stream == stream]

    def read_all(
        self, after: int | None = None, limit: int | None = None, backwards: bool = False
    ) -> list[StoredEvent]:
        """As the event store does, forwards."""
        assert not backwards
        return [e for e in self.events if after is None or e.position > after][:limit]

    def head(self) -> int:
        """As the event store does."""
        return self.events[-1].position if self.events else 0

    def has_event(self, position: int, event_id: UUID | None) -> bool:
        """As the event store does."""
        there = (event.position == position and event.event_id == event_id for event in self.events)
        return event_id is None or any(there)

    def subscribe(self, after: int | None) -> "InMemorySubscription":
        """As the event store does, up to what there is now."""
        return InMemorySubscription(self.read_all(after))


class InMemorySubscription:
    """Delivers these events, then says nothing until it is stopped."""

    def __init__(self, events: Sequence[StoredEvent]) -> None:
        self._events = events
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[StoredEvent]:
        yield from self._events
        self._stopped.wait(10)

    def stop(self) -> None:
        """End the wait."""
        self._stopped.set()


def cut(events: Sequence[StoredEvent], sizes: Sequence[int]) -> list[list[StoredEvent]]:
    """The events in batches of these sizes; what is left over is one more."""
    batches, start = [], 0
    for size in sizes:
        batches.append(list(events[start : start + size]))
        start += size
    batches.append(list(events[start:]))
    return [batch for batch in batches if batch]
