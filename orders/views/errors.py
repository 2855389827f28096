"""The last answers: what Django itself refuses, and defects. Named in the site's urls and settings.

Each has the shop's look for people and is problem+json for programs. The page of a defect is made
of as little as possible: whatever broke may be broken for it, too.
"""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from orders.answers import Problem, problem_answer, problem_of, wants_json


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 when the request was merely too large."""
    problem = None
    if isinstance(exception, SuspiciousOperation):
        problem = problem_of(exception)
    return problem_answer(
        request, problem or Problem(400, "bad_request", "The request was not in order.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: somebody is known, but may not do this."""
    said = str(exception or "")
    detail = said or "You may not do this here."
    return problem_answer(request, Problem(403, "forbidden", detail))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer for what does not exist and for what is not yours to see."""
    return problem_answer(
        request, Problem(404, "not_found", "This page does not exist, or it is not yours to see.")
    )


def defect(request: HttpRequest) -> HttpResponse:
    """500: an error of ours. The log has the rest, under the id on the page."""
    request_id = str(getattr(request, "correlation_id", ""))
    if wants_json(request):
        detail = "That should not have happened. It is written down."
        return problem_answer(request, Problem(500, "defect", detail))
    page = render_to_string("errors/500.html", {"request_id": request_id})
    return HttpResponse(page, status=500)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that did not come from one of our pages, or came after the cookie was gone."""
    return problem_answer(
        request,
        Problem(
            403,
            "csrf",
            "We could not tell that this form came from our own page. "
            "Please go back, reload the page and send it again.",
        ),
    )
