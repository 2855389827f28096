"""Live screens that look on while orders are placed: the moment at which each order is first seen.

Knows the messages of live screens, and nothing of the inside.
"""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.visitor import Visitor

ABOUT = re.compile(r'data-order="([0-9a-f]{32})"')


class Screens:
    """Open live screens; the moment at which each order was first seen on one of them."""

    def __init__(self, viewers: Sequence[tuple[Visitor, str]]) -> None:
        self._viewers = viewers
        self._open = AsyncExitStack()
        self._listening: list[asyncio.Task[None]] = []
        self.seen: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        for visitor, view in self._viewers:
            cookies = "; ".join(f"{k}={v}" for k, v in visitor.client.cookies.items())
            screen = await self._open.enter_async_context(
                connect(
                    f"ws{visitor.url.removeprefix('http')}/ws/{view}/",
                    origin=Origin(visitor.url),
                    additional_headers={"Cookie": cookies},
                    compression=None,
                    proxy=None,
                    max_size=None,
                )
            )
            json.loads(await screen.recv())  # the whole screen, or it was refused
            self._listening.append(asyncio.create_task(self._listen(screen)))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._listening:
            task.cancel()
        await self._open.aclose()

    async def _listen(self, screen: ClientConnection) -> None:
        async for text in screen:
            now = time.perf_counter()
            message = json.loads(text)
            for fragment in message.get("fragments", ()):
                about = ABOUT.search(fragment["html"] or "")
                if about is not None:
                    self.seen.setdefault(about[1], now)
