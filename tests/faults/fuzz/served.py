"""The whole web application in this process: requests as ASGI messages, and what came back.

No socket and no server: thousands of requests in seconds. Everything that was logged as a defect
meanwhile is part of the response. Knows no page.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

from django.conf import settings
from django.core.signals import request_finished
from django.db import connections
from django.test import override_settings

CSRF = "c" * 32
ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Response:
    """What came back; `defects` are the tracebacks and errors that were logged meanwhile."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    set_cookies: frozenset[str]
    defects: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")


class Defects(logging.Handler):
    """Keeps what is logged with a traceback, or as an error."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it as text."""
        event = record.msg if isinstance(record.msg, dict) else {}
        if record.exc_info or event.get("exc_info") or record.levelno >= logging.ERROR:
            self.found.append(logging.Formatter().format(record))


@dataclass
class Browser:
    """One person's cookies. A form token is always right: forgeries have tests of their own."""

    cookies: dict[str, str] = field(default_factory=dict)

    def header(self) -> str:
        """The value of the Cookie header."""
        return "; ".join(f"{n}={v}" for n, v in {**self.cookies, "csrf": CSRF}.items())

    def keep(self, set_cookie: Sequence[str]) -> None:
        """Take in what a response sets; the session stays, so that a role stays a role."""
        for line in set_cookie:
            for name, morsel in SimpleCookie(line).items():
                if name == "basket" or name == "counter":
                    self.cookies[name] = morsel.value


class Served:
    """The application, called message by message. To be closed by `serving`."""

    def __init__(self) -> None:
        self._application: Any = unlimited_application()
        self._runner = asyncio.Runner()
        self._defects = Defects()
        self.requests = 0

    def ask(
        self,
        browser: Browser,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        body: bytes = b"",
        headers: Mapping[str, bytes] | None = None,
        address: str = ADDRESS,
    ) -> Response:
        """One request, from the first byte to the last. `path` is percent-encoded."""
        self.requests += 1
        given = {
            "host": b"localhost",
            "cookie": browser.header().encode("latin1"),
            "x-csrftoken": CSRF.encode(),
            "content-length": str(len(body)).encode(),
            **(headers or {}),
        }
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),  # as daphne does
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "headers": [(name.encode(), value) for name, value in given.items()],
            "client": [address, 40_000],
            "server": [ADDRESS, 8000],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def respond() -> None:
            try:
                await self._application(scope, receive, send)
            except Exception:
                # What the web server would do with it.
                logging.exception("nobody caught this")
                sent[:] = [{"status": 500, "headers": []}]

        self._defects.found.clear()
        self._runner.run(respond())
        raw = [(n.decode().lower(), v.decode("latin1")) for n, v in sent[0]["headers"]]
        cookies = [value for name, value in raw if name == "set-cookie"]
        browser.keep(cookies)
        return Response(
            status=sent[0]["status"],
            headers=dict(raw),
            body=b"".join(message.get("body", b"") for message in sent[1:]),
            set_cookies=frozenset(name for line in cookies for name in SimpleCookie(line)),
            defects=tuple(self._defects.found),
        )

    def open(self) -> None:
        """Begin to listen to what is logged."""
        logging.getLogger().addHandler(self._defects)
        request_finished.connect(_close_connections)

    def close(self) -> None:
        """End; the threads of the requests keep no connection to a test's database."""
        request_finished.disconnect(_close_connections)
        logging.getLogger().removeHandler(self._defects)
        self._runner.close()


@cache
def unlimited_application() -> Any:
    """The application without limits for an address: it reads them when it is loaded.

    Django is set up already; once more would take the log away from tests that capture it.
    """
    no_limits = dict.fromkeys(settings.LIMITS)
    with override_settings(LIMITS=no_limits), patch("django.setup"):
        return import_module("barstucks_site.asgi").application


def _close_connections(**_signal: Any) -> None:
    connections.close_all()


@contextmanager
def serving() -> Iterator[Served]:
    """The application, for one test."""
    served = Served()
    served.open()
    try:
        yield served
    finally:
        served.close()
