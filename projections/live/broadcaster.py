"""The broadcaster of a web process: its one group member, which writes to all its sockets.

A frame is encoded once and written to every socket that shows its view; what has words in it is
drawn once for each language in which somebody looks. A push has none. Every few seconds each view's
number goes out, read from the database: that heals whatever push was lost. Knows neither who may
look nor what a screen shows.
"""

import asyncio
import logging
import time
import weakref
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from channels.layers import get_channel_layer
from django.db import close_old_connections, connections
from django.utils.translation import override

from orders import tracing
from orders.shop_state import know_the_shop
from projections.engine.damaged_file import leave_replaced_file
from projections.live import access, snapshots, watched_views
from projections.live.connection import NOT_YOURS, Frame, LiveConnection
from projections.live.messages import session_digest
from projections.live.push import GROUP
from projections.live.staleness import staleness_of
from projections.screen import SHORT, SNAPSHOT_CHARACTERS, Room
from projections.screens import screen_of

HEARTBEAT_SECONDS = 5.0
STALENESS_SECONDS = 1.0
"""How often it is looked, in memory, whether a screen became stale or right again: then its
heartbeat does not wait for its time."""

JOIN_SECONDS = 1.0
REJOIN_SECONDS = 1.0
"""Pause before listening to the channel layer again after it failed."""

BUSY_PAUSE = 0.25
"""Seconds until it is looked again whether a busy socket can take a snapshot."""

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
        self._crowded: set[str] = set()
        """Views of which the last snapshot left rows out."""

        self._used: dict[str, int] = {}
        """Characters that each bounded view's screens hold: of the last snapshot, and pushed."""

        self._shop = -1
        """The last fact about the shop as a whole that whoever draws has to know."""

        self._stale: set[str] = set()
        self._drawing: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._announcing: set[asyncio.Task[None]] = set()
        self._joined = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="screens")

    async def join(self, connection: LiveConnection) -> None:
        """From now on the connection gets what happens on its view."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._listen()),
                asyncio.create_task(self._beat()),
            ]
        is_first = connection.view not in self._connections
        self._connections.setdefault(connection.view, set()).add(connection)
        try:
            await asyncio.wait_for(self._joined.wait(), JOIN_SECONDS)
        except TimeoutError:
            logger.warning("the channel layer is away; screens live by their heartbeat")
        if is_first:
            self._announce([connection.view])

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
        self._shop = max(self._shop, message.get("shop", -1))
        with tracing.span_following("show", filter(None, [message.get("traceparent")])):
            self._show(message)

    def _show(self, message: dict[str, Any]) -> None:
        for view, text in message["frames"].items():
            if view in self._connections:
                self._push(view, text)
                if _has_summary(view):
                    self._without_summary.add(view)
                    self._draw_soon(view, self._draw_summaries)
        for view in message["touched"]:
            self.send_snapshot(self._connections.get(view, ()))

    def _push(self, view: str, text: str) -> None:
        """Show a push; a new snapshot to those whose screen does not hold every row.

        A row that changed may be beyond what they see, or make another one visible: only a new
        snapshot is certain to show what somebody sees who opens the screen now.
        """
        every = self._connections[view]
        if screen_of(view).is_crowded is None:
            self._write(every, text)
            return
        partly = {c for c in every if c.is_short or view in self._crowded}
        self._write(every - partly, text)
        self._used[view] = self._used.get(view, 0) + len(text)
        is_full = self._used[view] > SNAPSHOT_CHARACTERS
        self.send_snapshot(list(every) if is_full else partly)

    async def stop(self) -> None:
        """End all tasks."""
        tasks = [*self._tasks, *self._drawing.values(), *self._announcing]
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
        """Send a snapshot to all who wait for it; after a pause, to those who wait by then.

        Who is still busy with what was sent before waits until that is through.
        """
        while waiting := self._without_snapshot.pop(view, set()) & self._connections.get(
            view, set()
        ):
            busy = {connection for connection in waiting if connection.is_busy}
            begun = time.monotonic()
            for is_short, language in {(c.is_short, c.language) for c in waiting - busy}:
                room = Room(SHORT if is_short else 1.0)
                text = await self._read(partial(snapshots.snapshot, view, room), language)
                if not is_short:
                    self._note_room(view, room)
                readers = _who_read(waiting - busy, language)
                readers = {c for c in readers if c.is_short == is_short}
                self._write(readers & self._connections.get(view, set()), text)
            took = time.monotonic() - begun
            self._without_snapshot.setdefault(view, set()).update(busy)
            # The longer it takes, the less often: requests need this process too.
            await asyncio.sleep(max(screen_of(view).pause, 3 * took, BUSY_PAUSE if busy else 0.0))

    def _note_room(self, view: str, room: Room) -> None:
        if screen_of(view).is_crowded is not None:
            self._used[view] = room.used
            (self._crowded.add if room.left_out else self._crowded.discard)(view)

    async def _draw_summaries(self, view: str) -> None:
        """Send a summary to all who see the view; after a pause, again if it has changed."""
        while view in self._without_summary:
            self._without_summary.discard(view)
            begun = time.monotonic()
            every = self._connections.get(view, ())
            try:
                if view not in self._crowded and await self._read(
                    partial(snapshots.is_crowded, view)
                ):
                    self._crowded.add(view)
                    self.send_snapshot(every)
                if screen_of(view).summary is not None:
                    for language in _languages(every):
                        text = await self._read(partial(snapshots.summary, view), language)
                        self._write(_who_read(self._connections.get(view, ()), language), text)
            except Exception:
                self._without_summary.add(view)  # no browser asks for it: the heartbeat tries again
                raise
            # The longer it takes, the less often: at most a tenth of the time goes into it.
            await asyncio.sleep(max(SUMMARY_PAUSE, 9 * (time.monotonic() - begun)))

    async def _beat(self) -> None:
        while True:
            try:
                await self._beat_once(await self._next_beat())
            except asyncio.CancelledError:
                raise
            except Exception:
                # Without a heartbeat the screens say themselves that they are stale.
                logger.exception("cannot send a heartbeat to the screens")
                await asyncio.sleep(STALENESS_SECONDS)

    async def _beat_once(self, due: Sequence[str]) -> None:
        self._announce(list(self._connections))
        await self._close_ended_sessions()
        counted = {
            v: _languages(self._connections.get(v, ()))
            for v in due
            if screen_of(v).projection is not None
        }
        beats = await self._read(partial(snapshots.heartbeats, counted)) if counted else {}
        for (view, language), text in beats.items():
            self._write(_who_read(self._connections.get(view, ()), language), text)
        for view in set(due) - set(counted):
            self.send_snapshot(self._connections.get(view, ()))
        for view in self._without_summary:
            self._draw_soon(view, self._draw_summaries)

    async def _next_beat(self) -> list[str]:
        """Wait until heartbeats are due, and for which views: all, or those that turned stale."""
        end = time.monotonic() + HEARTBEAT_SECONDS
        while (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, STALENESS_SECONDS))
            for connections_of_view in self._connections.values():
                for connection in connections_of_view:
                    connection.watch(time.monotonic())
            stale = {view for view in self._connections if staleness_of(view) is not None}
            turned = [
                view for view in self._connections if (view in stale) != (view in self._stale)
            ]
            self._stale = stale
            if turned and end - time.monotonic() > 0:
                return turned
        return list(self._connections)

    def _announce(self, views: list[str]) -> None:
        """Say it without waiting: a channel layer that hangs must not hold up a heartbeat."""
        task = asyncio.create_task(self._say_what_is_watched(views))
        self._announcing.add(task)
        task.add_done_callback(self._announcing.discard)

    async def _say_what_is_watched(self, views: list[str]) -> None:
        """Have these views drawn for every push; what is not, is shown by a snapshot."""
        layer: Any = get_channel_layer()
        with suppress(Exception):  # whoever listens to the layer says that it is away
            async with asyncio.timeout(JOIN_SECONDS):
                for message in watched_views.messages_for(views):
                    await layer.group_send(watched_views.GROUP, message)

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
        self.send_snapshot([connection for connection in list(to) if not connection.write(frame)])

    async def _read(self, read: Callable[[], R], language: str = "en") -> R:
        def with_a_connection() -> R:
            close_old_connections()
            leave_replaced_file()
            know_the_shop(self._shop)
            with override(language):
                return read()

        return await asyncio.get_running_loop().run_in_executor(self._thread, with_a_connection)


def _languages(connections: Iterable[LiveConnection]) -> set[str]:
    return {connection.language for connection in connections}


def _who_read(connections: Iterable[LiveConnection], language: str) -> set[LiveConnection]:
    return {connection for connection in connections if connection.language == language}


def _has_summary(view: str) -> bool:
    screen = screen_of(view)
    return screen.summary is not None or screen.is_crowded is not None


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


def open_screens() -> Counter[str]:
    """How many sockets of this process show what, by the kind of the view. From any thread."""
    screens: Counter[str] = Counter()
    for of_a_loop in list(_broadcasters.values()):
        for view, connections_of_view in list(of_a_loop._connections.items()):
            screens[view.partition(":")[0]] += len(connections_of_view)
    return screens
