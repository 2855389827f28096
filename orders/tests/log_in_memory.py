"""A log in a list, for tests of what stands before the real one. Knows a repeated append as it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from orders.event_store import NewStoredEvent, StoredEvent, WrongRevision

RECORDED_AT = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


class LogInMemory:
    """Streams with expected revisions. `before_append` lets a test let others write first."""

    def __init__(self) -> None:
        self.events: list[StoredEvent] = []
        self.appends = 0
        self.reads = 0
        self.before_append: Callable[[], None] | None = None

    def read_stream(self, stream: str, after: int | None = None) -> list[StoredEvent]:
        self.reads += 1
        events = self._events_of(stream)
        return events if after is None else [e for e in events if e.revision > after]

    def _events_of(self, stream: str) -> list[StoredEvent]:
        return [event for event in self.events if event.stream == stream]

    def read_all(self, after: int | None = None, limit: int | None = None) -> list[StoredEvent]:
        return [event for event in self.events if event.position > (after or 0)][:limit]

    def append(
        self, stream: str, expected_revision: int | None, events: Sequence[NewStoredEvent]
    ) -> int:
        hook, self.before_append = self.before_append, None
        if hook is not None:
            hook()
        self.appends += 1
        there = self._events_of(stream)
        first = 0 if expected_revision is None else expected_revision + 1
        repeated = there[first : first + len(events)]
        if [event.event_id for event in repeated] == [event.event_id for event in events]:
            return repeated[-1].position
        if (there[-1].revision if there else None) != expected_revision:
            raise WrongRevision
        for event in events:
            self.events.append(
                StoredEvent(
                    event_id=event.event_id,
                    type_name=event.type_name,
                    data=event.data,
                    metadata=event.metadata,
                    stream=stream,
                    revision=len(self._events_of(stream)),
                    position=(len(self.events) + 1) * 100,
                    recorded_at=RECORDED_AT,
                )
            )
        return self.events[-1].position
