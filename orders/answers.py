"""How the shop answers a wish: one place that speaks HTML to people and JSON to programs.

Every view may simply raise what the write side raises; `ShopAnswers` (a middleware) turns it into
the page or the `application/problem+json` of that case. This module must not know any single
screen: a view with something better to show (a form with its errors) answers by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string

from orders.command_handler import Conflict, UnreadableFact
from orders.domain.refused import BadInput, Refused
from orders.event_codec import Undecodable
from orders.event_store import OutcomeUnknown, StoreUnavailable

RETRY_AFTER = 2
"""Seconds until the same request, with the same command id, is worth sending again."""

PROBLEM_TYPE = "application/problem+json"

TITLES = {
    400: "We did not understand that",
    401: "Please sign in",
    403: "That is not yours to do",
    404: "There is nothing here",
    405: "That is not how this page is used",
    409: "That is not possible any more",
    413: "That is too much at once",
    415: "We cannot read that kind of content",
    422: "Something needs another look",
    429: "Slow down, please",
    500: "We spilled something",
    503: "We cannot do that just now",
    504: "We are not sure whether that went through",
}


class SeeOther(HttpResponseRedirect):
    """After a POST, look there with a GET (303)."""

    status_code = 303


@dataclass(frozen=True)
class Problem:
    """Why a request did not do what it asked for. `retry_after` is in seconds."""

    status: int
    code: str
    detail: str
    retry_after: int | None = None

    @property
    def title(self) -> str:
        """The kind of problem, in a few words."""
        return TITLES.get(self.status, "That did not work")


def wants_json(request: HttpRequest) -> bool:
    """Whether the other side is a program: it prefers JSON, or talks to the API."""
    if request.path.startswith("/api/"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def done(
    request: HttpRequest,
    position: int,
    url: str,
    *,
    replayed: bool = False,
    created: bool = False,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The wish is written down at commit `position`; `url` is the page that shows it.

    `more` is what else a program is told.
    """
    if not wants_json(request):
        return SeeOther(after(url, position))
    answer = JsonResponse(
        {"position": position, "replayed": replayed, "url": url, **(more or {})},
        status=201 if created else 200,
    )
    if created:
        answer["Location"] = url
    if replayed:
        answer["Idempotent-Replayed"] = "true"
    answer["Cache-Control"] = "no-store"
    return answer


def after(url: str, position: int) -> str:
    """The same page, asked to wait until it shows the commit `position`."""
    path, hash_mark, fragment = url.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{urlencode({'after': position})}{hash_mark}{fragment}"


def problem_of(error: Exception) -> Problem | None:
    """What to answer to an error that may happen in a well-behaved shop; None for a defect."""
    match error:
        case BadInput():
            return Problem(422, error.code, error.sentence)
        case Refused():
            return Problem(409, error.code, error.sentence)
        case OutcomeUnknown():
            return Problem(504, error.code, error.sentence, RETRY_AFTER)
        case StoreUnavailable() | UnreadableFact():
            return Problem(503, error.code, error.sentence, RETRY_AFTER)
        case Undecodable():
            return Problem(503, UnreadableFact.code, UnreadableFact.sentence, RETRY_AFTER)
        case Conflict():
            return Problem(409, error.code, error.sentence)
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return Problem(413, "too_large", "That is more than we can take in one go.")
        case _:
            return None


def problem_answer(request: HttpRequest, problem: Problem, *, back: str = "") -> HttpResponse:
    """The page of a problem with the shop's look, or its problem+json; `back` leads on from it."""
    answer: HttpResponse
    if wants_json(request):
        answer = JsonResponse(
            {
                "type": f"urn:barstucks:problem:{problem.code}",
                "status": problem.status,
                "code": problem.code,
                "title": problem.title,
                "detail": problem.detail,
                "request_id": str(getattr(request, "correlation_id", "")),
            },
            status=problem.status,
            content_type=PROBLEM_TYPE,
        )
    else:
        page = render_to_string(
            [f"errors/{problem.status}.html", "errors/problem.html"],
            {"problem": problem, "back": back},
            request=request,
        )
        answer = HttpResponse(page, status=problem.status)
    if problem.retry_after is not None:
        answer["Retry-After"] = str(problem.retry_after)
    answer["Cache-Control"] = "no-store"
    return answer


class ShopAnswers:
    """Middleware: what a view raises becomes an answer, a bare 405 gets its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the view answer; only an empty 405 is said in words."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            answer = problem_answer(
                request,
                Problem(405, "method_not_allowed", "Only our own pages send to this address."),
            )
            answer["Allow"] = response["Allow"]
            return answer
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what is expected to happen; leave a defect to Django's 500."""
        problem = problem_of(error)
        return None if problem is None else problem_answer(request, problem)
