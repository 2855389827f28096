"""The supervisor's own HTTP port, on loopback: /livez tells which children live.

Served between two looks at the children, in the supervisor's one thread: a process with threads
cannot start children safely. Knows HTTP as far as a probe needs it, and nothing of processes.
"""

import json
import select
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

CLIENT_SECONDS = 5.0
"""What one client may take to say what it wants. Nobody else waits for it."""

MOST_CLIENTS = 32
"""At once: one more, and whoever has been here longest goes."""

LONGEST_REQUEST = 4096  # bytes


@dataclass
class _Client:
    end: float
    request: bytes = b""


class LivePort:
    """Responds to probes. `children` gives the state of each by its name, `alive` at least."""

    def __init__(
        self, listening: socket.socket, children: Callable[[], Mapping[str, Mapping[str, Any]]]
    ) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._children = children
        self._clients: dict[socket.socket, _Client] = {}

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self._listening.getsockname()[:2]
        return f"http://{host}:{port}/"

    def serve(self, seconds: float) -> None:
        """Respond to whoever asks within so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self._listening, *self._clients], [], [], left)
            for connection in ready:
                if connection is self._listening:
                    self._accept()
                else:
                    self._receive(connection)
            now = time.monotonic()
            for connection, client in list(self._clients.items()):
                if client.end < now:
                    self._hang_up(connection)

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _address = self._listening.accept()
            connection.setblocking(False)
            if len(self._clients) >= MOST_CLIENTS:
                self._hang_up(next(iter(self._clients)))
            self._clients[connection] = _Client(time.monotonic() + CLIENT_SECONDS)

    def _receive(self, connection: socket.socket) -> None:
        """Take in what has come of a request; respond, once that is all of it."""
        client = self._clients.get(connection)
        if client is None:  # Hung up on since it was seen to be ready.
            return
        with suppress(OSError):
            received = connection.recv(LONGEST_REQUEST)
            client.request += received
            if b"\r\n\r\n" in client.request:
                connection.send(self._response(client.request))
            elif received and len(client.request) < LONGEST_REQUEST:
                return
        self._hang_up(connection)

    def _hang_up(self, connection: socket.socket) -> None:
        del self._clients[connection]
        connection.close()

    def _response(self, request: bytes) -> bytes:
        method, path, *_rest = [*request.split(b"\r\n", 1)[0].split(b" "), b"", b""]
        if method not in {b"GET", b"HEAD"} or path != b"/livez":
            status, body = "404 Not Found", b"{}\n"
        else:
            children = self._children()
            well = all(child["alive"] for child in children.values())
            status = "200 OK" if well else "503 Service Unavailable"
            body = json.dumps({"alive": well, "parts": children}).encode() + b"\n"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + (b"" if method == b"HEAD" else body)
