"""The web server: daphne with limits and a graceful shutdown.

On SIGTERM it is not ready any more, stops listening, asks websockets to reconnect, lets requests
under way finish, and ends. Daphne alone would cut them off. Runs in the main thread of a process.
"""

import asyncio
import gc
import resource
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any, cast

import structlog
from daphne.server import Server, twisted_loop  # first: installs Twisted's asyncio reactor
from twisted.internet import reactor as installed_reactor
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, globalLogBeginner

from barstucks_site.log_lines import mask
from barstucks_site.web_server.http_channel import (
    MOST_CONNECTIONS,
    MOST_PER_ADDRESS,
    ConnectionLimit,
    LimitedFactory,
    LimitedRequest,
)
from barstucks_site.web_server.socket_frames import (
    EXTENSION,
    LARGEST_FROM_CLIENT,
    LimitedSocket,
    SocketFactory,
    SocketFrames,
)

RESPONSE_SECONDS = 15  # then daphne sends a bare 503: the handler answers long before
SWITCH_SECONDS = 0.001  # so long a computing thread keeps the event loop out; Python's own: 0.005
DRAIN_SECONDS = 10.0  # what requests under way may still take when the server stops
CLOSE_SECONDS = 1.5  # what websockets may take to close
POLL_SECONDS = 0.02

reactor: Any = installed_reactor
log = structlog.get_logger(__name__)


class ShopServer(Server):  # type: ignore[misc]
    """Serves on a listening socket. `run()` returns when it has stopped."""

    def __init__(
        self,
        application: Any,
        listening: socket.socket,
        *,
        proxied: bool,
        log_requests: bool,
        when_ready: Callable[[], None] = lambda: None,
        when_closing: Callable[[], None] = lambda: None,
        observe: Callable[[str, int, float], None] = lambda method, status, seconds: None,
    ) -> None:
        super().__init__(
            application,
            endpoints=["adopted"],
            http_timeout=RESPONSE_SECONDS,
            websocket_timeout=-1,  # daphne's 24 hours would end with 1000: "do not come back"
            websocket_max_message_size=LARGEST_FROM_CLIENT,
            websocket_max_frame_size=LARGEST_FROM_CLIENT,
            action_logger=self._log_action,
            server_name="",
        )
        per_address = None if proxied else MOST_PER_ADDRESS
        self.connection_limit = ConnectionLimit(MOST_CONNECTIONS, per_address)
        self.closing = False
        self._listening = listening
        self._log_requests = log_requests
        self._when_ready = when_ready
        self._when_closing = when_closing
        self._observe = observe
        self._port: Any = None

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        _raise_open_files_limit()
        sys.setswitchinterval(SWITCH_SECONDS)
        _look_for_garbage_seldom()
        self.connections: dict[Any, dict[str, Any]] = {}
        self.ws_factory = SocketFactory(self, server=self.server_name)
        self.ws_factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            failByDrop=False,  # say why: 1009 for a message that is too long
            allowNullOrigin=True,  # the origin is judged by the application
            openHandshakeTimeout=self.websocket_handshake_timeout,
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
        )
        globalLogBeginner.beginLoggingTo(
            [cast(ILogObserver, _log_failures)], redirectStandardIO=False, discardBuffer=True
        )
        asyncio.set_event_loop(twisted_loop)
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        self._listening.setblocking(False)
        self._port = reactor.adoptStreamPort(
            self._listening.fileno(), self._listening.family, LimitedFactory(self)
        )
        self._listening.close()  # the reactor has its own copy
        for number in (signal.SIGTERM, signal.SIGINT):
            twisted_loop.add_signal_handler(number, self.close)
        reactor.callWhenRunning(self._when_ready)
        reactor.run(installSignalHandlers=False)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Give websockets their frames, then let daphne start the application."""
        if scope["type"] == "websocket":
            scope["extensions"] = {EXTENSION: SocketFrames(protocol)}
        return super().create_application(protocol, scope)

    def close(self) -> None:
        """Begin to stop; a second call stops at once."""
        if self.closing:
            reactor.stop()
            return
        self.closing = True
        log.info(
            "web.closing", under_way=self._under_way(), connections=self.connection_limit.count
        )
        self._when_closing()
        twisted_loop.create_task(self._drain())

    async def _drain(self) -> None:
        stopped: Deferred[Any] | None = self._port.stopListening()
        if stopped is not None:
            await stopped.asFuture(twisted_loop)
        for protocol in list(self.connections):
            if isinstance(protocol, LimitedSocket):
                protocol.restart()
        await _until(lambda: self._open_sockets() == 0, CLOSE_SECONDS)
        if not await _until(lambda: self._under_way() == 0, DRAIN_SECONDS - CLOSE_SECONDS):
            log.warning("web.cut_off", requests=self._under_way())
        await asyncio.sleep(0.05)  # the last responses leave the buffers
        reactor.stop()

    def kill_all_applications(self) -> Any:
        """Nothing to kill: `close` has waited. Daphne's own fails on a half-sent request."""

    def _under_way(self) -> int:
        return sum(
            isinstance(protocol, LimitedRequest)
            and "application_instance" in details
            and not details["application_instance"].done()
            for protocol, details in self.connections.items()
        )

    def _open_sockets(self) -> int:
        return sum(
            isinstance(protocol, LimitedSocket) and "disconnected" not in details
            for protocol, details in self.connections.items()
        )

    def _log_action(self, protocol: str, action: str, details: dict[str, Any]) -> None:
        if protocol != "http" or action != "complete":
            return
        method, status, seconds = details["method"], details["status"], details["time_taken"]
        self._observe(method, status, seconds)
        if self._log_requests or status >= 500:
            path = mask(details["path"])
            log.info("request", method=method, path=path, status=status, seconds=round(seconds, 4))


async def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, at most so many seconds; whether it came true."""
    for _ in range(int(seconds / POLL_SECONDS)):
        if condition():
            return True
        await asyncio.sleep(POLL_SECONDS)
    return condition()


def _look_for_garbage_seldom() -> None:
    """A request leaves hardly any garbage in cycles; looking for it takes a seventh of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _raise_open_files_limit() -> None:
    """Every connection is an open file, and the soft limit is often 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS * 2
    if soft != resource.RLIM_INFINITY and soft < wanted:
        highest = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest, hard))


def _log_failures(event: dict[str, Any]) -> None:
    """Log the failures that nobody handled, and nothing else of Twisted's log."""
    failure = event.get("log_failure")
    if failure is not None:
        log.error("web.failure", because=failure.getErrorMessage(), at=failure.getTraceback())
