"""Correlation ids: each request gets one, and every log line of it carries the id.

Views pass `request.correlation_id` on to the command handler, which writes it beside the events.
"""

import re
from collections.abc import Callable
from uuid import uuid4

import structlog
from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[0-9A-Za-z-]{8,64}\Z")


class CorrelationMiddleware:
    """Sets `request.correlation_id`: the client's X-Request-ID if well formed, else a new one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        correlation = given if _WELL_FORMED.match(given) else uuid4().hex
        request.correlation_id = correlation  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(correlation=correlation):
            response = self._get_response(request)
        response[HEADER] = correlation
        return response
