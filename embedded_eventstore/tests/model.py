"""A small model of a stream in memory: what every response and every read should be."""

from collections.abc import Mapping

from embedded_eventstore.storage.operations import (
    ANY,
    NO_STREAM,
    STREAM_EXISTS,
    Append,
    Delete,
    Operation,
    Outcome,
    StreamIsGone,
    Tombstone,
    Written,
    WrongVersion,
)


class ModelStream:
    """What a stream should be: its ids from revision 0, what is hidden, how it ended."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []
        self.hidden_below = 0
        self.max_count: int | None = None
        self.deleted = False
        self.tombstoned = False
        self.metadata_events = 0

    @property
    def last(self) -> int:
        return len(self.ids) - 1

    def take(self, operation: Operation) -> type[Outcome]:
        match operation:
            case Append(_, expected, events):
                return self._append(expected, [event.event_id for event in events])
            case Delete(_, expected):
                outcome = self._check(expected, None)
                if outcome is not Written:
                    return outcome
                if not self.ids and not self.metadata_events:
                    return WrongVersion
                self.deleted, self.max_count = True, None
                self.metadata_events += 1
                return Written
            case Tombstone(_, expected):
                outcome = self._check(expected, None)
                self.tombstoned = self.tombstoned or outcome is Written
                return outcome

    def describe(self, metadata: Mapping[str, int]) -> None:
        """Metadata replaces metadata; written to a deleted stream, it lets it live again."""
        self.metadata_events += 1
        self.max_count = metadata.get("$maxCount")
        self.hidden_below = metadata.get("$tb", 0)
        if self.deleted and not self.tombstoned:
            self._live_again()

    def is_repeat(self, expected: int, ids: list[bytes]) -> bool:
        if self.tombstoned or (expected == STREAM_EXISTS and self.deleted):
            return False
        if expected in (ANY, STREAM_EXISTS):
            return all(event_id in self.ids for event_id in ids)
        return expected < self.last and self.ids[expected + 1 :][: len(ids)] == ids

    def readable(self) -> list[int] | str:
        if self.tombstoned:
            return "tombstoned"
        if not self.ids or self.deleted:
            return "not found"
        first = 0 if self.max_count is None else len(self.ids) - self.max_count
        return list(range(max(0, first, self.hidden_below), len(self.ids)))

    def _append(self, expected: int, ids: list[bytes]) -> type[Outcome]:
        if self.is_repeat(expected, ids):
            return Written
        outcome = self._check(expected, ids)
        if outcome is Written:
            if self.deleted:
                self._live_again()
            self.ids += ids
        return outcome

    def _live_again(self) -> None:
        self.deleted = False
        self.hidden_below = len(self.ids)
        self.metadata_events += 1

    def _check(self, expected: int, ids: list[bytes] | None) -> type[Outcome]:
        if self.tombstoned or (expected == STREAM_EXISTS and self.deleted):
            return StreamIsGone
        if expected == STREAM_EXISTS and not self.ids and not self.metadata_events:
            return WrongVersion
        if expected in (ANY, STREAM_EXISTS):
            return WrongVersion if ids and ids[0] in self.ids else Written
        if expected == self.last:
            return Written
        begins_anew = expected == NO_STREAM and self.deleted
        if begins_anew and (ids is None or self.ids[0] != ids[0]):
            return Written
        return WrongVersion
