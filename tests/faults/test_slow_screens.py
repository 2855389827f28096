"""Thousands of open orders, and somebody who reads slowly: no loop, no screen that is too large."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from orders.event_store import EventStore
from projections.live.connection import MOST_WAITING_BYTES
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.shop_files import write_down
from projections.tests.some_orders import order_stream_number, ordered
from tests.shop import Shop
from tests.visitor import Visitor

OPEN_ORDERS = int(os.environ.get("BARSTUCKS_TEST_OPEN_ORDERS", "3000"))
PROJECTED_SECONDS = 60
READ_SECONDS = 25
BYTES_A_SECOND = 16_000
SMALL_BUFFER = 4_096
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass
class SlowBrowser:
    """A websocket whose reader takes a few thousand bytes a second."""

    visitor: Visitor
    view: str
    received: bytes = b""
    closed: bool = False
    _answered: int = 0
    _socket: socket.socket = field(default_factory=socket.socket)

    def __post_init__(self) -> None:
        parts = urlsplit(self.visitor.url)
        cookies = "; ".join(
            f"{name}={value}" for name, value in self.visitor.client.cookies.items()
        )
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self._socket.settimeout(10)
        self._socket.connect((parts.hostname or "", parts.port or 0))
        lines = [
            f"GET /ws/{self.view}/ HTTP/1.1",
            f"Host: {parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
            f"Origin: {self.visitor.url}",
            f"Cookie: {cookies}",
        ]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.received:
            self.received += self._socket.recv(1)
        assert b" 101 " in self.received.split(b"\r\n")[0]
        self.received = b""

    def read_for(self, seconds: float) -> None:
        """Read as slowly as it reads."""
        begun = time.monotonic()
        self._socket.settimeout(0.1)
        while (passed := time.monotonic() - begun) < seconds and not self.closed:
            if len(self.received) >= passed * BYTES_A_SECOND:
                time.sleep(0.05)
                continue
            try:
                read = self._socket.recv(SMALL_BUFFER)
            except TimeoutError:
                continue
            self.closed = not read
            self.received += read
            self._respond_to_pings()

    def _respond_to_pings(self) -> None:
        pings = [payload for opcode, payload in self.frames() if opcode == PING]
        for payload in pings[self._answered :]:
            mask = bytes(4)
            self._socket.sendall(bytes((0x80 | PONG, 0x80 | len(payload))) + mask + payload)
        self._answered = len(pings)

    def frames(self) -> Iterator[tuple[int, bytes]]:
        """The complete frames that came, unmasked as a server's are (RFC 6455)."""
        at = 0
        while len(self.received) >= at + 10:
            size, head = self.received[at + 1], 2
            if size >= 126:
                width = 2 if size == 126 else 8
                size = int.from_bytes(self.received[at + 2 : at + 2 + width], "big")
                head += width
            if len(self.received) < at + head + size:
                return
            yield self.received[at] & 15, self.received[at + head : at + head + size]
            at += head + size

    def close(self) -> None:
        """Go away."""
        self._socket.close()


@pytest.fixture
def crowd(shop: Shop) -> Iterator[EventStore]:
    """The shop has that many open orders."""
    log = InMemoryLog()
    for number in range(1, OPEN_ORDERS + 1):
        log.write(order_stream_number(number), ordered(number, items=2))
    with closing(EventStore(shop.eventstore_uri)) as store:
        write_down(store, log)
        yield store


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_thousands_of_open_orders_and_a_slow_reader(
    shop: Shop, crowd: EventStore, casey: Visitor, bao: Visitor
) -> None:
    shop.wait_until(lambda: "and <b>" in casey.client.get("/till/").text, PROJECTED_SECONDS)
    shop.wait_until(lambda: not casey.open("/till/").find_all(id="live-bar"), PROJECTED_SECONDS)
    for visitor, path in ((casey, "/till/"), (bao, "/bar/"), (bao, "/board/")):
        page = visitor.client.get(path)
        assert len(page.content) < MOST_WAITING_BYTES
        print(path, len(page.content), "bytes")

    with closing(SlowBrowser(casey, "cashier-desk")) as slow:
        for number in range(5):
            slow.read_for(READ_SECONDS / 5)
            log = InMemoryLog()
            log.write(order_stream_number(10_000 + number), ordered(10_000 + number))
            write_down(crowd, log)
        slow.read_for(READ_SECONDS / 2)
        frames = list(slow.frames())

    assert not slow.closed
    assert CLOSE not in {opcode for opcode, _ in frames}
    messages: list[dict[str, Any]] = [
        msgspec.json.decode(text) for opcode, text in frames if opcode == TEXT
    ]
    snapshots = [message for message in messages if message["kind"] == "snapshot"]
    sizes = [len(text) for opcode, text in frames if opcode == TEXT]
    print([(message["kind"], size) for message, size in zip(messages, sizes, strict=True)])
    assert len(snapshots) >= 2
    assert len(snapshots[-1]["fragments"]) < len(snapshots[0]["fragments"])
    assert max(sizes) < MOST_WAITING_BYTES
