"""The cursor of a group: follows the log, filters it, and resolves links.

Knows the log's cursors; knows nothing of consumers.
"""

from dataclasses import dataclass
from functools import partial

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.persistent.content import message_from
from embedded_eventstore.persistent.group import Message
from embedded_eventstore.persistent.settings import ALL, FilterSettings, GroupEntry
from embedded_eventstore.storage.cursors import AllCursor, Cursor, StreamCursor
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import LINK_TYPE
from embedded_eventstore.streams.filters import Filter, parse_filter

_FilterOptions = streams_pb2.ReadReq.Options.FilterOptions


@dataclass(frozen=True, slots=True)
class Considered:
    """One event of the log; ``message`` is None when the group does not want it."""

    position: int
    message: Message | None


class GroupCursor:
    """Everything a group is to see, in order."""

    def __init__(
        self, entry: GroupEntry, threads: ReadingThreads, recent: RecentCommits, after: int
    ) -> None:
        """Begin after the revision or position ``after``. Raises CallRefusedError."""
        self._of_all = entry.stream == ALL
        self._settings = entry.settings
        self._threads = threads
        self._recent = recent
        self._wanted = usable_filter(entry.filter)
        self._cursor: Cursor
        if self._of_all:
            self._cursor = AllCursor(threads, recent, after)
        else:
            self._cursor = StreamCursor(threads, recent, entry.stream, after)

    async def next(self) -> list[Considered]:
        """The next few events; none when there are no more at the moment.

        Raises StreamTombstonedError.
        """
        records = await self._cursor.next()
        wanted = [
            record for record in records if self._wanted is None or self._wanted.matches(record)
        ]
        if self._settings.resolve_links and any(record.type == LINK_TYPE for record in wanted):
            wanted = await self._threads.run(partial(self._resolve, wanted))
        messages = {
            record.position: message_from(record, self._place(record), self._settings.strategy)
            for record in wanted
        }
        return [
            Considered(self._place(record), messages.get(record.position)) for record in records
        ]

    async def wait(self) -> bool:
        """Wait until there may be more; False when there will not be, for the server stops."""
        await self._cursor.wait()
        return not self._recent.closed

    def _resolve(self, records: list[Record]) -> list[Record]:
        return [self._threads.reader.resolve(record) for record in records]

    def _place(self, record: Record) -> int:
        return record.position if self._of_all else record.revision


def usable_filter(settings: FilterSettings | None) -> Filter | None:
    """Raises CallRefusedError for a filter that cannot be used."""
    if settings is None:
        return None
    expression = _FilterOptions.Expression(regex=settings.regex, prefix=settings.prefixes)
    options = _FilterOptions(max=1, checkpointIntervalMultiplier=1)
    chosen = options.stream_identifier if settings.by_stream else options.event_type
    chosen.CopyFrom(expression)
    # A filter without any expression is still one of the two kinds.
    chosen.SetInParent()
    return parse_filter(options)
