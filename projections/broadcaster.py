"""One per web process: the one member of the group, and all the sockets of this process.

A frame is encoded once and written to every socket that looks at its view. Every few seconds
each view's number goes out, read from the database: that heals whatever push was lost. Knows
neither who may look nor what a screen shows.
"""

import asyncio
import logging
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from channels.layers import get_channel_layer
from django.db import close_old_connections, connections

from projections import live, screen_reads
from projections.push import GROUP
from projections.viewer import Frame, Viewer

HEARTBEAT_SECONDS = 5.0
JOIN_SECONDS = 1.0
REJOIN_SECONDS = 1.0
"""Pause before listening to the channel layer again after it failed."""

SNAPSHOT_PAUSE = {"sales": 1.0, "barista-queue": 0.2, "cashier-desk": 0.2, "board": 0.2}
"""Seconds between two snapshots of one view: in a rush, changes are shown together."""

R = TypeVar("R")

logger = logging.getLogger(__name__)


class Broadcaster:
    """The sockets of this process, by view. To be used on one event loop only."""

    def __init__(self) -> None:
        self._viewers: dict[str, set[Viewer]] = {}
        self._wanted: dict[str, set[Viewer]] = {}
        self._drawing: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._joined = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="screens")

    async def join(self, viewer: Viewer) -> None:
        """From now on the viewer gets what happens on its view."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._listen()),
                asyncio.create_task(self._beat()),
            ]
        self._viewers.setdefault(viewer.view, set()).add(viewer)
        try:
            await asyncio.wait_for(self._joined.wait(), JOIN_SECONDS)
        except TimeoutError:
            logger.warning("the channel layer is away; screens live by their heartbeat")

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone. Repeatable."""
        viewers = self._viewers.get(viewer.view)
        if viewers is not None:
            viewers.discard(viewer)
            if not viewers:
                del self._viewers[viewer.view]

    def draw(self, viewers: Iterable[Viewer]) -> None:
        """Send these viewers the whole screen: drawn once for all who want it by then."""
        for viewer in viewers:
            self._wanted.setdefault(viewer.view, set()).add(viewer)
            if viewer.view not in self._drawing:
                task = asyncio.create_task(self._draw(viewer.view))
                self._drawing[viewer.view] = task

    def hear(self, message: dict[str, Any]) -> None:
        """Something was committed: see `push.message_of`."""
        for view, text in message["frames"].items():
            self._write(self._viewers.get(view, ()), text)
        for view in message["touched"]:
            self.draw(self._viewers.get(view, ()))

    async def stop(self) -> None:
        """End all tasks."""
        tasks = [*self._tasks, *self._drawing.values()]
        self._tasks, self._drawing = [], {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown(wait=False)

    async def _listen(self) -> None:
        while True:
            try:
                layer: Any = get_channel_layer()
                channel = await layer.new_channel("screens")
                await layer.group_add(GROUP, channel)
                self._joined.set()
                self._redraw()
                while True:
                    self.hear(await layer.receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception:
                self._joined.clear()
                logger.exception("cannot listen to the channel layer; trying again")
                await asyncio.sleep(REJOIN_SECONDS)

    def _redraw(self) -> None:
        # Whatever was pushed while nobody listened is on no screen.
        for viewers in list(self._viewers.values()):
            self.draw([viewer for viewer in viewers if viewer.is_started])

    async def _draw(self, view: str) -> None:
        try:
            while viewers := self._wanted.pop(view, set()):
                text = await self._read(partial(screen_reads.snapshot, view))
                self._write(viewers & self._viewers.get(view, set()), text)
                await asyncio.sleep(SNAPSHOT_PAUSE.get(view, 0.0))
        except asyncio.CancelledError:
            raise
        except Exception:
            # The viewers ask again, or do so at the next heartbeat.
            logger.exception("cannot draw %s", view)
        finally:
            self._drawing.pop(view, None)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            views = [view for view in self._viewers if view != live.PROJECTIONS_VIEW]
            try:
                beats = await self._read(partial(screen_reads.heartbeats, views)) if views else {}
            except asyncio.CancelledError:
                raise
            except Exception:
                # Without a heartbeat the screens say themselves that they are stale.
                logger.exception("cannot read the numbers of the screens")
                continue
            for view, text in beats.items():
                self._write(self._viewers.get(view, ()), text)
            self.draw(self._viewers.get(live.PROJECTIONS_VIEW, ()))

    def _write(self, viewers: Iterable[Viewer], text: str) -> None:
        frame = Frame(text)
        for viewer in list(viewers):
            viewer.write(frame)

    async def _read(self, read: Callable[[], R]) -> R:
        def with_a_connection() -> R:
            close_old_connections()
            return read()

        return await asyncio.get_running_loop().run_in_executor(self._thread, with_a_connection)


_broadcasters: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Broadcaster]" = (
    weakref.WeakKeyDictionary()
)


def broadcaster() -> Broadcaster:
    """The broadcaster of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _broadcasters:
        _broadcasters[loop] = Broadcaster()
    return _broadcasters[loop]
