"""Stands before the gRPC port where there is a web page: tells a browser where that is.

gRPC's library takes every connection itself and answers plain HTTP with bytes no browser
understands. So this takes them instead, looks at the first bytes, and passes all else on as it
comes, in both directions, without understanding it (measured: at most a tenth of the server's time
for an append). gRPC sees such clients at an address of this machine. Knows neither gRPC nor TLS.
"""

import asyncio
import html
import re
import socket
from contextlib import suppress

from embedded_eventstore.protocol.server import PortTakenError

INSIDE = "127.0.0.1"
"""Where the gRPC server listens instead."""
FIRST_BYTES_SECONDS = 15.0
"""How long a client may take to say anything."""
_PLAIN_HTTP = re.compile(rb"(?!PRI )[A-Z]{3,7} ")
"""A method, but for the one that begins HTTP/2."""
_DECISIVE_BYTES = 8


class FrontDoor:
    """Listens for the gRPC server, and knows the address of the web page."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self.open: set[_Outside] = set()
        self.all_closed = asyncio.Event()
        self.all_closed.set()
        self.page = ""
        self.port_inside = 0

    async def bind(self, address: str, port: int, port_inside: int, page: str) -> int:
        """Take the port, also when it is 0 and one is picked; the port. Raises PortTakenError."""
        self.page, self.port_inside = page, port_inside
        loop = asyncio.get_running_loop()
        try:
            if _is_every(address):
                self._server = await loop.create_server(
                    lambda: _Outside(self), sock=_on_every_address(port), start_serving=False
                )
            else:
                self._server = await loop.create_server(
                    lambda: _Outside(self), address, port, start_serving=False
                )
        except OSError as error:
            raise PortTakenError(
                f"Cannot listen on {address}:{port}. Does another server?"
                " --port 0 picks a free port."
            ) from error
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def serve(self) -> None:
        """Let clients in."""
        if self._server is not None:
            await self._server.start_serving()

    async def stop(self, seconds: float = 0) -> None:
        """Let nobody in any more; what gRPC has closed gets time for its last bytes."""
        if self._server is not None:
            self._server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.all_closed.wait()
        for connection in list(self.open):
            connection.abort()

    def entered(self, connection: "_Outside") -> None:
        self.open.add(connection)
        self.all_closed.clear()

    def left(self, connection: "_Outside") -> None:
        self.open.discard(connection)
        if not self.open:
            self.all_closed.set()


class _End(asyncio.Protocol):
    """One end of a connection that is passed on; reads no faster than the other end can write."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def pause_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        # What was received is still written; after a reset there is nobody to write for.
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close() if error is None else self.other.transport.abort()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class _Outside(_End):
    """The client's end, until its first bytes are known the only one."""

    def __init__(self, door: FrontDoor) -> None:
        super().__init__()
        self._door = door
        self._first = b""
        self._passing_on: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._door.entered(self)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(FIRST_BYTES_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        if self.other is not None:
            super().data_received(data)
            return
        self._first += data
        if self._passing_on is None and self._is_decided():
            assert self.transport is not None
            assert self._deadline is not None
            self._deadline.cancel()
            if _PLAIN_HTTP.match(self._first):
                self.transport.write(_answer(self._door.page))
                self.transport.close()
            else:
                self.transport.pause_reading()
                self._passing_on = asyncio.get_running_loop().create_task(self._pass_on())

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._door.left(self)
        if self._deadline is not None:
            self._deadline.cancel()

    def _is_decided(self) -> bool:
        """Everything but a method in capital letters is gRPC's to judge."""
        return len(self._first) >= _DECISIVE_BYTES or not re.fullmatch(rb"[A-Z]*", self._first)

    async def _pass_on(self) -> None:
        assert self.transport is not None
        loop = asyncio.get_running_loop()
        try:
            _, inside = await loop.create_connection(_End, INSIDE, self._door.port_inside)
        except OSError:
            self.transport.abort()
            return
        assert inside.transport is not None
        if self.transport.is_closing():
            inside.transport.abort()
            return
        inside.other, self.other = self, inside
        inside.transport.write(self._first)
        self._first = b""
        self.transport.resume_reading()


def _is_every(address: str) -> bool:
    return address in ("0.0.0.0", "::") and socket.has_dualstack_ipv6()  # noqa: S104


def _on_every_address(port: int) -> socket.socket:
    """As gRPC listens: to both kinds of addresses, whichever was named."""
    return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)


def _answer(page: str) -> bytes:
    address = html.escape(page)
    body = f'<p>This port speaks gRPC. The web page is at <a href="{address}">{address}</a>.\n'
    head = (
        "HTTP/1.1 421 Misdirected Request\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n\r\n"
    )
    return (head + body).encode()
