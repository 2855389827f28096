"""HTTP connections with limits, because daphne has none and the shop may stand without a proxy.

A body that is too large is refused before it is read (413), a slow request is cut off, and the
number of connections is limited, in all and of one address. A request that two servers could read
in two ways is refused (400): that is how one is smuggled past a proxy. Knows Twisted and daphne;
nothing of Django.
"""

import json
from collections import Counter
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.web import http
from twisted.web.http_headers import Headers

from barstucks_site.web_server.asgi_request import LARGEST_BODY
from barstucks_site.web_server.listening import LOOPBACK

HEADER_SECONDS = 10.0
BODY_SECONDS = 15.0
IDLE_SECONDS = 60
LINGER_SECONDS = 2.0  # a refused client may finish reading the response
MOST_CONNECTIONS = 5_000
MOST_PER_ADDRESS = 100

NOT_FROM_CLIENTS = b"Daphne-Root-Path"
"""A header with which daphne lets a proxy move the whole site; here nobody may."""


PROGRAMS = b"/api/"
"""Below this address programs ask: they are refused in JSON (RFC 9457)."""


def _last_response(status: str, text: str, kind: str = "text/plain; charset=utf-8") -> bytes:
    """A response after which the connection is closed."""
    body = f"{text}\n".encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body


TOO_LARGE_STATUS = "413 Content Too Large"
TOO_LARGE_WORDS = "That is more than the shop reads at once."
TOO_LARGE = _last_response(TOO_LARGE_STATUS, TOO_LARGE_WORDS)
TOO_LARGE_FOR_PROGRAMS = _last_response(
    TOO_LARGE_STATUS,
    json.dumps(
        {
            "type": "urn:barstucks:problem:too_large",
            "status": 413,
            "code": "too_large",
            "title": "That is too much at once",
            "detail": TOO_LARGE_WORDS,
        }
    ),
    "application/problem+json",
)
UNREADABLE = _last_response("400 Bad Request", "That request cannot be read.")

NO_GUESSING = (b"x-content-type-options", b"nosniff")


_Channel: Any = http.HTTPChannel  # half typed


class ConnectionLimit:
    """Counts connections, in all and by address. `per_address` is None behind a proxy."""

    def __init__(self, most: int, per_address: int | None) -> None:
        self._most = most
        self._per_address = per_address
        self._open: set[tuple[str, int]] = set()
        self._of_address: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def admit(self, host: str, port: int) -> bool:
        """Count a connection, unless there are too many. This machine's own are only counted."""
        limited = self._per_address is not None and host not in LOOPBACK
        if self.count >= self._most or (
            limited and self._of_address[host] >= (self._per_address or 0)
        ):
            return False
        if (host, port) not in self._open:
            self._open.add((host, port))
            self._of_address[host] += 1
        return True

    def release(self, host: str, port: int) -> None:
        """A connection ended; daphne may say so twice."""
        if (host, port) in self._open:
            self._open.remove((host, port))
            self._of_address[host] -= 1
            if not self._of_address[host]:
                del self._of_address[host]


class LimitedRequest(WebRequest):  # type: ignore[misc]
    """Limits a chunked body, and closes its connection while the server closes."""

    error_template = "<!doctype html><title>%(title)s</title><h1>%(title)s</h1><p>%(body)s</p>"
    _received = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        # Django reads the form; reading it here too takes a twelfth of the whole request.
        super().__init__(*arguments, parsePOSTFormSubmission=False, **named)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._received += len(data)
        if self._received > LARGEST_BODY:
            self.channel.refuse_body()
        else:
            super().handleContentChunk(data)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Pass a part of a response on; whatever it is, browsers do not guess its type."""
        if message.get("type") == "http.response.start":
            headers = list(message.get("headers", ()))
            if not any(name.lower() == NO_GUESSING[0] for name, _value in headers):
                message = {**message, "headers": [*headers, NO_GUESSING]}
        if message.get("type") == "http.response.start" and self.server.closing:
            if self.channel is not None:
                self.channel.persistent = 0
            self.responseHeaders.setRawHeaders(b"Connection", [b"close"])
        super().handle_reply(message)


def is_ambiguous(headers: Headers, version: bytes) -> bool:
    """Whether another server might read where the request ends, or whose it is, in another way.

    RFC 9112: a request of HTTP/1.1 has one Host (3.2); the length of a body is given once (6.3).
    """
    hosts = headers.getRawHeaders(b"Host", [])
    codings = headers.getRawHeaders(b"Transfer-Encoding", [])
    lengths = headers.getRawHeaders(b"Content-Length", [])
    has_host = len(hosts) == 1 or (not hosts and version == b"HTTP/1.0")
    is_chunked = [coding.lower() for coding in codings] == [b"chunked"] and version == b"HTTP/1.1"
    return not has_host or (bool(codings) and not is_chunked) or len(codings) + len(lengths) > 1


class LimitedChannel(_Channel):  # type: ignore[misc]
    """A connection with absolute deadlines: Twisted's own start again with every byte."""

    requestFactory = LimitedRequest  # noqa: N815 - Twisted's name
    _deadline: Any = None
    _refused = False
    _awaited: float | None = None  # seconds that what is awaited now may take
    _is_timed = True

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        super().connectionMade()
        self._await(HEADER_SECONDS)
        self._set_clock()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Bytes came: a request begins, goes on, or is thrown away."""
        if self._refused:
            return
        if self._awaited is None and not self._handlingRequest:
            self._await(HEADER_SECONDS)
        super().dataReceived(data)
        self._set_clock()  # only now: most requests come whole, and then none is needed

    def requestDone(self, request: Any) -> None:  # noqa: N802 - Twisted's name
        """A response is through: the next request may be here already, in part."""
        super().requestDone(request)
        self._set_clock()

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        if not self._refused:
            super().lineReceived(line)

    def headerReceived(self, line: bytes) -> bool:  # noqa: N802 - Twisted's name
        """Whether the header is in order. Twisted raises for a length of thousands of digits."""
        try:
            return bool(super().headerReceived(line))
        except ValueError:
            self.refuse(UNREADABLE)
            return False

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """A line longer than 16 KB: Twisted would hang up without a word."""
        self.refuse(UNREADABLE)

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's name
        self._await(BODY_SECONDS)
        headers = self.requests[-1].requestHeaders
        headers.removeHeader(NOT_FROM_CLIENTS)
        if is_ambiguous(headers, self._version):
            self.refuse(UNREADABLE)
        elif self.length is not None and self.length > LARGEST_BODY:
            self.refuse_body()
        else:
            super().allHeadersReceived()

    def allContentReceived(self) -> None:  # noqa: N802 - Twisted's name
        if self._refused:
            return
        self._await(None)
        super().allContentReceived()

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if not self._refused:
            super().rawDataReceived(data)

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        self._within(None)
        super().connectionLost(reason)
        peer = self.transport.getPeer()
        self.factory.connection_limit.release(str(peer.host), peer.port)

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802 - Twisted's name
        self.refuse(UNREADABLE)

    def refuse_body(self) -> None:
        """Read no more of a body that is too large."""
        is_programs = self._path.startswith(PROGRAMS)
        self.refuse(TOO_LARGE_FOR_PROGRAMS if is_programs else TOO_LARGE)

    def refuse(self, response: bytes) -> None:
        """Respond at once, and read nothing more into memory."""
        if self._refused:
            return
        self._refused = True
        self.persistent = 0
        self.transport.write(response)
        self.transport.loseWriteConnection()
        self._within(LINGER_SECONDS)

    def _await(self, seconds: float | None) -> None:
        self._awaited = seconds
        self._is_timed = False

    def _set_clock(self) -> None:
        if not self._is_timed and not self._refused:
            self._is_timed = True
            self._within(self._awaited)

    def _within(self, seconds: float | None) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = (
            None if seconds is None else self.callLater(seconds, self.transport.abortConnection)
        )


class LimitedFactory(HTTPFactory):  # type: ignore[misc]
    """Makes limited connections for one server."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.protocol = LimitedChannel
        self.timeOut = IDLE_SECONDS
        self.connection_limit = server.connection_limit

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        """A connection for a client, or None to hang up."""
        if not self.connection_limit.admit(str(addr.host), addr.port):
            return None
        return http.HTTPFactory.buildProtocol(self, addr)

    def log(self, request: Any) -> None:
        """Write no line: the server logs requests itself, and Twisted's lines nobody reads."""
