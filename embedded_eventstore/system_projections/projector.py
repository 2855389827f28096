"""Follows the log and writes the links: none is lost and none is written twice, after any crash.

The links of some events in a row are written in one transaction, so the newest link in the log says
how far the projections have come: it is the checkpoint. And each link's id is made of its stream
and its event's position, so that even a link written twice would be recognised as a repetition.
Knows the log's two ends; knows nothing of gRPC.
"""

import asyncio
import json
import logging
import math
import uuid
from functools import partial

from esdbclient.protos.Grpc import streams_pb2

from embedded_eventstore.storage.cursors import AllCursor
from embedded_eventstore.storage.log_reader import MAX_PAGE_ROWS
from embedded_eventstore.storage.operations import (
    ANY,
    TOMBSTONE,
    Append,
    ProposedEvent,
    Record,
    Together,
)
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import JSON, LINK_TYPE
from embedded_eventstore.storage.stream_metadata import parse_object
from embedded_eventstore.storage.writer import DiskFullError, Writer
from embedded_eventstore.system_projections.rules import (
    EVENT_TYPE_PREFIX,
    Link,
    Source,
    links_of,
)

EVENTS_AT_ONCE = 64
"""Events whose links share a transaction: appends of clients wait no longer than for these."""
RETRY_AFTER = 1.0
"""Seconds until a full disk is tried again."""

_NAMESPACE = uuid.UUID("6d3f0f0a-5a0e-5c5e-9d5e-2f4f0c9b1e77")

logger = logging.getLogger(__name__)


class Projector:
    """The system projections of one server. Lives in the event loop."""

    def __init__(self, threads: ReadingThreads, recent: RecentCommits, writer: Writer) -> None:
        self._threads = threads
        self._recent = recent
        self._writer = writer
        self._task: asyncio.Task[None] | None = None
        self.position = -1
        """Every event up to here has its links."""
        self.processed = 0
        """Events looked at since the start."""
        self.fault = ""
        """Why the projections stopped, if they did by themselves."""

    @property
    def status(self) -> str:
        """``Running``, ``Stopped`` or ``Faulted``, as the original calls it."""
        if self.fault:
            return "Faulted"
        return "Running" if self._task is not None and not self._task.done() else "Stopped"

    @property
    def last_position(self) -> int:
        """The end of the log, where the projections want to be."""
        return self._recent.last_position

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End; a transaction under way is finished by the writer, or was never begun."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            await self._follow()
        except Exception as error:
            self.fault = str(error) or type(error).__name__
            logger.exception("the system projections stopped; restart the server to go on")

    async def _follow(self) -> None:
        self.position = await self._resume()
        cursor = AllCursor(self._threads, self._recent, self.position)
        while not self._recent.closed:
            records = await cursor.next()
            for start in range(0, len(records), EVENTS_AT_ONCE):
                await self._project(records[start : start + EVENTS_AT_ONCE])
            if not records:
                self.position = max(self.position, cursor.position)
                await cursor.wait()

    async def _resume(self) -> int:
        """The position of the event that the newest link was written for; -1 if there is none."""
        before: int | None = TOMBSTONE
        while before is not None:
            page = await self._threads.run(
                partial(self._threads.reader.all_backwards, before, MAX_PAGE_ROWS)
            )
            for record in page.records:
                origin = origin_of(record)
                if origin is not None:
                    return origin
            before = page.next
        return -1

    async def _project(self, records: list[Record]) -> None:
        # Long JSON takes its time to be understood: not in the event loop.
        appends = await self._threads.run(partial(_appends_for, records))
        while appends:
            try:
                await self._writer.submit(Together(appends), math.inf)
                break
            except DiskFullError:
                await asyncio.sleep(RETRY_AFTER)
        self.position = records[-1].position
        self.processed += len(records)


def origin_of(record: Record) -> int | None:
    """The position of the event this ``$et-`` link was written for; None if it is no such link."""
    if record.type != LINK_TYPE or not record.stream.startswith(EVENT_TYPE_PREFIX):
        return None
    event = streams_pb2.ReadResp.FromString(record.response).event.event
    position = (parse_object(event.custom_metadata) or {}).get("$p")
    # Anybody may write links; ours are known by their ids.
    if not isinstance(position, int) or event.id.string != str(_link_id(record.stream, position)):
        return None
    return position


def _appends_for(records: list[Record]) -> tuple[Append, ...]:
    return tuple(append for record in records for append in _appends_of(record))


def _appends_of(record: Record) -> list[Append]:
    event = streams_pb2.ReadResp.FromString(record.response).event.event
    is_json = event.metadata["content-type"] == JSON
    source = Source(record.stream, record.revision, record.type, is_json, event.data)
    return [
        Append(link.stream, ANY, (_link_event(link, record.position, event.id.string),))
        for link in links_of(source)
    ]


def _link_event(link: Link, position: int, cause: str) -> ProposedEvent:
    metadata: dict[str, object] = {"$v": "1:-1:1:4", "$c": position, "$p": position}
    if link.deletes:
        metadata["$deleted"] = -1
    metadata["$causedBy"] = cause
    raw = json.dumps(metadata, separators=(",", ":")).encode()
    return ProposedEvent(_link_id(link.stream, position).bytes, LINK_TYPE, False, raw, link.target)


def _link_id(stream: str, position: int) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, f"{position}@{stream}")
