"""Who looked at what in the inspector: one line in the log for each of its pages.

Says the account, the page and the row, and nothing that stands in it. Knows no table.
"""

from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase

from staff.names import actor_of

INSPECTOR = "admin"  # the namespace of Django's admin

log = structlog.get_logger(__name__)


class AuditMiddleware:
    """Writes the line before the page is made. Stands behind the authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _words: Any, values: dict[str, Any]
    ) -> None:
        """Note a look of somebody who is logged in at a page of the inspector."""
        match = request.resolver_match
        if match is None or match.namespace != INSPECTOR or not request.user.is_authenticated:
            return
        log.info(
            "inspected",
            actor=actor_of(request.user.pk),
            page=match.url_name,
            row=str(values.get("object_id", ""))[:64],
        )
