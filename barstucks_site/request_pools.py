"""Which requests share threads: what one kind of request waits for must not hold up another.

Pages need the databases only, so that they stay fast whatever the log does. The names are those
of `urls.py`; an address that is not listed is a page when it is read, and an order when it is sent.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from django.urls import Resolver404, resolve

from barstucks_site.web_server.asgi_request import Scope
from barstucks_site.web_server.request_pool import PoolSize
from barstucks_site.web_server.threaded_handler import SAFE_METHODS
from projections.views.own_writes import HAS_OWN_WRITES, query_in


class Pool(StrEnum):
    """A kind of request."""

    PAGES = "pages"
    ORDERS = "orders"
    LOGINS = "logins"
    FACTS = "facts"
    OPERATORS = "operators"


POOLS: Mapping[str, PoolSize] = {
    # Two to five milliseconds each, mostly of Python, which runs in one thread at a time: more
    # threads would only stand in each other's way. 64 that wait are a quarter of a second.
    Pool.PAGES: PoolSize(threads=4, waiting=64),
    # Half of an order's time is spent waiting for the log. While it hangs, each holds its thread
    # for 1.4 s, until the circuit breaker opens.
    Pool.ORDERS: PoolSize(threads=8, waiting=64),
    # Hashing a password takes a whole core for a third of a second: one core stays free on the
    # smallest machine. Eight that wait are answered within three seconds.
    Pool.LOGINS: PoolSize(threads=1, waiting=8),
    # Readings of the log and foldings of the past, up to a second each.
    Pool.FACTS: PoolSize(threads=2, waiting=16),
    # Figures for whoever has to find out what is going on, above all under attack.
    Pool.OPERATORS: PoolSize(threads=1, waiting=4),
}
"""Sizes for one process on a machine with two cores; every thread keeps two SQL connections."""

READS_FACTS = {
    *("me_export", "stream", "admin:index"),
    *("api_order_facts", "api_stream", "api_facts"),
}
"""Pages that are read from the log."""

FOR_OPERATORS = {"metrics", "projections", "reactor", "till_reactor"}
"""They ask the log where it ends."""

INSPECTS_READ_MODELS = "admin:projections_"
"""How the names of the inspector's pages begin that say how far the log is."""

HASHES_PASSWORDS = {
    "staff_login",
    "admin:staff_account_add",
    "admin:auth_user_password_change",
    "admin:password_change",
}

WRITES_NO_FACTS = {
    "basket",
    "basket_quantity",
    "basket_remove",
    "counter_add",
    "counter_quantity",
    "new_token",
    "withdraw_token",
    "decide_parked",
    "decide_parked_reaction",
    "order_my_usual",
    "staff_logout",
    "this_device",
}
"""Forms that change a cookie or a row, and never append to the log."""

PAST = {"at", "as_of", "version"}
"""Query parameters that ask for a moment in the past: the facts are folded for it."""


@lru_cache(maxsize=256)
def _view_name(path: str) -> str | None:
    """The name of the view at this address; None if there is none.

    Django asks again when it serves the request: the addresses that everybody uses are remembered.
    """
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def pool_of(scope: Scope) -> str:
    """The pool of a request."""
    name = _view_name(scope["path"])
    if name is None:
        return Pool.PAGES
    if scope["method"] in SAFE_METHODS:
        if name in FOR_OPERATORS:
            return Pool.OPERATORS
        is_behind = scope.get(HAS_OWN_WRITES) is False  # then an order is read from its stream
        is_past = bool(PAST & set(query_in(scope)))
        reads_log = name in READS_FACTS or name.startswith(INSPECTS_READ_MODELS)
        return Pool.FACTS if reads_log or is_behind or is_past else Pool.PAGES
    if name in HASHES_PASSWORDS:
        return Pool.LOGINS
    return Pool.PAGES if name in WRITES_NO_FACTS or name.startswith("admin:") else Pool.ORDERS
