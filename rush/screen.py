"""A live screen on a websocket that may break at any moment: reconnects, listens, stays current.

Knows nothing of coffee; what the messages mean stands in `picture.py`.
"""

import asyncio
import json
import time
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from rush.browser import Browser
from rush.picture import Fragment, Heard, Picture

SILENCE_SECONDS = 10
RECONNECT_SECONDS = (0.25, 0.5, 1, 2, 4)


class Screen:
    """A picture kept current over a websocket that may break at any moment."""

    def __init__(self, browser: Browser, view: str) -> None:
        self.view = view
        self.picture = Picture()
        self.first_seen: dict[str, float] = {}
        self.reconnects = 0
        self.refused = ""
        self.browser = browser
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Switch the screen on and wait for its first picture (20 s; raises `TimeoutError`)."""
        self._task = asyncio.create_task(self._run(), name=f"screen {self.view}")
        async with asyncio.timeout(20):
            while not self.picture.snapshots:
                await self.wait_for_change(1)

    async def close(self) -> None:
        """Switch the screen off."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait_for_change(self, seconds: float) -> bool:
        """Look at the screen until something changes; False if nothing did for so long."""
        self._changed.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def fragments(self) -> list[Fragment]:
        """What stands there now, in the order of the screen."""
        return sorted(self.picture.fragments.values(), key=lambda each: (each.sort, each.id))

    async def _run(self) -> None:
        failures = 0
        while True:
            heard = self.picture.snapshots
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect_screen(self.browser, self.view) as socket:
                    await self._listen(socket)
            failures = 0 if self.picture.snapshots > heard else failures + 1
            self.reconnects += 1
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                told = json.loads(await socket.recv())
            match self.picture.hear(told):
                case Heard.GAP:
                    await socket.send(json.dumps({"kind": "snapshot"}))
                case Heard.CHANGED:
                    arrived = time.monotonic()
                    for each in told["fragments"]:
                        self.first_seen.setdefault(each["id"], arrived)
                    self._changed.set()
                case Heard.NOTHING_NEW:
                    pass


def connect_screen(browser: Browser, view: str) -> connect:
    """The websocket of a view, with the browser's cookies and origin."""
    return connect(
        f"{browser.street.socket_url}/ws/{view}/",
        origin=Origin(browser.street.url),
        additional_headers={"Cookie": browser.cookie_header},
        proxy=None,
        open_timeout=5,
        close_timeout=1,
        max_size=16 * 2**20,
    )


async def fresh_picture(browser: Browser, view: str) -> Picture:
    """What somebody sees who opens the screen at this moment; raises `TimeoutError`."""
    picture = Picture()
    async with asyncio.timeout(20):
        while not picture.snapshots:
            with suppress(OSError, WebSocketException):
                async with connect_screen(browser, view) as socket:
                    while not picture.snapshots:
                        picture.hear(json.loads(await socket.recv()))
            await asyncio.sleep(0.1)
    return picture
