"""A scavenge while the server serves: step by step on the writer's thread, appends in between.

Reports itself in the streams ``$scavenges-<id>`` and ``$scavenges``, as the original does.
"""

import asyncio
import json
import logging
import time
import uuid
from functools import partial

from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.operations import ANY, Append, ProposedEvent, Written
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.recorded_event import LINK_TYPE
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.upkeep.scavenge import Step, compact, scavenge_step

COMPACTS_UP_TO = 128 * 1024 * 1024
"""Bytes. Compacting writes the whole file while appends wait: about a second at this size. The
offline command compacts a log of any size."""

_READERS_TAKE = 0.5
"""Seconds between two attempts to empty the write-ahead log, which a reader may still need."""
_ATTEMPTS = 120
_NOTE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class OnlineScavenge:
    """One scavenge, from its start to its end. Lives in the event loop."""

    def __init__(self, writer: Writer, recent: RecentCommits) -> None:
        self.id = str(uuid.uuid4())
        self._writer = writer
        self._recent = recent
        self._removed = 0

    async def run(self) -> None:
        """Remove what is deleted. Cancel it to stop between two steps."""
        started = time.monotonic()
        result, error = "Success", ""
        try:
            await self._note("$scavengeStarted", {})
            await self._remove()
            await self._clear_files()
        except asyncio.CancelledError:
            result = "Stopped"
        except Exception as failure:
            logger.error("a scavenge failed", exc_info=failure)
            result, error = "Errored", str(failure) or type(failure).__name__
        finally:
            self._recent.forget()
        taken = _duration(time.monotonic() - started)
        findings = {"result": result, "error": error, "timeTaken": taken}
        await self._note("$scavengeCompleted", {**findings, "eventsRemoved": self._removed})

    async def _remove(self) -> None:
        cursor: int | None = 0
        while cursor is not None:
            step = await self._writer.do(partial(_step, cursor))
            self._removed += step.removed
            self._recent.forget()
            cursor = step.cursor

    async def _clear_files(self) -> None:
        if not await self._writer.do(_compact):
            logger.warning(
                "The log is too large to be compacted while it is in use. Stop the server and run"
                " the command scavenge for that."
            )
        for _ in range(_ATTEMPTS):
            if await self._writer.do(Log.empty_write_ahead_log):
                return
            await asyncio.sleep(_READERS_TAKE)
        raise TimeoutError("A reader kept the write-ahead log from being emptied.")

    async def _note(self, event_type: str, what: dict[str, object]) -> None:
        stream = f"$scavenges-{self.id}"
        note = json.dumps({"scavengeId": self.id, **what}).encode()
        written = await self._append(stream, event_type, note)
        await self._append("$scavenges", LINK_TYPE, f"{written.last_revision}@{stream}".encode())

    async def _append(self, stream: str, event_type: str, data: bytes) -> Written:
        event = ProposedEvent(uuid.uuid4().bytes, event_type, True, b"", data)
        expires_at = time.monotonic() + _NOTE_SECONDS
        outcome = await self._writer.submit(Append(stream, ANY, (event,)), expires_at)
        if not isinstance(outcome, Written):
            raise TypeError(f"{stream} cannot be written to")
        return outcome


def _step(cursor: int, log: Log) -> Step:
    return scavenge_step(log.connection, cursor)


def _compact(log: Log) -> bool:
    """False when the log is too large for it."""
    pages, size = (
        log.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "page_size")
    )
    if pages * size > COMPACTS_UP_TO:
        return False
    compact(log.connection)
    return True


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{seconds:09.6f}"
