"""Which system projections are enabled, and how far each had come when that last changed.

Kept in the log as an event at each change. Pure values; knows neither reader nor writer.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from embedded_eventstore.storage.operations import ProposedEvent
from embedded_eventstore.storage.stream_metadata import parse_object
from embedded_eventstore.system_projections.rules import NAMES

STREAM = "$projections-$standard"
_TYPE = "$ProjectionsSwitched"


@dataclass(frozen=True, slots=True)
class Switches:
    """``after``: by name, the position up to which every event had its links."""

    enabled: frozenset[str]
    after: Mapping[str, int]
    since: int
    """The position of the event that keeps them: all links after it are of enabled projections."""

    @property
    def running_before(self) -> frozenset[str]:
        """Whose links say how far they have come."""
        return self.enabled if self.since >= 0 else _ALL

    @property
    def start(self) -> int:
        """After which event to begin, so that no enabled projection leaves one out."""
        return min((self.after[name] for name in self.enabled), default=max(self.after.values()))

    def names_for(self, position: int) -> frozenset[str]:
        """Who has not linked the event at this position yet."""
        return frozenset(name for name in self.enabled if self.after[name] < position)

    def as_event(self) -> ProposedEvent:
        kept = {
            name: {"enabled": name in self.enabled, "after": self.after[name]} for name in NAMES
        }
        raw = json.dumps(kept, separators=(",", ":")).encode()
        return ProposedEvent(uuid.uuid4().bytes, _TYPE, True, b"", raw)


_ALL = frozenset(NAMES)
NEVER_SWITCHED = Switches(frozenset(), dict.fromkeys(NAMES, -1), -1)
"""They run by the server's option or not at all, and so they always ran together."""


def kept_in(data: bytes, position: int) -> Switches:
    """What the event at ``position`` keeps; what it does not say is as in a fresh log."""
    kept = parse_object(data) or {}
    enabled, after = set(), dict(NEVER_SWITCHED.after)
    for name in NAMES:
        match kept.get(name):
            case {"enabled": bool(is_enabled), "after": int(reached)}:
                after[name] = reached
                if is_enabled:
                    enabled.add(name)
    return Switches(frozenset(enabled), after, position)
