"""The names of the streams that have metadata, in memory.

Most streams have none: nothing of them is hidden and they have no access list, and whoever knows
that need not ask the log. Lives in the event loop; knows nothing of what metadata says.
"""

from collections.abc import Iterable

from embedded_eventstore.storage.operations import Record
from embedded_eventstore.storage.stream_metadata import is_metastream, stream_described_by

MAX_BYTES = 2 * 1024 * 1024
"""Of names. A log that has more keeps none: then any stream may have metadata."""
_BYTES_OF_A_NAME = 100
"""What a name takes beside its characters."""


class DescribedStreams:
    """Filled with the log's metadata streams when it is opened, kept up to date by each commit."""

    def __init__(self, metastreams: Iterable[str]) -> None:
        self._names: set[str] | None = set()
        self._bytes = 0
        for metastream in metastreams:
            self._add(metastream)
            if self._names is None:
                return

    def __contains__(self, stream: str) -> bool:
        """False if the stream certainly has no metadata."""
        return self._names is None or stream in self._names

    def take_in(self, records: Iterable[Record]) -> None:
        """Learn from what was committed; called before it is acknowledged."""
        for record in records:
            if is_metastream(record.stream):
                self._add(record.stream)

    def _add(self, metastream: str) -> None:
        name = stream_described_by(metastream)
        if self._names is None or name in self._names:
            return
        self._names.add(name)
        self._bytes += len(name) + _BYTES_OF_A_NAME
        if self._bytes > MAX_BYTES:
            self._names = None
