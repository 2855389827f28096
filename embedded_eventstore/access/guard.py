"""Reads access control lists from the log, caches them, and refuses what they forbid.

Knows where the lists are kept and that they change; what they mean is in stream_rights.py.
"""

from functools import partial
from typing import NamedTuple

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.access.authentication import AccessDeniedError, current_account
from embedded_eventstore.access.stream_rights import (
    SETTINGS_STREAM,
    AccessList,
    Right,
    governing,
    is_allowed,
    is_system,
    parse_metadata,
    parse_settings,
)
from embedded_eventstore.storage.described_streams import DescribedStreams
from embedded_eventstore.storage.log_reader import StreamTombstonedError
from embedded_eventstore.storage.operations import TOMBSTONE, Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recorded_event import payload_of
from embedded_eventstore.storage.stream_metadata import is_metastream, metastream_of

MAX_REMEMBERED = 4096
_LONGEST_NAME_REMEMBERED = 512


class _Lists(NamedTuple):
    own: AccessList
    defaults: AccessList


class Guard:
    """Decides about streams. Lives in the event loop."""

    def __init__(self, threads: ReadingThreads, described: DescribedStreams) -> None:
        self._threads = threads
        self._described = described
        self._remembered: dict[str, _Lists] = {}
        # What holds for streams without metadata: for system streams, and for all others.
        self._without_metadata: dict[bool, _Lists] = {}
        self._changes = 0

    async def require(self, right: Right, stream: str) -> None:
        """Raise AccessDeniedError unless the account of this call may."""
        account = current_account()
        if account is None or not await self.allows(account, right, stream):
            raise AccessDeniedError

    async def allows(self, account: Account, right: Right, stream: str) -> bool:
        """Whether ``account`` may do that to ``stream``."""
        if account.is_admin:
            return True
        deciding = governing(right, stream)
        if deciding is None:
            return False
        right, stream = deciding
        lists = self._known(stream) or await self._look_up(stream)
        return is_allowed(account, right, stream, lists.own, lists.defaults)

    def forget_changed(self, records: list[Record]) -> None:
        """Drop the cached lists if a commit changed one; called before it is acknowledged."""
        if any(is_metastream(r.stream) or r.stream == SETTINGS_STREAM for r in records):
            self._remembered.clear()
            self._without_metadata.clear()
            self._changes += 1

    def _known(self, stream: str) -> _Lists | None:
        if stream in self._described:
            return self._remembered.get(stream)
        return self._without_metadata.get(is_system(stream))

    async def _look_up(self, stream: str) -> _Lists:
        changes = self._changes
        lists = await self._threads.run(partial(self._read, stream))
        # What was read may be older than a change that came in meanwhile.
        if changes == self._changes:
            self._remember(stream, lists)
        return lists

    def _remember(self, stream: str, lists: _Lists) -> None:
        if stream not in self._described:
            # Without a list of its own, just committed perhaps: that one is for this stream alone.
            self._without_metadata[is_system(stream)] = _Lists({}, lists.defaults)
        elif len(stream) <= _LONGEST_NAME_REMEMBERED:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[stream] = lists

    def _read(self, stream: str) -> _Lists:
        return _Lists(
            parse_metadata(self._last_json(metastream_of(stream))),
            parse_settings(self._last_json(SETTINGS_STREAM), stream),
        )

    def _last_json(self, stream: str) -> bytes:
        try:
            page = self._threads.reader.stream_backwards(stream, TOMBSTONE, 1)
        except StreamTombstonedError:
            return b""
        if page is None or not page.records:
            return b""
        is_json, data = payload_of(page.records[0].response)
        return data if is_json else b""
