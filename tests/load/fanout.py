"""One publish → the last of N viewers: the shop's broadcaster beside one group member per socket.

    python tests/load/fanout.py [N …]          (default 10 100 500 1000; well under a minute)

Both ways run in one server, in turns, under the same load of the machine; quote the ratios. The
viewers are bare sockets in this process, so that they cost as little as possible.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAYS = {"broadcaster": "/ws/board/", "plain": "/plain/"}
SIZE = 1024
ROUNDS = 15
BUDGET_SECONDS = 55.0
WAIT_SECONDS = 10.0


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
        + bytes(one ^ mask[i % 4] for i, one in enumerate(data))
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
        sockets += [one for _, one in made]
    await viewers.until("greeted")
    return viewers, sockets


async def measure(port: int, counts: list[int]) -> None:
    """Print a line for each number of viewers."""
    begun = time.monotonic()
    _, publisher = await asyncio.get_running_loop().create_connection(
        lambda: Socket("/publish/", port, Viewers(1)), "127.0.0.1", port
    )
    await asyncio.sleep(0.3)
    print(f"{'viewers':>8} {'broadcaster ms':>16} {'plain ms':>12} {'ratio':>8}")
    for count in counts:
        halls = {way: await connected(path, port, count) for way, path in WAYS.items()}
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        for turn in range(ROUNDS + 2):
            if time.monotonic() - begun > BUDGET_SECONDS and turn > 4:
                break
            for way, (viewers, _) in halls.items():
                mark = f"<{way}-{count}-{turn}>"
                viewers.expect(mark)
                sent_at = time.perf_counter()
                publisher.transport.write(
                    masked(json.dumps({"way": way, "mark": mark, "size": SIZE}))
                )
                await viewers.until("seen")
                if turn >= 2:
                    times[way].append((viewers.last_at - sent_at) * 1000)
                await asyncio.sleep(0.02)
        ours, plain = (statistics.median(times[way]) for way in WAYS)
        print(f"{count:>8} {ours:>16.1f} {plain:>12.1f} {plain / ours:>7.1f}×", flush=True)
        for _, sockets in halls.values():
            for socket in sockets:
                socket.transport.close()
        await asyncio.sleep(0.3)


def main() -> None:
    """Start the server in a directory of its own, measure, stop it."""
    counts = [int(word) for word in sys.argv[1:]] or [10, 100, 500, 1000]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="barstucks-fanout-") as var:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.load.fanout_server"],
            cwd=ROOT,
            env=os.environ | {"BARSTUCKS_VAR": var, "CHANNELS_URL": "inmemory://"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            asyncio.run(measure(int(server.stdout.readline()), counts))
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


if __name__ == "__main__":
    main()
