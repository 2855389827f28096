"""G4: one publish → the last of N viewers of a view, beside the least that can be done for it.

The peers run in the same server, in turns: a bare broadcast writes one prepared frame to each
socket in a loop and does nothing else; the plain way of Channels has one group member for each
socket. The viewers are bare sockets in this process, so that they cost as little as possible.
"""

import asyncio
import base64
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.load.side_by_side import Limit, Progress, Row, in_turns
from tests.shop import ROOT

BROADCASTER, BARE, PLAIN = "broadcaster", "bare", "plain"
PATHS = {BROADCASTER: "/ws/board/", BARE: "/bare/", PLAIN: "/plain/"}
PEERS = {BARE: "bare broadcast, same server", PLAIN: "one group member for each socket"}
VIEWERS = 1000
TWICE = 2 * VIEWERS
SIZE = 1024  # bytes of a message: about a card
WARM_UP = 2
STOP_SECONDS = 10
WAIT_SECONDS = 10.0
PAUSE_SECONDS = 0.02


class Viewers:
    """So many sockets of one way, and how many have seen the mark."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.greeted = 0
        self.mark = b""
        self.seen = 0
        self.last_at = 0.0
        self.changed = asyncio.Event()

    def expect(self, mark: str) -> None:
        """Begin to count the sockets that have received this text."""
        self.mark, self.seen = mark.encode(), 0

    async def until(self, reached: str) -> None:
        """Wait for all. Raises TimeoutError."""
        async with asyncio.timeout(WAIT_SECONDS):
            while getattr(self, reached) < self.count:
                self.changed.clear()
                await self.changed.wait()


class Socket(asyncio.Protocol):
    """One websocket: the handshake, and then only a look for the mark."""

    def __init__(self, path: str, port: int, viewers: Viewers) -> None:
        self._path, self._port, self._viewers = path, port, viewers
        self._unread = b""
        self._is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        key = base64.b64encode(os.urandom(16)).decode()
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        transport.write(
            (
                f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
                f"Origin: http://127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\n\r\n"
            ).encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count once when the server greets, and once for each mark."""
        self._unread = self._unread[-64:] + data
        if not self._is_open:
            greeted = b"\r\n\r\n" in self._unread and len(self._unread.split(b"\r\n\r\n", 1)[1]) > 2
            if greeted:
                self._is_open = True
                self._viewers.greeted += 1
                self._viewers.changed.set()
        elif self._viewers.mark and self._viewers.mark in self._unread:
            self._unread = b""
            self._viewers.seen += 1
            self._viewers.last_at = time.perf_counter()
            if self._viewers.seen == self._viewers.count:
                self._viewers.changed.set()


def masked(text: str) -> bytes:
    """A client's text frame."""
    data, mask = text.encode(), os.urandom(4)
    assert len(data) < 126
    return (
        bytes([0x81, 0x80 | len(data)])
        + mask
        + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
    )


async def connected(path: str, port: int, count: int) -> tuple[Viewers, list[Socket]]:
    """So many viewers, all greeted."""
    loop, viewers, sockets = asyncio.get_running_loop(), Viewers(count), list[Socket]()
    for start in range(0, count, 50):
        some = min(50, count - start)
        made = await asyncio.gather(
            *(
                loop.create_connection(lambda: Socket(path, port, viewers), "127.0.0.1", port)
                for _ in range(some)
            )
        )
        sockets += [socket for _, socket in made]
    await viewers.until("greeted")
    return viewers, sockets


async def reached(port: int, way: str, count: int, publishes: int) -> float:
    """Milliseconds from a publish until the last of so many viewers has it; the median."""
    loop = asyncio.get_running_loop()
    _, publisher = await loop.create_connection(
        lambda: Socket("/publish/", port, Viewers(1)), "127.0.0.1", port
    )
    viewers, sockets = await connected(PATHS[way], port, count)
    times = []
    for number in range(WARM_UP + publishes):
        mark = f"<{way}-{count}-{number}>"
        viewers.expect(mark)
        sent_at = time.perf_counter()
        publisher.transport.write(masked(json.dumps({"way": way, "mark": mark, "size": SIZE})))
        await viewers.until("seen")
        times.append((viewers.last_at - sent_at) * 1000)
        await asyncio.sleep(PAUSE_SECONDS)
    for socket in (publisher, *sockets):
        socket.transport.close()
    await asyncio.sleep(PAUSE_SECONDS)
    return statistics.median(times[WARM_UP:])


def measure(rounds: int, publishes: int, progress: Progress) -> list[Row]:
    """Rows beside both peers, and of twice as many viewers."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    halls = [(BARE, VIEWERS), (BROADCASTER, VIEWERS), (BROADCASTER, TWICE), (PLAIN, VIEWERS)]
    found: dict[tuple[str, int], list[float]] = {hall: [] for hall in halls}
    with server() as port:
        for turn, (way, count) in enumerate(in_turns(halls, rounds)):
            found[way, count].append(asyncio.run(reached(port, way, count, publishes)))
            progress((turn + 1) / (len(halls) * rounds))
    return rows(found)


def rows(found: dict[tuple[str, int], list[float]]) -> list[Row]:
    """The table of these figures."""
    ours = found[BROADCASTER, VIEWERS]
    what = "{:,} viewers of one view: the last one has it, ms"
    bare = Limit(2.0, at_most=True, of_ratio=True)
    twice = Limit(2.2, at_most=True, of_ratio=True)
    same, half = what.format(VIEWERS), f"Barstucks, {VIEWERS:,} viewers"
    return [
        Row("G4", same, bare, PEERS[BARE], found[BARE, VIEWERS], ours),
        Row("G4", same, None, PEERS[PLAIN], found[PLAIN, VIEWERS], ours),
        Row("G4", what.format(TWICE), twice, half, ours, found[BROADCASTER, TWICE]),
    ]


@contextmanager
def server() -> Iterator[int]:
    """The server in a directory of its own; its port."""
    with tempfile.TemporaryDirectory(prefix="barstucks-fanout-") as var:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.fanout_server"],
            cwd=ROOT,
            env=os.environ | {"BARSTUCKS_VAR": var, "CHANNELS_URL": "inmemory://"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
