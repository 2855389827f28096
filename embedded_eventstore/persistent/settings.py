"""The settings of a group, and how they are kept in the log as JSON.

The names in JSON are those of the original's ``$persistentSubscriptionConfig``. Pure values.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

ALL = "$all"
FROM_END = -1
"""Start: only what is written after the group was created."""

DISPATCH_TO_SINGLE = "DispatchToSingle"
ROUND_ROBIN = "RoundRobin"
PINNED = "Pinned"
PINNED_BY_CORRELATION = "PinnedByCorrelation"
STRATEGIES = (DISPATCH_TO_SINGLE, ROUND_ROBIN, PINNED, PINNED_BY_CORRELATION)

_CONFIG_VERSION = "2"


class UnreadableConfigError(Exception):
    """The kept groups cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class FilterSettings:
    """Which events of ``$all`` a group gets: a regular expression or, if empty, prefixes."""

    by_stream: bool
    regex: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """A group's rules. Times are in milliseconds; 0 means never (timeout, checkpoint)."""

    resolve_links: bool = False
    extra_statistics: bool = False
    message_timeout: int = 30_000
    max_retry_count: int = 10
    checkpoint_after: int = 2_000
    min_checkpoint_count: int = 10
    max_checkpoint_count: int = 1_000
    max_subscriber_count: int = 0
    live_buffer_size: int = 500
    read_batch_size: int = 20
    history_buffer_size: int = 500
    strategy: str = DISPATCH_TO_SINGLE


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group. ``start`` is a revision or position, inclusive, or FROM_END.

    ``end_at_creation`` is the last revision or position there was when the group was created:
    whoever starts from the end starts after it, also when the server was stopped in between.
    """

    stream: str
    group: str
    start: int
    end_at_creation: int
    settings: Settings
    filter: FilterSettings | None = None

    @property
    def key(self) -> str:
        return f"{self.stream}::{self.group}"

    @property
    def starts_after(self) -> int:
        """The revision or position after which the group begins when it has no checkpoint."""
        return self.end_at_creation if self.start == FROM_END else self.start - 1

    def replaced_by(self, update: "GroupEntry") -> "GroupEntry":
        """The group after an update: it keeps its filter, and what it has not seen yet."""
        if self.start == update.start == FROM_END:
            update = replace(update, end_at_creation=self.end_at_creation)
        return replace(update, filter=self.filter)


def position_text(stream: str, position: int) -> str:
    """A revision or position as clients read it."""
    return f"C:{position}/P:{position}" if stream == ALL else str(position)


def position_of(text: str) -> int:
    """Raises ValueError."""
    return int(text.removeprefix("C:").partition("/")[0])


def to_json(entries: Iterable[GroupEntry], now: datetime) -> bytes:
    """What is kept of all groups."""
    config = {
        "version": _CONFIG_VERSION,
        "updated": now.isoformat(),
        "updatedBy": "",
        "entries": [_entry_to_json(entry) for entry in entries],
    }
    return json.dumps(config, separators=(",", ":")).encode()


def from_json(raw: bytes) -> list[GroupEntry]:
    """Raises UnreadableConfigError."""
    try:
        return [_entry_from_json(entry) for entry in json.loads(raw)["entries"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableConfigError(
            f"The persistent subscriptions cannot be read from the log: {error!r}."
        ) from error


_NAMES = {
    "resolve_links": "resolveLinkTos",
    "extra_statistics": "extraStatistics",
    "message_timeout": "messageTimeout",
    "max_retry_count": "maxRetryCount",
    "checkpoint_after": "checkPointAfter",
    "min_checkpoint_count": "minCheckPointCount",
    "max_checkpoint_count": "maxCheckPointCount",
    "max_subscriber_count": "maxSubscriberCount",
    "live_buffer_size": "liveBufferSize",
    "read_batch_size": "readBatchSize",
    "history_buffer_size": "historyBufferSize",
    "strategy": "namedConsumerStrategy",
}


def _entry_to_json(entry: GroupEntry) -> dict[str, object]:
    kept: dict[str, object] = {"stream": entry.stream, "group": entry.group}
    if entry.filter is not None:
        kept["filter"] = {
            "context": "StreamId" if entry.filter.by_stream else "EventType",
            "type": "Regex" if entry.filter.regex else "Prefix",
            "data": entry.filter.regex or list(entry.filter.prefixes),
        }
    kept["startPosition"] = position_text(entry.stream, entry.start)
    kept["endAtCreation"] = entry.end_at_creation
    return kept | {_NAMES[name]: value for name, value in asdict(entry.settings).items()}


def _entry_from_json(kept: dict[str, object]) -> GroupEntry:
    filtered = kept.get("filter")
    wanted = None
    if isinstance(filtered, dict):
        is_regex = filtered["type"] == "Regex"
        wanted = FilterSettings(
            by_stream=filtered["context"] == "StreamId",
            regex=filtered["data"] if is_regex else "",
            prefixes=() if is_regex else tuple(filtered["data"]),
        )
    settings = {name: kept[json_name] for name, json_name in _NAMES.items()}
    return GroupEntry(
        stream=str(kept["stream"]),
        group=str(kept["group"]),
        start=position_of(str(kept["startPosition"])),
        end_at_creation=int(str(kept["endAtCreation"])),
        settings=Settings(**settings),  # type: ignore[arg-type]
        filter=wanted,
    )
