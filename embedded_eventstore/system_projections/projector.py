"""Follows the log and writes the links: none is lost and none is written twice, after any crash.

The links of some events in a row are written in one transaction, so the newest link in the log says
how far the projections have come: it is the checkpoint. Where one is enabled that was not, all go
back to where it stood, and those who have been there before write nothing. Each link's id is made
of its stream and its event's position, so that even a link written twice would be recognised as a
repetition. Knows the log's two ends; knows nothing of gRPC.
"""

import asyncio
import json
import logging
import math
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.storage.cursors import AllCursor
from embedded_eventstore.storage.log_reader import MAX_PAGE_ROWS, StreamTombstonedError
from embedded_eventstore.storage.operations import (
    ANY,
    TOMBSTONE,
    Append,
    ProposedEvent,
    Record,
    Together,
    Written,
)
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import JSON, LINK_TYPE, payload_of
from embedded_eventstore.storage.stream_metadata import parse_object
from embedded_eventstore.storage.writer import DiskFullError, Writer
from embedded_eventstore.system_projections.rules import (
    NAMES,
    Link,
    Source,
    links_of,
    projection_of,
)
from embedded_eventstore.system_projections.switches import (
    NEVER_SWITCHED,
    Switches,
    kept_in,
)
from embedded_eventstore.system_projections.switches import STREAM as SWITCHES_STREAM

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
        self._switches = NEVER_SWITCHED
        self._changing = asyncio.Lock()
        self._changes: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._has_resumed = False
        self.position = -1
        """Every event up to here has the links of all that are enabled."""
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

    def status_of(self, name: str) -> str:
        """The same of one of them."""
        return self.status if name in self._switches.enabled else "Stopped"

    def position_of(self, name: str) -> int:
        """Every event up to here has the links of this one."""
        reached = self._switches.after[name]
        return max(reached, self.position) if name in self._switches.enabled else reached

    async def start(self, *, enable_all: bool) -> None:
        """Go on with those that were enabled when the server stopped, or with all."""
        self._switches = await self._threads.run(self._kept_switches)
        if enable_all and self._switches.since < 0:
            self._switches = replace(self._switches, enabled=frozenset(NAMES))
        elif enable_all and self._switches.enabled < frozenset(NAMES):
            await self._keep(frozenset(NAMES))
        self._begin()

    async def stop(self) -> None:
        """End; a transaction under way is finished by the writer, or was never begun."""
        await asyncio.gather(*self._changes, return_exceptions=True)
        await self._halt()

    async def enable(self, name: str) -> None:
        """Have ``name`` go on from where it was disabled. Raises DiskFullError."""
        await self._change(lambda: self._switches.enabled | {name})

    async def disable(self, name: str) -> None:
        """Have ``name`` write no more links, also after a restart. Raises DiskFullError."""
        await self._change(lambda: self._switches.enabled - {name})

    async def restart(self) -> None:
        """Stop and go on."""
        await self._change(lambda: self._switches.enabled, even_so=True)

    async def _change(self, wanted: Callable[[], frozenset[str]], *, even_so: bool = False) -> None:
        """Carry out a change to its end, also when its client is gone."""
        task = asyncio.get_running_loop().create_task(self._one_by_one(wanted, even_so=even_so))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        await asyncio.shield(task)

    async def _one_by_one(self, wanted: Callable[[], frozenset[str]], *, even_so: bool) -> None:
        async with self._changing:
            enabled = wanted()
            is_another = enabled != self._switches.enabled
            if is_another or even_so or self.fault:
                await self._halt()
                try:
                    if is_another:
                        await self._keep(enabled)
                finally:
                    self._begin()

    def _begin(self) -> None:
        self.fault = ""
        if self._switches.enabled and not self._recent.closed:
            self._task = asyncio.create_task(self._run())

    async def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self, enabled: frozenset[str]) -> None:
        """Write down who is enabled from now on, and how far each has come."""
        reached = self.position if self._has_resumed else await self._resume()
        before = self._switches
        after = {
            name: max(reached, before.after[name])
            if name in before.running_before
            else before.after[name]
            for name in NAMES
        }
        switches = Switches(enabled, after, -1)
        outcome = await self._writer.submit(
            Append(SWITCHES_STREAM, ANY, (switches.as_event(),)), math.inf
        )
        if not isinstance(outcome, Written) or outcome.position is None:
            raise RuntimeError(f"{SWITCHES_STREAM} cannot be written: {outcome}")
        self._switches = replace(switches, since=outcome.position)
        self.position, self._has_resumed = switches.start, True

    def _kept_switches(self) -> Switches:
        try:
            page = self._threads.reader.stream_backwards(SWITCHES_STREAM, TOMBSTONE, 1)
        except StreamTombstonedError:
            page = None
        if page is None or not page.records:
            return NEVER_SWITCHED
        (record,) = page.records
        _, data = payload_of(record.response)
        return kept_in(data, record.position)

    async def _run(self) -> None:
        try:
            await self._follow()
        except Exception as error:
            self.fault = str(error) or type(error).__name__
            logger.exception("the system projections stopped; enable one of them to go on")

    async def _follow(self) -> None:
        if not self._has_resumed:
            self.position = await self._resume()
            self._has_resumed = True
        cursor = AllCursor(self._threads, self._recent, self.position)
        while not self._recent.closed:
            records = await cursor.next()
            for start in range(0, len(records), EVENTS_AT_ONCE):
                await self._project(records[start : start + EVENTS_AT_ONCE])
            if not records:
                self.position = max(self.position, cursor.position)
                await cursor.wait()

    async def _resume(self) -> int:
        """The position of the event that the newest link since the last switch was written for.

        Where they stood at that switch, if there is no link since; -1 if there never was one.
        """
        switches = self._switches
        before: int | None = TOMBSTONE
        while before is not None:
            page = await self._threads.run(
                partial(self._threads.reader.all_backwards, before, MAX_PAGE_ROWS)
            )
            for record in page.records:
                if record.position <= switches.since:
                    return switches.start
                origin = origin_of(record, switches.running_before)
                if origin is not None:
                    return origin
            before = page.next
        return switches.start

    async def _project(self, records: list[Record]) -> None:
        # Long JSON takes its time to be understood: not in the event loop.
        appends = await self._threads.run(partial(_appends_for, records, self._switches))
        while appends:
            try:
                await self._writer.submit(Together(appends), math.inf)
                break
            except DiskFullError:
                await asyncio.sleep(RETRY_AFTER)
        self.position = records[-1].position
        self.processed += len(records)


def origin_of(record: Record, names: Collection[str]) -> int | None:
    """The position of the event this link was written for by one of the projections ``names``.

    None if it is no such link.
    """
    if record.type != LINK_TYPE or projection_of(record.stream) not in names:
        return None
    event = streams_pb2.ReadResp.FromString(record.response).event.event
    position = (parse_object(event.custom_metadata) or {}).get("$p")
    # Anybody may write links; ours are known by their ids.
    if not isinstance(position, int) or event.id.string != str(_link_id(record.stream, position)):
        return None
    return position


def _appends_for(records: list[Record], switches: Switches) -> tuple[Append, ...]:
    return tuple(append for record in records for append in _appends_of(record, switches))


def _appends_of(record: Record, switches: Switches) -> list[Append]:
    event = streams_pb2.ReadResp.FromString(record.response).event.event
    is_json = event.metadata["content-type"] == JSON
    source = Source(record.stream, record.revision, record.type, is_json, event.data)
    return [
        Append(link.stream, ANY, (_link_event(link, record.position, event.id.string),))
        for link in links_of(source, switches.names_for(record.position))
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
