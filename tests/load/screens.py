"""Live screens that somebody looks at: plain asyncio, and when an order was first seen on one."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.visitor import Visitor

ORDER_ON_SCREEN = re.compile(r'data-order=\\?"([0-9a-f]{32})')
JOIN_SECONDS = 0.3


@dataclass(frozen=True)
class Screen:
    """Where a screen's socket is, and with which headers it is opened."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)


def screen_of(visitor: Visitor, view: str) -> Screen:
    """One of the shop's screens, as this visitor may see it."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    return Screen(f"ws{visitor.url.removeprefix('http')}/ws/{view}/", {"Cookie": cookies})


@asynccontextmanager
async def watched(screen: Screen) -> AsyncIterator[dict[str, float]]:
    """Look at a screen until the end of the block; the moment each order was first seen on it."""
    seen: dict[str, float] = {}
    async with connect(
        screen.address,
        origin=Origin(re.sub(r"^ws(://[^/]+).*", r"http\1", screen.address)),
        additional_headers=dict(screen.headers),
        compression=None,
        proxy=None,
        max_size=None,
    ) as socket:
        listening = asyncio.create_task(_listen(socket, seen))
        await asyncio.sleep(JOIN_SECONDS)
        try:
            yield seen
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(socket: ClientConnection, seen: dict[str, float]) -> None:
    async for text in socket:
        now = time.perf_counter()
        for order in ORDER_ON_SCREEN.findall(str(text)):
            seen.setdefault(order, now)
