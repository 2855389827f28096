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
from typing import Any

CLIENT_SECONDS = 0.2
"""What one client may take: the children are not looked at meanwhile."""

LONGEST_REQUEST = 4096  # bytes


class LivePort:
    """Responds to probes. `children` gives the state of each by its name, `alive` at least."""

    def __init__(
        self, listening: socket.socket, children: Callable[[], Mapping[str, Mapping[str, Any]]]
    ) -> None:
        listening.setblocking(False)
        self._listening = listening
        self._children = children

    @property
    def url(self) -> str:
        """Where it is."""
        host, port = self._listening.getsockname()[:2]
        return f"http://{host}:{port}/"

    def serve(self, seconds: float) -> None:
        """Answer whoever comes within so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if not select.select([self._listening], [], [], left)[0]:
                return
            with suppress(OSError):
                client, _address = self._listening.accept()
                with client:
                    self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        end = time.monotonic() + CLIENT_SECONDS
        request = b""
        while b"\r\n\r\n" not in request and len(request) < LONGEST_REQUEST:
            client.settimeout(max(0.001, end - time.monotonic()))
            received = client.recv(LONGEST_REQUEST)
            if not received:
                return
            request += received
        client.settimeout(CLIENT_SECONDS)
        client.sendall(self._response(request))

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
