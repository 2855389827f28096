"""The response to a request that is over a limit: the shop's own page, or problem+json.

It is made on the event loop, where a template costs everybody else: pages are kept once made.
"""

from functools import lru_cache
from io import BytesIO
from typing import Any
from uuid import uuid4

from csp.middleware import CSPMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware

from barstucks_site.admission.request_kinds import Kind
from barstucks_site.web_server.asgi_request import Scope, header
from orders.responses import ProblemDetails, problem_response

SENTENCES = {
    Kind.MENU: "Too many pages were asked for from where you are.",
    Kind.ORDERS: "Too many orders came in at once from where you are. This one was not taken.",
    Kind.LOGINS: "Too many logins were tried from where you are.",
    Kind.EXPORTS: "Your data was asked for too often.",
    Kind.LINKS: "Too many links that are not ours were tried from where you are.",
    Kind.TRACKING: "This page was asked for too often.",
    Kind.PAGES: "Too many pages were asked for from where you are.",
}
SAID_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""How long to wait is said in these steps, so that few different pages have to be kept."""

Headers = list[tuple[bytes, bytes]]


def said_seconds(wait: float) -> int:
    """The step of `SAID_SECONDS` that is long enough; the last one for anything longer."""
    return next((step for step in SAID_SECONDS if step >= wait), SAID_SECONDS[-1])


def refusal(scope: Scope, kind: Kind, wait: float) -> tuple[Headers, bytes]:
    """Headers and body of a 429 that says to come back after `wait` seconds."""
    wants_json = scope["path"].startswith("/api/") or "json" in header(scope, b"accept")
    page = _page if not wants_json else _page.__wrapped__
    return page(kind, said_seconds(wait), wants_json)


@lru_cache(maxsize=len(Kind) * len(SAID_SECONDS) * 2)
def _page(kind: Kind, seconds: int, wants_json: bool) -> tuple[Headers, bytes]:
    problem = ProblemDetails(429, "too_many_requests", SENTENCES[kind], seconds)

    def view(request: Any) -> HttpResponse:
        return problem_response(request, problem)

    # With the headers that Django's middleware gives to every other page of the shop.
    with_headers = SecurityMiddleware(CSPMiddleware(XFrameOptionsMiddleware(view)))
    response: Any = with_headers(_request(wants_json))
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    body = response.content
    return [*headers, (b"Content-Length", str(len(body)).encode())], body


def _request(wants_json: bool) -> ASGIRequest:
    """A request that asks for a page of that kind, and says nothing about who asks."""
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/",
        "query_string": b"",
        "headers": [
            (b"accept", b"application/json" if wants_json else b"text/html"),
            (b"x-forwarded-proto", b"https"),
        ],
    }
    request = ASGIRequest(scope, BytesIO())
    request.correlation_id = uuid4().hex  # type: ignore[attr-defined]
    return request
