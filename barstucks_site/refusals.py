"""What somebody sees whose request got no thread, was not finished in time, or cannot be read.

The shop's own page or its problem+json, drawn once at the start: a flood of refusals costs neither
threads nor templates. Each gets a request id of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import set_urlconf
from django.utils.translation import override

from barstucks_site.correlation import HEADER
from barstucks_site.web_server.asgi_request import Scope, header
from barstucks_site.web_server.threaded_handler import Refusal, Response, response_of
from orders.domain.words import Words
from orders.event_store import OutcomeUnknown
from orders.languages import language_of, translated
from orders.responses import RETRY_AFTER, ProblemDetails, problem_response
from orders.shop_state import shop_as_known
from staff.permissions import wants_json

PROBLEMS = {
    Refusal.BUSY: ProblemDetails(
        503,
        "busy",
        Words(
            "There are more people here than we can serve at once. Please try again in a moment."
        ),
        RETRY_AFTER,
    ),
    Refusal.OUTCOME_UNKNOWN: ProblemDetails(
        504, OutcomeUnknown.code, OutcomeUnknown.sentence, RETRY_AFTER
    ),
    Refusal.UNREADABLE: ProblemDetails(400, "bad_request", Words("That request cannot be read.")),
}

REQUEST_ID = uuid4().hex
"""Stands in the drawn pages where the id of each request belongs: of the same length."""


class _Drawing(BaseHandler):
    """All of the middleware around one problem: a refusal has the headers of every page."""

    def __init__(self, problem: ProblemDetails) -> None:
        self._problem = problem
        self.load_middleware(is_async=False)

    def draw(self, request: HttpRequest) -> HttpResponseBase:
        """The response, not logged as one that somebody got."""
        set_urlconf(settings.ROOT_URLCONF)
        chain: Callable[[HttpRequest], HttpResponseBase] = self._middleware_chain  # type: ignore[attr-defined]
        return chain(request)

    def _get_response(self, request: HttpRequest) -> HttpResponse:
        detail = translated(self._problem.detail)
        return problem_response(request, replace(self._problem, detail=detail))


class Refusals:
    """Every refusal, as a page and as JSON."""

    def __init__(self) -> None:
        self._drawn = {
            (refusal, json, language): draw(problem, json=json, language=language)
            for refusal, problem in PROBLEMS.items()
            for json in (False, True)
            for language, _ in settings.LANGUAGES
        }

    def __call__(self, scope: Scope, refusal: Refusal) -> Response:
        """The response to one request."""
        return with_request_id(self._drawn[refusal, *kind_asked_for(scope)])


def kind_asked_for(scope: Scope) -> tuple[bool, str]:
    """Whether the response should be JSON, and in which language, by the rules of every view."""
    headers = {name: header(scope, name.encode()) for name in ("accept-language", "cookie")}
    request = _request(scope["path"], header(scope, b"accept"), headers)
    return wants_json(request), language_of(request, shop_as_known)


def with_request_id(drawn: Response) -> Response:
    """A drawn response as one client gets it, with a request id of its own."""
    here, there = REQUEST_ID.encode(), uuid4().hex.encode()
    return Response(
        drawn.status,
        [(name, value.replace(here, there)) for name, value in drawn.headers],
        drawn.body.replace(here, there),
    )


def draw(problem: ProblemDetails, *, json: bool, language: str) -> Response:
    """The response to a problem, to be kept: `with_request_id` makes it ready to be sent."""
    asked = {"accept-language": language}
    request = _request("/", "application/json" if json else "text/html", asked)
    with override(language):  # puts back, too, what the middleware activates
        return response_of(_Drawing(problem).draw(request))


def _request(path: str, accept: str, more: Mapping[str, str]) -> ASGIRequest:
    named = (host for host in settings.ALLOWED_HOSTS if host != "*")
    host = next(named, "localhost").removeprefix(".")
    headers = {
        **more,
        "host": host,
        "accept": accept,
        "x-forwarded-proto": "https",  # or the page would be a redirect to TLS
        HEADER.lower(): REQUEST_ID,
    }
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin1")) for name, value in headers.items()],
    }
    return ASGIRequest(scope, BytesIO())
