"""Programs that order as fast as they can, and staff screens that look on: plain asyncio.

Costs as little CPU as it can, because it shares the machine with the shop it measures. Knows the
JSON API and the messages of live screens, and nothing of the inside.
"""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from tests.visitor import Visitor

ITEMS: tuple[dict[str, object], ...] = (
    {"item": "flat-white"},
    {"item": "caffe-latte", "size": "large", "options": {"oat-milk": 1, "shot": 2}, "quantity": 2},
    {"item": "cold-brew", "options": {"light-ice": 1}},
    {"item": "butter-croissant", "options": {"warmed": 1}},
)
ABOUT = re.compile(r'data-order="([0-9a-f]{32})"')
ORDER_IN = re.compile(r"/o/([0-9a-f]{32})")
ANSWER_SECONDS = 30


class NotPlaced(Exception):
    """The shop did not take an order."""


@dataclass
class Placed:
    """What came of the orders: when each was sent, by id, and how long its response took."""

    sent: dict[str, float] = field(default_factory=dict)
    answered_after: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Client:
    """One connection that places orders, one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._count = 0

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def place(self, placed: Placed) -> None:
        """Place an order of one or two lines. Raises `NotPlaced`."""
        self._count += 1
        lines = [ITEMS[(self._count + n) % len(ITEMS)] for n in range(1 + self._count % 2)]
        body = json.dumps(
            {"command_id": str(uuid.uuid4()), "name": "Load", "items": lines}
        ).encode()
        head = (
            f"POST /api/orders/ HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        sent = time.perf_counter()
        self._writer.write(head.encode() + body)
        status, response = await asyncio.wait_for(self._answer(), ANSWER_SECONDS)
        placed.answered_after.append(time.perf_counter() - sent)
        order = ORDER_IN.search(response)
        if status != 201 or order is None:
            raise NotPlaced(f"{status} {response[:300]}")
        placed.sent[order[1]] = sent

    async def _answer(self) -> tuple[int, str]:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin1")
        length = re.search(r"(?i)^content-length: (\d+)", head, re.MULTILINE)
        body = await self._reader.readexactly(int(length[1]) if length else 0)
        return int(head.split(" ", 2)[1]), body.decode()


async def at_full_load(port: int, seconds: float, clients: int) -> Placed:
    """Place orders with so many clients, each as fast as it is answered."""
    placed = Placed()
    async with AsyncExitStack() as stack:
        everybody = [await stack.enter_async_context(Client(port)) for _ in range(clients)]
        began = time.perf_counter()

        async def order(client: Client) -> None:
            while time.perf_counter() < began + seconds:
                await client.place(placed)

        await asyncio.gather(*(order(client) for client in everybody))
        placed.seconds = time.perf_counter() - began
    return placed


async def at_a_pace(port: int, seconds: float, per_second: float) -> Placed:
    """Place orders at fixed moments, whether the ones before are answered or not."""
    placed = Placed()
    count = int(seconds * per_second)
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Client(port)) for _ in range(8)]
        free: asyncio.Queue[Client] = asyncio.Queue()
        for client in clients:
            free.put_nowait(client)
        began = time.perf_counter()

        async def order(number: int) -> None:
            await asyncio.sleep(max(0.0, began + number / per_second - time.perf_counter()))
            client = await free.get()
            await client.place(placed)
            free.put_nowait(client)

        await asyncio.gather(*(order(number) for number in range(count)))
        placed.seconds = time.perf_counter() - began
    return placed


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
