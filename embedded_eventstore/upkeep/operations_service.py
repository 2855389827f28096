"""Operations: commands of who runs the server. One scavenge runs at a time.

There is one node, so resigning and priorities change nothing, and there are no indexes to merge.
"""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.client_library import shared_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_ONE, Method
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.upkeep.online_scavenge import OnlineScavenge
from embedded_eventstore.upkeep.operations_messages import (
    IN_PROGRESS,
    STARTED,
    STOPPED,
    ScavengeResp,
    StopScavengeReq,
)

logger = logging.getLogger(__name__)

OPERATIONS = "event_store.client.operations.Operations"


class OperationsService:
    """Implements Operations; ``stop`` ends a scavenge that is running."""

    def __init__(
        self,
        writer: Writer,
        recent: RecentCommits,
        restart_groups: Callable[[], Awaitable[None]],
    ) -> None:
        self._writer = writer
        self._recent = recent
        self._restart_groups = restart_groups
        self._scavenge: OnlineScavenge | None = None
        self._task: asyncio.Task[None] | None = None

    def methods(self) -> dict[str, Method]:
        response, empty = ScavengeResp.SerializeToString, shared_pb2.Empty.SerializeToString
        return {
            f"{OPERATIONS}/StartScavenge": _method(self.start_scavenge, bytes, response),
            f"{OPERATIONS}/StopScavenge": _method(
                self.stop_scavenge, StopScavengeReq.FromString, response
            ),
            f"{OPERATIONS}/Shutdown": _method(self.shut_down, bytes, empty),
            f"{OPERATIONS}/RestartPersistentSubscriptions": _method(
                self.restart_persistent_subscriptions, bytes, empty
            ),
            **{
                f"{OPERATIONS}/{name}": _method(self.nothing_to_do, bytes, empty)
                for name in ("MergeIndexes", "ResignNode", "SetNodePriority")
            },
        }

    async def start_scavenge(self, request: bytes, context: errors.Context) -> object:
        # Threads and chunks are the original's: this log has one file and one writer.
        if self._scavenge is not None:
            return ScavengeResp(scavenge_id=self._scavenge.id, scavenge_result=IN_PROGRESS)
        self._scavenge = OnlineScavenge(self._writer, self._recent)
        self._task = asyncio.create_task(self._scavenge.run())
        self._task.add_done_callback(self._ended)
        return ScavengeResp(scavenge_id=self._scavenge.id, scavenge_result=STARTED)

    async def stop_scavenge(self, request: StopScavengeReq, context: errors.Context) -> object:
        scavenge_id = request.options.scavenge_id
        if self._scavenge is None or self._scavenge.id != scavenge_id:
            raise errors.scavenge_not_found(scavenge_id)
        await self.stop()
        return ScavengeResp(scavenge_id=scavenge_id, scavenge_result=STOPPED)

    async def shut_down(self, request: bytes, context: errors.Context) -> shared_pb2.Empty:
        signal.raise_signal(signal.SIGTERM)
        return shared_pb2.Empty()

    async def restart_persistent_subscriptions(
        self, request: bytes, context: errors.Context
    ) -> shared_pb2.Empty:
        await self._restart_groups()
        return shared_pb2.Empty()

    async def nothing_to_do(self, request: bytes, context: errors.Context) -> shared_pb2.Empty:
        return shared_pb2.Empty()

    async def stop(self) -> None:
        """End the scavenge that is running, if there is one."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._scavenge = self._task = None
        if not task.cancelled() and (failure := task.exception()):
            logger.error("a scavenge could not report its end", exc_info=failure)


def _method(
    handler: Callable[..., Any], read: Callable[[bytes], Any], write: Callable[[Any], bytes]
) -> Method:
    return Method(ONE_TO_ONE, handler, read, write, required_role=RequiredRole.OPERATORS)
