"""The API as a whole: where it begins, its OpenAPI document, and the page to try it.

The operations stand in `orders/api` and `projections/api`.
"""

from functools import cache
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from api.document import PARAMETER, document, example_of
from api.operation import Nothing, Operation, json_response, routes_of
from orders.api.operations import OPERATIONS as COMMANDS
from projections.api.operations import OPERATIONS as READINGS
from staff.permissions import may
from staff.roles import PERMISSIONS

OPERATIONS: tuple[Operation, ...] = (*READINGS, *COMMANDS)

VERSION = "1"
"""Grows when a program that was written for the one before would break."""


class LinkShape(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: its address, with what belongs between braces left to be filled in."""

    name: str
    method: str
    href: str
    summary: str
    permission: str | None


class CallerShape(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, as the shop knows them."""

    name: str
    permissions: list[str]


class RootShape(msgspec.Struct, frozen=True, kw_only=True):
    """Where the API begins: every operation that whoever asks may use."""

    title: str
    version: str
    document: str
    try_it: str
    you: CallerShape | None
    links: list[LinkShape]


def root(request: HttpRequest) -> RootShape:
    """The operations that are open to whoever asks."""
    user = request.user
    return RootShape(
        title="Barstucks",
        version=VERSION,
        document=reverse("api_document"),
        try_it=reverse("api_try"),
        you=CallerShape(
            name=user.get_short_name() or user.get_username(),
            permissions=[codename for codename in PERMISSIONS if may(user, codename)],
        )
        if user.is_authenticated
        else None,
        links=[
            LinkShape(
                name=operation.name.removeprefix("api_"),
                method=operation.method,
                href=operation.path,
                summary=operation.summary,
                permission=operation.permission,
            )
            for operation in OPERATIONS
            if operation.permission is None or may(user, operation.permission)
        ],
    )


ROOT = Operation(
    name="api_root",
    method="GET",
    path="/api/",
    tag="about",
    summary="Where the API begins",
    respond=root,
    returns=RootShape,
)


@cache
def whole_document() -> dict[str, Any]:
    """The OpenAPI document, made once: it depends on the program only."""
    return document([ROOT, *OPERATIONS], title="Barstucks", version=VERSION)


@require_safe
def openapi(_request: HttpRequest) -> HttpResponse:
    """The document."""
    return json_response(whole_document())


@require_safe
@never_cache
def try_page(request: HttpRequest) -> HttpResponse:
    """Every operation with a form that sends it, as whoever is logged in or with a token."""
    shown = [
        {
            "operation": operation,
            "parameters": PARAMETER.findall(operation.path),
            "query": [field.encode_name for field in msgspec.structs.fields(operation.query)],
            "body": ""
            if operation.body is Nothing
            else msgspec.json.format(msgspec.json.encode(example_of(operation))).decode(),
        }
        for operation in (ROOT, *OPERATIONS)
    ]
    return render(request, "api/try.html", {"shown": shown, "here": "api_try"})


urlpatterns = [
    *routes_of([ROOT]),
    path("api/openapi.json", openapi, name="api_document"),
    path("api/try/", try_page, name="api_try"),
    *routes_of(OPERATIONS),
]
