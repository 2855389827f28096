"""Every route of the site, read from Django's URL resolver: what it is called, what it takes.

Nothing is listed by hand, so that a new route is fuzzed and needs its line in the table of who may
use it. Knows no view.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote_from_bytes

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

PARAMETER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


@dataclass(frozen=True)
class Route:
    """One address of the site: `path` is `/bar/{order}/{action}/`."""

    name: str  # with its namespace, as `reverse` takes it; "" for a route without one
    path: str
    route: str  # as Django's `ResolverMatch.route` has it
    parameters: tuple[str, ...]
    view: Callable[..., Any]
    converters: Mapping[str, str] = field(hash=False)  # parameter → the name of its converter

    def filled(self, values: Mapping[str, bytes]) -> str:
        """The address with these values, percent-encoded."""
        return self.path.format(
            **{name: quote_from_bytes(values[name], safe="") for name in self.parameters}
        )

    def __str__(self) -> str:
        return f"{self.name or '(no name)'} {self.path}"


@cache
def routes() -> tuple[Route, ...]:
    """Every route of the site."""
    return tuple(_walk(get_resolver().url_patterns, "/", "", ""))


@cache
def _by_route() -> dict[str, Route]:
    return {route.route: route for route in routes()}


def route_of(path: str) -> tuple[Route, dict[str, str]] | None:
    """The route that a path (without query, decoded) leads to, and its parameters."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    found = _by_route()[match.route]
    return found, {name: str(match.kwargs[name]) for name in found.parameters}


def _walk(patterns: Any, prefix: str, route: str, namespace: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + _template(pattern.pattern)
        route_here = route + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            yield from _walk(pattern.url_patterns, path, route_here, inner)
        else:
            yield _route(pattern, path, route_here, namespace)


def _route(pattern: URLPattern, path: str, route: str, namespace: str) -> Route:
    name = pattern.name or ""
    return Route(
        name=f"{namespace}:{name}" if namespace and name else name,
        path=path,
        route=route,
        parameters=tuple(re.findall(r"\{(\w+)\}", path)),
        view=pattern.callback,
        converters={
            name: type(converter).__name__.removesuffix("Converter").lower()
            for name, converter in pattern.pattern.converters.items()
        },
    )


def _template(pattern: Any) -> str:
    if isinstance(pattern, RoutePattern):
        return PARAMETER.sub(r"{\1}", str(pattern))
    assert isinstance(pattern, RegexPattern), pattern
    form, names = normalize(str(pattern).removeprefix("^"))[0]
    return form % {name: f"{{{name}}}" for name in names}
