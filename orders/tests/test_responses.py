"""One response for each case, for people and for programs."""

import pytest
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.test import RequestFactory

from orders.command_handler import Conflict, Done, UnreadableFact
from orders.domain.refused import BadInput, CommandIdReused
from orders.event_store import OutcomeUnknown, StoreUnavailable
from orders.responses import after, done_response, problem_of
from staff.permissions import wants_json


def request_for(accept: str, path: str = "/") -> HttpRequest:
    return RequestFactory().get(path, headers={"Accept": accept})


@pytest.mark.parametrize(
    ("error", "status", "again"),
    [
        (BadInput("Please choose."), 422, False),
        (CommandIdReused(), 409, False),
        (Conflict(), 409, False),
        (StoreUnavailable("grpc: secrets of the inside"), 503, True),
        (OutcomeUnknown(), 504, True),
        (UnreadableFact("order-1"), 503, True),
        (RequestDataTooBig(), 413, False),
    ],
)
def test_each_expected_error_has_its_response(error: Exception, status: int, again: bool) -> None:
    problem = problem_of(error)
    assert problem is not None
    assert problem.status == status
    assert (problem.retry_after is not None) is again
    assert problem.detail.endswith((".", "!"))
    assert "secrets" not in problem.detail


def test_a_defect_is_nothing_to_be_said_in_words() -> None:
    assert problem_of(KeyError("x")) is None


@pytest.mark.parametrize(
    ("accept", "path", "program"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "/", False),
        ("*/*", "/", False),
        ("application/json", "/", True),
        ("application/json, text/html;q=0.5", "/", True),
        ("*/*", "/api/orders/", True),
        ("", "/", False),
    ],
)
def test_who_wants_json(accept: str, path: str, program: bool) -> None:
    assert wants_json(request_for(accept, path)) is program


def test_the_page_is_asked_to_wait_for_the_position() -> None:
    assert after("/till/?order=1#top", 7) == "/till/?order=1&after=7#top"
    response = done_response(
        request_for("text/html"), Done(position=7, revision=0, replayed=False, events=()), "/bar/"
    )
    assert (response.status_code, response["Location"]) == (303, "/bar/?after=7")
