"""Fresh servers for tests, in a process of their own: nobody waits for another Python to start.

The process reads a line for each request, ``open`` or ``close NUMBER``, and responds with one. When
nobody holds the other end any longer, it ends, and takes all servers and their data with it.
"""

import asyncio
import os
import select
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from embedded_eventstore.node import Node

RESPONSE_SECONDS = 30.0
"""To open or to close a server, the first time with everything Python has to load."""
_HOST = "127.0.0.1"


class NoFreshServerError(Exception):
    """The process did not do what was asked; the message says what it was."""


@dataclass(frozen=True, slots=True)
class FreshServer:
    """An empty store, open to every program on this machine."""

    number: int
    port: int

    @property
    def connection_string(self) -> str:
        return f"esdb://{_HOST}:{self.port}?Tls=false"


class FreshServers:
    """Opens and closes servers, for one thread; the process behind it begins with the first."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> FreshServer:
        """A server that is listening. Raises NoFreshServerError."""
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = _start()
        number, port = self._ask("open").split()
        return FreshServer(int(number), int(port))

    def close(self, server: FreshServer) -> None:
        """Stop it and remove its data. Raises NoFreshServerError."""
        self._ask(f"close {server.number}")

    def end(self) -> None:
        """Close all that are open, and the process."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(RESPONSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _ask(self, request: str) -> str:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise NoFreshServerError(f"{request}: there is no process to ask")
        try:
            process.stdin.write(request.encode() + b"\n")
        except BrokenPipeError:
            raise NoFreshServerError(f"{request}: the process has ended") from None
        ready, _, _ = select.select([process.stdout], [], [], RESPONSE_SECONDS)
        response = process.stdout.readline().decode().strip() if ready else ""
        if not response:
            raise NoFreshServerError(f"{request}: no response within {RESPONSE_SECONDS:.0f} s")
        return response


def _start() -> subprocess.Popen[bytes]:
    # In a session of its own: what interrupts the tests must not end their servers first.
    return subprocess.Popen(
        [sys.executable, "-m", "embedded_eventstore.fresh_servers"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )


async def _serve(base: Path) -> None:
    requests = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(requests), sys.stdin
    )
    nodes: dict[int, Node] = {}
    opened = 0
    while request := await requests.readline():
        match request.split():
            case [b"open"]:
                opened += 1
                node = Node(base / str(opened), _HOST, 0, insecure=True)
                port = await node.start()
                nodes[opened] = node
                _respond(f"{opened} {port}")
            case [b"close", number]:
                await nodes.pop(int(number)).stop()
                shutil.rmtree(base / number.decode())
                _respond("closed")
    for node in nodes.values():
        await node.stop()


def _respond(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve whoever holds the other end of the standard input."""
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="embedded-eventstore-") as base:
        asyncio.run(_serve(Path(base)))


if __name__ == "__main__":
    main()
