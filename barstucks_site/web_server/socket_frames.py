"""Websockets: frames encoded once for many sockets, and limits to what a client may send.

A consumer finds `SocketFrames` under `scope["extensions"]["barstucks.frames"]`. Knows autobahn and
daphne; nothing of what is sent.
"""

import socket
import sys
import time
from typing import Any

from autobahn.websocket.protocol import PreparedMessage
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

EXTENSION = "barstucks.frames"
LARGEST_FROM_CLIENT = 4 * 1024  # bytes; clients only ever ask for a snapshot
MOST_UNREAD = 32  # messages of one client that its consumer has not read yet
TCP_NOTSENT_LOWAT = 25  # linux/tcp.h; Python has the name since 3.12
MOST_UNSENT = 16 * 1024
"""Bytes in the kernel that are not on their way yet: it would take megabytes, which arrive late."""
MOST_FRAMES = 64
PER_SECONDS = 10.0
"""A client sends a frame now and then: a message, or a pong to daphne's ping every 20 s."""

POLICY_VIOLATION = 1008  # RFC 6455
SERVICE_RESTART = 1012  # IANA's registry of close codes: reconnect soon


class SocketFrames:
    """A socket that takes encoded frames. To be used on the event loop only."""

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self._protocol = protocol

    @staticmethod
    def prepare(text: str) -> PreparedMessage:
        """A text message as the bytes of its frame, to be written to any number of sockets."""
        return PreparedMessage(text.encode(), False, False, True)

    def write(self, prepared: PreparedMessage) -> None:
        """Send a prepared message; nothing happens if the socket is not open."""
        if self._protocol.state == WebSocketProtocol.STATE_OPEN:
            self._protocol.sendPreparedMessage(prepared)

    def waiting_bytes(self) -> int:
        """How much was written but not yet taken by the network: a measure of a slow reader."""
        transport = self._protocol.transport
        if transport is None:
            return 0
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)


class LimitedSocket(WebSocketProtocol):  # type: ignore[misc]
    """Closes when a client sends faster than its consumer reads, or frames that nobody reads."""

    _frames = 0
    _counted_since = 0.0

    def onFrameBegin(self) -> None:  # noqa: N802 - autobahn's name
        """Count every frame: empty parts, pings and pongs never reach the consumer."""
        super().onFrameBegin()
        now = time.monotonic()
        if now - self._counted_since > PER_SECONDS:
            self._counted_since, self._frames = now, 0
        self._frames += 1
        if self._frames == MOST_FRAMES:
            self.muted = True
            self.serverClose(code=POLICY_VIOLATION)
            self.transport.pauseProducing()  # autobahn cuts it off a second later

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Have what waits for a slow reader wait here, where it is seen."""
        super().connectionMade()
        connection = self.transport.getHandle()
        if sys.platform == "linux" and connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, MOST_UNSENT)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803 - autobahn's
        if self.application_queue.qsize() >= MOST_UNREAD:
            self.muted = True
            self.serverClose(code=POLICY_VIOLATION)
            return
        super().onMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802, N803
        """The socket closed: the consumer must learn it in every case."""
        self.muted = False
        super().onClose(wasClean, code, reason)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        super().connectionLost(reason)
        peer = self.transport.getPeer()
        self.factory.server_class.connection_limit.release(str(peer.host), peer.port)

    def restart(self) -> None:
        """Ask the client to reconnect: this process is closing."""
        self.serverClose(code=SERVICE_RESTART)

    def serverClose(self, code: int | None = None) -> None:  # noqa: N802 - daphne's name
        """Close with any code. Autobahn's `sendClose` knows only 1000 and those from 3000 up."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code=1000 if code is None else code, isReply=False)


class SocketFactory(WebSocketFactory):  # type: ignore[misc]
    """Makes limited sockets; offers no compression."""

    protocol = LimitedSocket
