"""The broadcaster of a web process: its one group member, which writes to all its sockets.

A frame is encoded once and written to every socket that shows its view. Every few seconds each
view's number goes out, read from the database: that heals whatever push was lost. Knows neither
who may look nor what a screen shows.
"""

import asyncio
import logging
import time
import weakref
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from channels.layers import get_channel_layer
from django.db import close_old_connections, connections

from projections.live import access, snapshots
from projections.live.connection import NOT_YOURS, Frame, LiveConnection
from projections.live.messages import session_digest
from projections.live.push import GROUP
from projections.screens import screen_of

HEARTBEAT_SECONDS = 5.0
JOIN_SECONDS = 1.0
REJOIN_SECONDS = 1.0
"""Pause before listening to the channel layer again after it failed."""

SUMMARY_PAUSE = 1.0
"""Seconds between two summaries of one view. The first after a calm goes out at once; in a rush,
drawing holds up the requests of the same process."""

R = TypeVar("R")

logger = logging.getLogger(__name__)


class Broadcaster:
    """The sockets of this process, by view. To be used on one event loop only."""

    def __init__(self) -> None:
        self._connections: dict[str, set[LiveConnection]] = {}
        self._without_snapshot: dict[str, set[LiveConnection]] = {}
        self._without_summary: set[str] = set()
        self._drawing: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._joined = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="screens")

    async def join(self, connection: LiveConnection) -> None:
        """From now on the connection gets what happens on its view."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._listen()),
                asyncio.create_task(self._beat()),
            ]
        self._connections.setdefault(connection.view, set()).add(connection)
        try:
            await asyncio.wait_for(self._joined.wait(), JOIN_SECONDS)
        except TimeoutError:
            logger.warning("the channel layer is away; screens live by their heartbeat")

    def leave(self, connection: LiveConnection) -> None:
        """The connection is gone. Repeatable."""
        connections_of_view = self._connections.get(connection.view)
        if connections_of_view is not None:
            connections_of_view.discard(connection)
            if not connections_of_view:
                del self._connections[connection.view]

    def send_snapshot(self, to: Iterable[LiveConnection]) -> None:
        """Send these the whole screen: drawn once for all who wait for it by then."""
        for connection in to:
            self._without_snapshot.setdefault(connection.view, set()).add(connection)
            self._draw_soon(connection.view, self._draw_snapshots)

    def receive(self, message: dict[str, Any]) -> None:
        """Show what was committed (see `push.message_of`), or close what a session had open."""
        if "session" in message:
            self._close(lambda key: session_digest(key) == message["session"])
            return
        for view, text in message["frames"].items():
            if view in self._connections:
                self._write(self._connections[view], text)
                if screen_of(view).summary is not None:
                    self._without_summary.add(view)
                    self._draw_soon(view, self._draw_summaries)
        for view in message["touched"]:
            self.send_snapshot(self._connections.get(view, ()))

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
                # Whatever was pushed while nobody listened is on no screen.
                for all_of_view in list(self._connections.values()):
                    self.send_snapshot([c for c in all_of_view if c.is_started])
                while True:
                    self.receive(await layer.receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception:
                self._joined.clear()
                logger.exception("cannot listen to the channel layer; trying again")
                await asyncio.sleep(REJOIN_SECONDS)

    def _draw_soon(self, view: str, draw: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        name = f"{draw.__name__} {view}"
        if name not in self._drawing:
            self._drawing[name] = asyncio.create_task(self._drawn(name, view, draw))

    async def _drawn(
        self, name: str, view: str, draw: Callable[[str], Coroutine[Any, Any, None]]
    ) -> None:
        try:
            await draw(view)
        except asyncio.CancelledError:
            raise
        except Exception:
            # The browsers ask for a snapshot again, or do so at the next heartbeat.
            logger.exception("cannot draw %s", view)
        finally:
            self._drawing.pop(name, None)

    async def _draw_snapshots(self, view: str) -> None:
        """Send a snapshot to all who wait for it; after a pause, to those who wait by then."""
        while waiting := self._without_snapshot.pop(view, set()):
            text = await self._read(partial(snapshots.snapshot, view))
            self._write(waiting & self._connections.get(view, set()), text)
            await asyncio.sleep(screen_of(view).pause)

    async def _draw_summaries(self, view: str) -> None:
        """Send a summary to all who see the view; after a pause, again if it has changed."""
        while view in self._without_summary:
            self._without_summary.discard(view)
            begun = time.monotonic()
            try:
                text = await self._read(partial(snapshots.summary, view))
            except Exception:
                self._without_summary.add(view)  # no browser asks for it: the heartbeat tries again
                raise
            self._write(self._connections.get(view, ()), text)
            # The longer it takes, the less often: at most a tenth of the time goes into it.
            await asyncio.sleep(max(SUMMARY_PAUSE, 9 * (time.monotonic() - begun)))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._close_ended_sessions()
            counted = [v for v in self._connections if screen_of(v).projection is not None]
            try:
                beats = await self._read(partial(snapshots.heartbeats, counted)) if counted else {}
            except asyncio.CancelledError:
                raise
            except Exception:
                # Without a heartbeat the screens say themselves that they are stale.
                logger.exception("cannot read the numbers of the screens")
                continue
            for view, text in beats.items():
                self._write(self._connections.get(view, ()), text)
            for view in self._connections.keys() - set(counted):
                self.send_snapshot(self._connections[view])
            for view in self._without_summary:
                self._draw_soon(view, self._draw_summaries)

    async def _close_ended_sessions(self) -> None:
        """Whatever message was lost: nobody looks on who has logged out."""
        keys = {c.session for c in self._all() if c.session}
        try:
            gone = await self._read(partial(access.ended, keys)) if keys else set()
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("cannot read which sessions there are")
            return
        self._close(gone.__contains__)

    def _close(self, is_over: Callable[[str], bool]) -> None:
        for connection in self._all():
            if connection.session and is_over(connection.session):
                connection.close(NOT_YOURS)

    def _all(self) -> list[LiveConnection]:
        return [
            c for connections_of_view in self._connections.values() for c in connections_of_view
        ]

    def _write(self, to: Iterable[LiveConnection], text: str) -> None:
        frame = Frame(text)
        for connection in list(to):
            connection.write(frame)

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


def running_loop() -> asyncio.AbstractEventLoop | None:
    """This process's event loop with a broadcaster, from any thread; None before a socket."""
    return next((loop for loop in list(_broadcasters) if loop.is_running()), None)
