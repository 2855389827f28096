"""A person sees what they just did: after a redirect with `?after=` a page waits for its screen.

A view declares which projections it needs (`after_own_writes`). `OwnWrites`, ASGI middleware
before the threads, waits for them on the event loop, so that waiting takes no thread, and tells
the view whether they were there in time (`has_own_writes`). Must not know any single page.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import TooManyFieldsSent
from django.db import close_old_connections
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from orders.domain.limits import whole_number
from orders.event_store import StoreUnavailable, event_store
from projections.engine.arrivals import Arrivals
from projections.engine.checkpoints import active_positions
from projections.engine.damaged_file import leave_replaced_file

HAS_OWN_WRITES = "barstucks.has_own_writes"
"""In the scope of a request that waited: whether the screen had got there."""

WAITS_FOR = "waits_for"
"""The attribute of a view: the names of the projections it needs."""

View = TypeVar("View", bound=Callable[..., Any])


def after_own_writes(*projections: str) -> Callable[[View], View]:
    """Let a view begin when these projections have handled the commit in `?after=`, or are late."""

    def declare(view: View) -> View:
        setattr(view, WAITS_FOR, projections)
        return view

    return declare


def has_own_writes(request: HttpRequest, *projections: str) -> bool:
    """Whether these projections show the commit in `?after=`; True without one."""
    after = _after_in(request.GET)
    if after is None:
        return True
    told = getattr(request, "scope", {}).get(HAS_OWN_WRITES)
    return bool(told) if told is not None else _have_handled(active_positions(), after, projections)


class OwnWrites:
    """ASGI middleware: waits for the projections of the view, if the request has `?after=`."""

    def __init__(self, inner: Callable[..., Any], arrivals: Arrivals | None = None) -> None:
        self._inner = inner
        self._arrivals = arrivals or Arrivals(_positions, _head)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Wait, then pass on, with the outcome in the scope."""
        after, projections = _awaited_in(scope)
        if after is not None and projections:
            has_own_writes = await self._arrivals.at(after, projections)
            scope = {**scope, HAS_OWN_WRITES: has_own_writes}
        await self._inner(scope, receive, send)


def _awaited_in(scope: Mapping[str, Any]) -> tuple[int | None, tuple[str, ...]]:
    if b"after=" not in scope.get("query_string", b""):
        return None, ()
    try:
        view = resolve(scope["path"]).func
    except Resolver404:
        return None, ()
    return _after_in(query_in(scope)), getattr(view, WAITS_FOR, ())


def query_in(scope: Mapping[str, Any]) -> QueryDict:
    """The query of a request; empty if it has too many parameters, which its view will refuse."""
    try:
        return QueryDict(scope.get("query_string", b""))
    except TooManyFieldsSent:
        return QueryDict()


def _after_in(query: QueryDict) -> int | None:
    return whole_number(query.get("after"), digits=18)


def _have_handled(positions: Mapping[str, int], after: int, projections: tuple[str, ...]) -> bool:
    return all(positions.get(name, -1) >= after for name in projections)


def _positions() -> dict[str, int]:
    close_old_connections()
    leave_replaced_file()
    return active_positions()


def _head() -> int | None:
    store = event_store()
    try:
        return None if store.is_away else store.head()
    except StoreUnavailable:
        return None
