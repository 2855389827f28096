"""The responses to commands: one place that speaks HTML to people and JSON to programs.

Every view may simply raise what the write side raises; `ProblemDetailsMiddleware` turns it into
the page or the `application/problem+json` of that case. This module must not know any single
screen: a view with something better to show (a form with its errors) responds by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.utils.translation import gettext, gettext_noop

from api.requests import BadRequest
from orders.admission import NotAdmitted
from orders.command_handler import Conflict, Done, UnreadableFact
from orders.domain.refused import BadInput, Refused
from orders.event_codec import Undecodable
from orders.event_store import OutcomeUnknown, StorageFull, StoreUnavailable
from orders.full_disk import is_full_disk
from orders.languages import translated
from orders.requests import correlation_id_of
from staff.permissions import wants_json

RETRY_AFTER = 2
"""Seconds until the same request, with the same command id, is worth sending again."""

FULL_RETRY_AFTER = 30
"""The same while a disk is full: somebody has to make room."""

PROBLEM_TYPE = "application/problem+json"

TITLES = {
    400: gettext_noop("We did not understand that"),
    401: gettext_noop("Please sign in"),
    403: gettext_noop("That is not yours to do"),
    404: gettext_noop("There is nothing here"),
    405: gettext_noop("That is not how this page is used"),
    409: gettext_noop("That is not possible any more"),
    413: gettext_noop("That is too much at once"),
    415: gettext_noop("We cannot read that kind of content"),
    422: gettext_noop("Something needs another look"),
    429: gettext_noop("Slow down, please"),
    500: gettext_noop("We spilled something"),
    503: gettext_noop("We cannot do that just now"),
    504: gettext_noop("We are not sure whether that went through"),
}


class SeeOther(HttpResponseRedirect):
    """After a POST, look there with a GET (303)."""

    status_code = 303


@dataclass(frozen=True)
class ProblemDetails:
    """Why a request did not do what it asked for. `retry_after` is in seconds."""

    status: int
    code: str
    detail: str
    retry_after: int | None = None

    @property
    def title(self) -> str:
        """The kind of problem, in a few words."""
        return gettext(TITLES.get(self.status, gettext_noop("That did not work")))


def done_response(
    request: HttpRequest,
    done: Done,
    url: str,
    *,
    created: bool = False,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The response to a command that was carried out; `url` is the page that shows it.

    `more` is added to the JSON.
    """
    if not wants_json(request):
        return SeeOther(after(url, done.position))
    response = JsonResponse(
        {"position": done.position, "replayed": done.replayed, "url": url, **(more or {})},
        status=201 if created else 200,
    )
    if created:
        response["Location"] = url
    if done.replayed:
        response["Idempotent-Replayed"] = "true"
    response["Cache-Control"] = "no-store"
    return response


def after(url: str, position: int) -> str:
    """The same page, asked to wait until it shows the commit `position`."""
    path, hash_mark, fragment = url.partition("#")
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}{urlencode({'after': position})}{hash_mark}{fragment}"


AWAY = (StoreUnavailable, OutcomeUnknown, UnreadableFact, Conflict)
"""What may be over in a moment: the same form is worth sending again."""


def problem_of(error: Exception) -> ProblemDetails | None:
    """The problem behind an error that may happen in a well-behaved shop; None for a defect."""
    match error:
        case BadInput():
            return ProblemDetails(422, error.code, translated(error.sentence))
        case Refused() | Conflict():
            return ProblemDetails(409, error.code, translated(error.sentence))
        case OutcomeUnknown():
            return ProblemDetails(504, error.code, translated(error.sentence), RETRY_AFTER)
        case StorageFull():
            return ProblemDetails(503, error.code, translated(error.sentence), FULL_RETRY_AFTER)
        case StoreUnavailable() | UnreadableFact():
            return ProblemDetails(503, error.code, translated(error.sentence), RETRY_AFTER)
        case Undecodable():
            return problem_of(UnreadableFact())
        case NotAdmitted() | BadRequest():
            return ProblemDetails(
                error.status, error.code, translated(error.sentence), error.retry_after
            )
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return ProblemDetails(
                413, "too_large", gettext("That is more than we can take in one go.")
            )
        case DatabaseError() | OSError() if is_full_disk(error):
            return problem_of(StorageFull())
        case _:
            return None


def problem_response(
    request: HttpRequest, problem: ProblemDetails, *, back: str = ""
) -> HttpResponse:
    """The page of a problem with the shop's look, or its problem+json; `back` leads on from it."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(
            {
                "type": f"urn:barstucks:problem:{problem.code}",
                "status": problem.status,
                "code": problem.code,
                "title": problem.title,
                "detail": problem.detail,
                "request_id": correlation_id_of(request),
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
        response = HttpResponse(page, status=problem.status)
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    response["Cache-Control"] = "no-store"
    return response


class ProblemDetailsMiddleware:
    """Turns what a view raises into a response, and gives a bare 405 its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Only an empty 405 is replaced."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            detail = gettext("Only our own pages send to this address.")
            if wants_json(request):
                detail = f"This address takes {response['Allow']}."
            problem = ProblemDetails(405, "method_not_allowed", detail)
            refused = problem_response(request, problem)
            refused["Allow"] = response["Allow"]
            return refused
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Respond to what is expected to happen; leave a defect to Django's 500."""
        problem = problem_of(error)
        return None if problem is None else problem_response(request, problem)
