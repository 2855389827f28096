"""/metrics at a port of its own, in each process that has something to tell.

Projector and reactor serve no pages, and a web process behind a proxy is one of several and knows
only the shop's name: whoever collects figures needs an address for each. Served by one thread, one
request after another. Knows nothing of which figures there are.
"""

import socket
import sys
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from django.db import connections
from prometheus_client import make_wsgi_app

from barstucks_site.telemetry import metrics_token

CLIENT_SECONDS = 5.0
"""What a client may let the others wait for, each time it is waited for."""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

log = structlog.get_logger(__name__)


class _Handler(WSGIRequestHandler):
    timeout = CLIENT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has there
        """Say nothing: a scraper comes every few seconds."""


class MetricsPort(WSGIServer):
    """Serves this process's figures; with a token, to those who bear it."""

    def __init__(self, host: str, port: int, token: str) -> None:
        """Listen. Raises OSError if that cannot be done there."""
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._token = token
        self._figures: Any = make_wsgi_app()
        super().__init__((host, port), _Handler)
        self.set_app(self._respond)

    def server_bind(self) -> None:
        """Bind, and ask no name server for a name of the address, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong; a client that is silent or went away is nobody's mistake."""
        if not isinstance(sys.exception(), (TimeoutError, ConnectionError)):
            log.exception("metrics.not_sent")

    def start(self) -> None:
        """Serve in the background, for as long as the process lives."""
        threading.Thread(target=self.serve_forever, name="metrics", daemon=True).start()

    def _respond(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return _plain(start_response, "404 Not Found")
        given = environ.get("HTTP_AUTHORIZATION", "")
        if self._token and not metrics_token.carries(given, self._token):
            return _plain(start_response, "401 Unauthorized", ("WWW-Authenticate", "Bearer"))
        try:
            figures: Iterable[bytes] = self._figures(environ, start_response)
            return figures
        finally:
            connections.close_all()  # of this thread; read models may be another file next time


def _plain(start: StartResponse, status: str, *headers: tuple[str, str]) -> list[bytes]:
    start(status, [("Content-Type", "text/plain; charset=utf-8"), *headers])
    return [f"{status}\n".encode()]
