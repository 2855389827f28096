"""Django's ASGI handler with one change of threads per request: middleware and view run in it.

Django's own changes threads for every synchronous middleware and view; one change costs half of
that for a real view and a sixth for a trivial one (tests/load/threaded_handler.py measures it).
Knows ASGI and Django's handler, and nothing of the shop.
"""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any, TypeVar

import structlog
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponseBase
from django.urls import set_script_prefix

from barstucks_site.web_server.request_body import (
    BodyTooLarge,
    BodyTooSlow,
    ClientGone,
    Receive,
    Scope,
    Send,
    read_body,
)

THREADS = 8  # requests spend most of their time waiting for the log or the disk
MOST_WAITING = 256  # requests beyond those in a thread; the next one is told to come back

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NEVER_ALLOWED = {"TRACE", "CONNECT"}  # a bare Django view would answer them with 200

log = structlog.get_logger(__name__)

Headers = list[tuple[bytes, bytes]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire; `stream` is a response that is made while it is sent."""

    status: int
    headers: Headers
    body: bytes
    stream: HttpResponseBase | None = None


def plain(status: int, sentence: str, *more: tuple[bytes, bytes]) -> Answer:
    """An answer that needs no template and so cannot fail."""
    body = f"{sentence}\n".encode()
    length = str(len(body)).encode()
    kind = (b"Content-Type", b"text/plain; charset=utf-8")
    return Answer(status, [kind, (b"Content-Length", length), *more], body)


TOO_LARGE = plain(413, "That is more than the shop reads at once.", (b"Connection", b"close"))
TOO_SLOW = plain(408, "The request did not arrive in time.", (b"Connection", b"close"))
BUSY = plain(503, "The shop is very busy. Please try again.", (b"Retry-After", b"2"))
NOT_ALLOWED = plain(405, "This method is not known here.", (b"Allow", ", ".join(METHODS).encode()))
BROKEN = plain(500, "We spilled something. The shop has been told.")
UNREADABLE = plain(400, "That request cannot be read.")


class ThreadedHandler(BaseHandler):
    """The ASGI application for HTTP. Threads are made when first needed and live on."""

    request_class = ASGIRequest

    def __init__(self, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._most = threads + most_waiting
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Never raises for what a client or a view does."""
        try:
            answer = await self._answer(scope, receive)
        except ClientGone:
            return
        if answer.stream is None:
            await _start(send, answer)
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await self._send_stream(answer, answer.stream, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] in NEVER_ALLOWED:
            return NOT_ALLOWED
        try:
            body = await read_body(scope, receive)
        except BodyTooLarge:
            return TOO_LARGE
        except BodyTooSlow:
            return TOO_SLOW
        if self._under_way >= self._most:
            return BUSY
        self._under_way += 1
        try:
            return await self._in_thread(self._handle, scope, body)
        finally:
            self._under_way -= 1

    async def _in_thread(self, work: Callable[..., Result], *arguments: Any) -> Result:
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(context.run, work, *arguments))

    def _handle(self, scope: Scope, body: bytes) -> Answer:
        """The whole request, in one thread: as Django's WSGI handler would do it."""
        set_script_prefix(f"{scope.get('root_path', '').rstrip('/')}/")
        try:
            request_started.send(sender=type(self), scope=scope)
            try:
                request = self.request_class(scope, BytesIO(body))
            except UnicodeDecodeError:
                return UNREADABLE
            response = self.get_response(request)
            if response.streaming:
                return Answer(response.status_code, _headers(response), b"", response)
            answer = Answer(response.status_code, _headers(response), response.content)  # type: ignore[attr-defined]
            response.close()  # sends request_finished: connections are looked after here
            return answer
        except Exception:
            log.exception("request.broken", path=scope["path"])
            return BROKEN

    async def _send_stream(
        self, answer: Answer, response: HttpResponseBase, receive: Receive, send: Send
    ) -> None:
        loop = asyncio.get_running_loop()
        gone = threading.Event()

        def pump() -> None:
            try:
                for part in _parts(response):
                    if gone.is_set():
                        return
                    message = {"type": "http.response.body", "body": part, "more_body": True}
                    asyncio.run_coroutine_threadsafe(_sent(send, message), loop).result()
            finally:
                response.close()

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            gone.set()

        watching = asyncio.ensure_future(watch())
        try:
            await _start(send, answer)
            await self._in_thread(pump)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.set()
            watching.cancel()


async def _start(send: Send, answer: Answer) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})


async def _sent(send: Send, message: dict[str, Any]) -> None:
    await send(message)


def _headers(response: HttpResponseBase) -> Headers:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers.extend(
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    )
    return headers


def _parts(response: HttpResponseBase) -> Iterator[bytes]:
    for part in response:
        yield bytes(part)
