"""Django's ASGI handler with one change of threads per request: middleware and view run in it.

Django's own changes threads for every synchronous middleware and view; one change costs half of
that for a real view and a sixth for a trivial one (tests/load/threaded_handler.py measures it).
Knows ASGI and Django's handler, and nothing of the shop.
"""

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

import structlog
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from barstucks_site.web_server.asgi_request import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    read_body,
)

THREADS = 8  # requests spend most of their time waiting for the log or the disk
MOST_WAITING = 256  # requests beyond those in a thread; the next one gets 503

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NEVER_ALLOWED = {"TRACE", "CONNECT"}  # a bare Django view would respond with 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Response:
    """What is sent. Nothing of the shop streams: a streaming response is sent when it is whole."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def plain(status: int, sentence: str, *more: tuple[bytes, bytes]) -> Response:
    """A response that needs no template and so cannot fail."""
    body = f"{sentence}\n".encode()
    length = str(len(body)).encode()
    kind = (b"Content-Type", b"text/plain; charset=utf-8")
    return Response(status, [kind, (b"Content-Length", length), *more], body)


TOO_LARGE = plain(413, "That is more than the shop reads at once.", (b"Connection", b"close"))
BUSY = plain(503, "The shop is very busy. Please try again.", (b"Retry-After", b"2"))
NOT_ALLOWED = plain(405, "This method is not known here.", (b"Allow", ", ".join(METHODS).encode()))
BROKEN = plain(500, "We spilled something. The shop has been told.")
UNREADABLE = plain(400, "That request cannot be read.")


class ThreadedHandler(BaseHandler):
    """The ASGI application for HTTP. Threads are made when first needed and live on."""

    def __init__(self, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._most = threads + most_waiting
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. Never raises for what a client or a view does."""
        try:
            response = await self._respond(scope, receive)
        except ClientGone:
            return
        start = {"status": response.status, "headers": response.headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": response.body})

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] in NEVER_ALLOWED:
            return NOT_ALLOWED
        try:
            body = await read_body(scope, receive)
        except BodyTooLarge:
            return TOO_LARGE
        if self._under_way >= self._most:
            return BUSY
        self._under_way += 1
        try:
            in_context = partial(contextvars.copy_context().run, self._handle, scope, body)
            return await asyncio.get_running_loop().run_in_executor(self._pool, in_context)
        finally:
            self._under_way -= 1

    def _handle(self, scope: Scope, body: bytes) -> Response:
        """The whole request, in one thread: as Django's WSGI handler would do it."""
        set_script_prefix(f"{scope.get('root_path', '').rstrip('/')}/")
        try:
            request_started.send(sender=type(self), scope=scope)
            try:
                request = ASGIRequest(scope, BytesIO(body))
            except UnicodeDecodeError:
                return UNREADABLE
            made: Any = self.get_response(request)
            response = Response(made.status_code, _headers(made), made.getvalue())
            made.close()  # sends request_finished, at which Django closes old connections
            return response
        except Exception:
            log.exception("request.broken", path=scope["path"])
            return BROKEN


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers.extend(
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    )
    return headers
