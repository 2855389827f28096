"""Error pages for what Django itself refuses: no such page, a wrong form token, a defect.

The look and the JSON come from `orders.responses`; this module only names the cases.
"""

import sys
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from orders.responses import ProblemDetails, problem_of, problem_response
from staff.permissions import wants_json


def bad_request(request: HttpRequest, *_reason: Any, **_more: Any) -> HttpResponse:
    """400: unreadable, or sent to a host that is not ours."""
    return _refused(
        request, ProblemDetails(400, "bad_request", gettext("That request cannot be read."))
    )


def denied(request: HttpRequest, *_reason: Any, **_more: Any) -> HttpResponse:
    """403: a signed-in person lacks the right, or a form's token is missing or too old."""
    return problem_response(
        request,
        ProblemDetails(
            403, "not_allowed", gettext("You may not do that here, or the page was open too long.")
        ),
    )


def not_found(request: HttpRequest, *_reason: Any, **_more: Any) -> HttpResponse:
    """404, the same for what does not exist and for what the visitor may not see."""
    return problem_response(
        request, ProblemDetails(404, "not_found", gettext("There is no such page."))
    )


def defect(request: HttpRequest, *_reason: Any, **_more: Any) -> HttpResponse:
    """500: never a traceback.

    What middleware raises comes here too: a full disk is no defect, wherever it is met.
    """
    error = sys.exception()
    expected = problem_of(error) if isinstance(error, Exception) else None
    if expected is not None:
        return problem_response(request, expected)
    return problem_response(
        request,
        ProblemDetails(500, "defect", gettext("That is our fault, and it has been written down.")),
    )


def locked_out(request: HttpRequest, *_details: Any, **_more: Any) -> HttpResponse:
    """429 for the sixth wrong password, with the same text whether the account exists or not."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    minutes = seconds // 60
    sentence = f"Too many wrong passwords. Please wait {minutes} minutes and try again."
    return _refused(request, ProblemDetails(429, "locked_out", sentence, seconds))


def _refused(request: HttpRequest, problem: ProblemDetails) -> HttpResponse:
    """The problem without the shop's look: the request may be for a host that is not ours."""
    if wants_json(request):
        return problem_response(request, problem)
    response = HttpResponse(
        f"{problem.detail}\n", status=problem.status, content_type="text/plain; charset=utf-8"
    )
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    response["Cache-Control"] = "no-store"
    return response
