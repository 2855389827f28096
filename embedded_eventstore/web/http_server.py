"""HTTP/1.1 in the event loop: h11 reads and writes the messages, this module owns the sockets.

Why not http.server: it gives a thread to every connection, so a few slow ones hold up all others,
and it parses leniently. h11 is small, strict, bounded, and locked already (httpx needs it).
Everything here has a limit: connections, header bytes, time to send a request, time to take an
response. A body of a request is never understood. Knows nothing of the site.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

import h11

from embedded_eventstore.access.certificates import Certificates
from embedded_eventstore.protocol.server import PortTakenError
from embedded_eventstore.web.exchange import TEXT, Request, Response

MAX_CONNECTIONS = 64
MAX_HEAD_BYTES = 16 * 1024
REQUEST_SECONDS = 15.0
"""From the response before, or from connecting, until a request has arrived."""
RESPONSE_SECONDS = 60.0
"""To make a response, and again for the client to take it."""
HANDSHAKE_SECONDS = 5.0
LINGER_SECONDS = 1.0
"""How long a body that nobody wants may go on arriving."""
CERTIFICATE_SECONDS = 3600.0
"""How often the server's certificate is read again, since it is renewed by itself."""

_COMMON_HEADERS = {
    "Server": "embedded-eventstore",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Respond = Callable[[Request], Awaitable[Response]]

logger = logging.getLogger(__name__)


class HttpServer:
    """Serves requests, over TLS if there are ``certificates``."""

    def __init__(self, respond: Respond, certificates: Certificates | None, name: str) -> None:
        """``name``: how clients call this server."""
        self._respond = respond
        self._certificates = certificates
        self._name = name
        self._context = _tls() if certificates else None
        self._connections: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._renewal: asyncio.TimerHandle | None = None

    async def start(self, address: str, port: int) -> str:
        """Listen; the address to type into a browser, also when ``port`` was 0.

        Raises PortTakenError.
        """
        self._load_certificate()
        handshake = HANDSHAKE_SECONDS if self._context else None
        try:
            self._server = await asyncio.start_server(
                self._accept, address, port, ssl=self._context, ssl_handshake_timeout=handshake
            )
        except OSError as error:
            raise PortTakenError(
                f"Cannot listen on {address}:{port} for HTTP. Does another server?"
                " --http-port 0 picks a free port."
            ) from error
        chosen = self._server.sockets[0].getsockname()[1]
        host = f"[{self._name}]" if ":" in self._name else self._name
        return f"{'https' if self._context else 'http'}://{host}:{chosen}/"

    async def stop(self) -> None:
        """Close all connections."""
        if self._renewal:
            self._renewal.cancel()
        if self._server:
            self._server.close()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    def _load_certificate(self) -> None:
        if self._context and self._certificates:
            try:
                self._certificates.renew_when_due()
            except OSError as error:
                logger.warning("the server's certificate could not be renewed: %s", error)
            self._context.load_cert_chain(self._certificates.server_file)
            loop = asyncio.get_running_loop()
            self._renewal = loop.call_later(CERTIFICATE_SECONDS, self._load_certificate)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= MAX_CONNECTIONS:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await _Connection(reader, writer, self._respond).serve()
        except (OSError, TimeoutError, h11.LocalProtocolError):
            # The client went away, or was too slow: no response can reach it.
            pass
        except asyncio.CancelledError:
            if self._server and self._server.is_serving():
                raise
        finally:
            self._connections.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()


class _Connection:
    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)

    async def serve(self) -> None:
        """Serve requests, one after the other, until either side closes."""
        while await self._serve_one() and self._http.our_state is h11.DONE:
            if self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _serve_one(self) -> bool:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await self._next_event()
            if not isinstance(head, h11.Request):
                return False
            if not isinstance(self._http.next_event(), h11.EndOfMessage):
                await self._refuse_body(head)
                return False
        except h11.RemoteProtocolError as error:
            if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                status = HTTPStatus(error.error_status_hint)
                await self._send(Response(status, TEXT, b"Not understood.\n"), b"GET", last=True)
            return False
        await self._send(await self._response_to(head), head.method)
        return True

    async def _refuse_body(self, head: h11.Request) -> None:
        """A method that may have a body is none of ours; a body of any other is too large."""
        refused = Response(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TEXT, b"Requests have no body here.\n"
        )
        if head.method not in (b"GET", b"HEAD"):
            refused = await self._response_to(head)
        await self._send(refused, head.method, last=True)
        # Closed with bytes unread, the connection would be reset before the response is read.
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                while await self._reader.read(MAX_HEAD_BYTES):
                    pass

    async def _response_to(self, head: h11.Request) -> Response:
        headers = {name.decode(): value.decode("latin-1") for name, value in head.headers}
        request = Request(head.method.decode(), head.target.decode("latin-1"), headers)
        try:
            async with asyncio.timeout(RESPONSE_SECONDS):
                return await self._respond(request)
        except TimeoutError:
            return Response(HTTPStatus.SERVICE_UNAVAILABLE, TEXT, b"That took too long.\n")
        except Exception:
            logger.exception("a request failed")
            return Response(HTTPStatus.INTERNAL_SERVER_ERROR, TEXT, b"That went wrong.\n")

    async def _next_event(self) -> h11.Event | type[h11.PAUSED] | type[h11.NEED_DATA]:
        while True:
            event = self._http.next_event()
            if not isinstance(event, type) or event is h11.PAUSED:
                return event
            self._http.receive_data(await self._reader.read(MAX_HEAD_BYTES))

    async def _send(self, response: Response, method: bytes, *, last: bool = False) -> None:
        headers = {**_COMMON_HEADERS, "Date": formatdate(usegmt=True), **response.headers}
        if response.content_type:
            headers["Content-Type"] = response.content_type
        if response.status is not HTTPStatus.NO_CONTENT:
            headers["Content-Length"] = str(len(response.body))
        if last:
            headers["Connection"] = "close"
        head = h11.Response(
            status_code=response.status,
            headers=list(headers.items()),
            reason=response.status.phrase.encode(),
        )
        sent = self._http.send(head) or b""
        if method != b"HEAD":
            sent += self._http.send(h11.Data(data=response.body)) or b""
        sent += self._http.send(h11.EndOfMessage()) or b""
        self._writer.write(sent)
        async with asyncio.timeout(RESPONSE_SECONDS):
            await self._writer.drain()


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
