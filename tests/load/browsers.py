"""Browsers that post a prepared order form again and again: plain asyncio, as cheap as it can be.

They share the machine with what they measure. Work for the shop and for its peer alike: the form is
a path, cookies and a token. Knows HTTP and nothing of either inside.
"""

import asyncio
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

ORDER_IN = re.compile(rb"(?im)^location: \S*/o/([0-9a-f]{32})")
LENGTH_IN = re.compile(rb"(?im)^content-length: *(\d+)")
RETRY_IN = re.compile(rb"(?im)^retry-after: *(\d+)")
ANSWER_SECONDS = 30
AT_A_PACE = 8
"""Connections among which orders at a fixed pace are shared."""


class NotPlaced(Exception):
    """An order, or what the staff did with it, was not taken."""


@dataclass(frozen=True)
class BrowserSession:
    """What one browser sends with every form: a basket or a session in the cookies, and a token."""

    port: int
    cookies: str
    token: str

    def request(self) -> bytes:
        """One more order, with an id of its own."""
        fields = {"name": "Load", "note": "", "pay": "counter"}
        return self.posted("/orders/", fields)

    def posted(self, path: str, fields: Mapping[str, str]) -> bytes:
        """A form of this browser, with an id of its own for what it asks for."""
        own = {"csrfmiddlewaretoken": self.token, "command_id": str(uuid.uuid4())}
        body = urlencode(own | dict(fields)).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAccept: text/html\r\n"
            f"Origin: http://127.0.0.1:{self.port}\r\nCookie: {self.cookies}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass
class Placed:
    """What came of it: when each acknowledged order was sent, by id; how long responses took."""

    sent: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Browser:
    """One connection with one form."""

    def __init__(self, form: BrowserSession, *, sends_again: bool = False) -> None:
        """With `sends_again` it repeats what is refused for a moment, as the staff's pages do."""
        self._form = form
        self._sends_again = sends_again
        self.sent_again = 0
        """How often it did."""

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._form.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def post(self, placed: Placed, due: float | None = None) -> str:
        """Place one order, that was due then or just now; its id.

        Raises `NotPlaced`, or `TimeoutError` after half a minute.
        """
        sent = due or time.perf_counter()
        head = await self.send(self._form.request())
        order = ORDER_IN.search(head)
        if order is None:
            raise NotPlaced(f"{head[:200]!r}")
        placed.took.append(time.perf_counter() - sent)
        placed.sent[order[1].decode()] = sent
        return order[1].decode()

    async def send(self, request: bytes) -> bytes:
        """Send a form that leads to another page; the head of the response.

        Raises `NotPlaced`, or `TimeoutError` after half a minute.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                head, body = await self._response_to(request)
                retry = RETRY_IN.search(head)
                if head[9:12] == b"303":
                    return head
                if retry is None or not self._sends_again:
                    raise NotPlaced(f"{head[:200]!r} {body[:300]!r}")
                self.sent_again += 1
                await asyncio.sleep(int(retry[1]))

    async def _response_to(self, request: bytes) -> tuple[bytes, bytes]:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = LENGTH_IN.search(head)
        return head, await self._reader.readexactly(int(length[1]) if length else 0)


async def at_full_load(forms: Sequence[BrowserSession], seconds: float) -> Placed:
    """Each browser posts its form as soon as it has the response to the one before."""
    placed = Placed()
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(Browser(form)) for form in forms]
        began = time.perf_counter()

        async def order(browser: Browser) -> None:
            while time.perf_counter() < began + seconds:
                await browser.post(placed)

        await asyncio.gather(*(order(browser) for browser in browsers))
        placed.seconds = time.perf_counter() - began
    return placed


async def at_a_pace(forms: Sequence[BrowserSession], seconds: float, per_second: float) -> Placed:
    """Place orders at fixed moments, whether the ones before are answered or not.

    Counted from the moment an order was due: one that waits for a connection waits for the shop.
    """
    placed = Placed()
    async with AsyncExitStack() as stack:
        free: asyncio.Queue[Browser] = asyncio.Queue()
        for number in range(AT_A_PACE):
            form = forms[number % len(forms)]
            free.put_nowait(await stack.enter_async_context(Browser(form)))
        began = time.perf_counter()

        async def order(number: int) -> None:
            due = began + number / per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            browser = await free.get()
            await browser.post(placed, due)
            free.put_nowait(browser)

        await asyncio.gather(*(order(number) for number in range(int(seconds * per_second))))
        placed.seconds = time.perf_counter() - began
    return placed
