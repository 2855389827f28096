"""An operation of the API: one line of a table, from which its address and its description follow.

Every address has exactly one operation. The order of the checks is always the same: the method,
the permission or the link, the query, the body.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from api.requests import body_of, query_of
from staff.permissions import allowed

View = Callable[..., HttpResponse]


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No fields at all."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What a program may ask for at one address.

    `respond` gets the request, the parts of the path by name, and `query` and `body` where those
    are declared; it returns a response, or what `returns` declares. `permission` is a codename of
    `staff.roles`; None is open to everybody, or to whoever has the link in the path: such an
    operation reads no cookie and needs no CSRF token. `example` is a body that works.
    """

    name: str  # of the route; the document's operationId
    method: Literal["GET", "POST"]
    path: str  # with its parameters in braces, as OpenAPI writes it
    tag: str
    summary: str
    respond: Callable[..., Any]
    permission: str | None = None
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] = Nothing
    returns: Any = Nothing
    example: Mapping[str, Any] = field(default_factory=dict)
    opens: Callable[[HttpRequest, str], Any] | None = None
    """What the `order` in the path opens to whoever has its link; raises `Http404`."""

    creates: bool = False  # responds with 201 at first
    declare: Callable[[View], View] | None = None
    """What else is said about the view, like the read models it waits for."""


def route_of(operation: Operation) -> URLPattern:
    """The address of an operation, and the view behind it."""
    route = operation.path.removeprefix("/").replace("{", "<str:").replace("}", ">")
    return path(route, view_of(operation), name=operation.name)


def routes_of(operations: Sequence[Operation]) -> list[URLPattern]:
    """The addresses of these operations."""
    return [route_of(operation) for operation in operations]


def view_of(operation: Operation) -> View:
    """The view that checks a request as its operation declares, and responds."""

    def respond(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if operation.opens is not None:
            arguments["order"] = operation.opens(request, arguments["order"])
        query = query_of(request, operation.query)
        if operation.query is not Nothing:
            arguments["query"] = query
        if operation.method == "POST":  # a GET has no body, whatever was sent
            body = body_of(request, operation.body)
            if operation.body is not Nothing:
                arguments["body"] = body
        found = operation.respond(request, **arguments)
        return found if isinstance(found, HttpResponse) else json_response(found)

    view: View = allowed(operation.permission)(respond) if operation.permission else respond
    view = never_cache(require_POST(view) if operation.method == "POST" else require_safe(view))
    view = view if operation.permission else csrf_exempt(view)
    return operation.declare(view) if operation.declare else view


def json_response(found: Any) -> HttpResponse:
    """Plain values, structs and dataclasses as JSON."""
    return HttpResponse(
        msgspec.json.encode(found, enc_hook=str), content_type="application/json; charset=utf-8"
    )
