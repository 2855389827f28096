"""Django's ASGI handler with one change of threads per request: middleware and view run in it.

Django's own changes threads for every synchronous middleware and view; one change costs half of
that for a real view and a sixth for a trivial one (`bin/bench G1` measures both).
Requests of different kinds have pools of their own, and each is answered in time: what has not
begun by then is dropped. Knows ASGI and Django's handler, and nothing of the shop: which pool a
request belongs to, and how a refusal looks, are arguments.
"""

import asyncio
import codecs
import contextvars
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from io import BytesIO
from typing import Any

import structlog
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.http import HttpResponseBase
from django.urls import set_script_prefix
from django.utils.http import parse_header_parameters
from prometheus_client import Counter

from barstucks_site.log_lines import mask
from barstucks_site.web_server.asgi_request import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    header,
    read_body,
)
from barstucks_site.web_server.request_pool import (
    PoolFull,
    PoolSize,
    RefusalPace,
    RequestPool,
)

ANSWER_SECONDS = 4.5
"""A request is answered within so many seconds of its arrival; 5 s is what the shop promises."""

ANSWER_UNTIL = "barstucks.answer_until"
"""In the scope: the moment (`time.monotonic`) until which it has to be answered, if it is set."""

ONE_POOL: Mapping[str, PoolSize] = {"all": PoolSize(threads=8, waiting=256)}
"""For a site whose requests are all alike."""

CHARACTER_SETS = {"utf-8", "ascii", "iso8859-1"}
"""By Python's names. It knows many others, and raises for some of them wherever a text is read."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NEVER_ALLOWED = {"TRACE", "CONNECT"}  # a bare Django view would respond with 200

REFUSED = Counter("barstucks_requests_refused", "Requests that found no thread", ["pool"])
LATE = Counter("barstucks_requests_late", "Requests whose view was not done in time", ["pool"])

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
NOT_ALLOWED = plain(405, "This method is not known here.", (b"Allow", ", ".join(METHODS).encode()))
BROKEN = plain(500, "We spilled something. The shop has been told.")


class Refusal(Enum):
    """Why a request gets no response of its view."""

    BUSY = auto()  # certainly nothing was done: no thread was free in time, or it only reads
    OUTCOME_UNKNOWN = auto()  # it began, did not end in time, and may have changed something
    UNREADABLE = auto()  # Django makes no request of it


PLAIN_REFUSALS = {
    Refusal.BUSY: plain(503, "Very busy just now. Please try again.", (b"Retry-After", b"2")),
    Refusal.OUTCOME_UNKNOWN: plain(
        504, "Not known whether that went through. Please check.", (b"Retry-After", b"2")
    ),
    Refusal.UNREADABLE: plain(400, "That request cannot be read."),
}


class ThreadedHandler(BaseHandler):
    """The ASGI application for HTTP."""

    def __init__(
        self,
        pools: Mapping[str, PoolSize] = ONE_POOL,
        pool_of: Callable[[Scope], str] | None = None,
        refuse: Callable[[Scope, Refusal], Response] | None = None,
    ) -> None:
        """`pool_of` names the pool of a request; without it all belong to the first."""
        super().__init__()
        self.load_middleware(is_async=False)
        self._pools = {name: RequestPool(name, size) for name, size in pools.items()}
        first = next(iter(pools))
        self._pool_of = pool_of or (lambda _scope: first)
        self._pace = RefusalPace()
        self._refuse = refuse or (lambda _scope, refusal: PLAIN_REFUSALS[refusal])

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
        until = scope.get(ANSWER_UNTIL) or time.monotonic() + ANSWER_SECONDS
        try:
            body = await read_body(scope, receive)
        except BodyTooLarge:
            return TOO_LARGE
        in_context = partial(contextvars.copy_context().run, self._handle, scope, body)
        pool = self._pool_of(scope)
        if time.monotonic() >= until:
            LATE.labels(pool).inc()
            return self._refuse(scope, Refusal.BUSY)
        try:
            work = self._pools[pool].submit(in_context)
        except PoolFull:
            REFUSED.labels(pool).inc()
            await asyncio.sleep(self._pace.delay())
            return self._refuse(scope, Refusal.BUSY)
        try:
            await asyncio.wait({asyncio.wrap_future(work)}, timeout=until - time.monotonic())
            if work.done():
                return work.result()
            LATE.labels(pool).inc()
            return self._late(scope, work)
        finally:
            work.cancel()  # the client is gone: what has not begun is not worth beginning

    def _late(self, scope: Scope, work: Future[Response]) -> Response:
        never_begun = work.cancel()
        if never_begun or scope["method"] in SAFE_METHODS:
            return self._refuse(scope, Refusal.BUSY)
        log.warning("request.outcome_unknown", path=mask(scope["path"]))
        return self._refuse(scope, Refusal.OUTCOME_UNKNOWN)

    def _handle(self, scope: Scope, body: bytes) -> Response:
        """The whole request, in one thread: as Django's WSGI handler would do it."""
        set_script_prefix(f"{scope.get('root_path', '').rstrip('/')}/")
        try:
            request_started.send(sender=type(self), scope=scope)
            if not has_known_characters(scope):
                return self._refuse(scope, Refusal.UNREADABLE)
            try:
                request = ASGIRequest(scope, BytesIO(body))
            except (UnicodeDecodeError, SuspiciousOperation):  # it may read the query already
                return self._refuse(scope, Refusal.UNREADABLE)
            made = self.get_response(request)
            response = response_of(made)
            made.close()  # sends request_finished, at which Django closes old connections
            return response
        except Exception:
            log.exception("request.broken", path=scope["path"])
            return BROKEN


def has_known_characters(scope: Scope) -> bool:
    """Whether the request is in one of `CHARACTER_SETS`, or does not say in which."""
    sent = header(scope, b"content-type")
    if "charset" not in sent.lower():
        return True
    _, parameters = parse_header_parameters(sent)
    try:
        return codecs.lookup(parameters.get("charset", "utf-8")).name in CHARACTER_SETS
    except (LookupError, ValueError):  # ValueError for a null character
        return False


def response_of(made: Any) -> Response:
    """A response of Django's as it is sent."""
    return Response(made.status_code, _headers(made), made.getvalue())


def _headers(response: HttpResponseBase) -> list[tuple[bytes, bytes]]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers.extend(
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    )
    return headers
