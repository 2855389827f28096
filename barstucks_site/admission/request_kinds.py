"""Which limit a request counts for, and under which address.

Knows paths and the signatures of links, and does nothing but read: it runs for every request, on
the event loop.
"""

import ipaddress
from enum import StrEnum
from functools import lru_cache

from orders.links import customer_in, order_in

IPV6_OF_ONE = 64
"""Bits. Providers hand out whole networks of that size: one customer has them all."""


class Kind(StrEnum):
    """Requests that share a limit."""

    MENU = "menu"  # the way to an order: menu, item, basket
    ORDERS = "orders"
    LOGINS = "logins"
    EXPORTS = "exports"
    LINKS = "links"  # links that the shop did not sign: somebody is guessing
    TRACKING = "tracking"  # an order's own pages, by a link that the shop signed
    PROGRAMS = "programs"  # the API, but for ordering
    PAGES = "pages"  # all else, the staff's buttons included


_POSTED = {
    "/orders/": Kind.ORDERS,
    "/api/orders/": Kind.ORDERS,
    "/staff/login/": Kind.LOGINS,
}


def kind_of(method: str, path: str) -> Kind:
    """The kind of a request."""
    if method == "POST" and path in _POSTED:
        return _POSTED[path]
    if path == "/" or path.startswith(("/menu/", "/basket/")):
        return Kind.MENU
    if path == "/me/export.json":
        return Kind.EXPORTS
    if path.startswith("/o/"):
        return Kind.LINKS if tracked_order(path) is None else Kind.TRACKING
    if path.startswith("/api/orders/") and "." in (token := path.split("/")[3]):
        return Kind.LINKS if order_in(token) is None else Kind.PROGRAMS
    if path.startswith("/api/"):
        return Kind.PROGRAMS
    if path.startswith("/me/") and "." in (token := path.split("/")[2]):
        return Kind.LINKS if customer_in(token) is None else Kind.PAGES
    return Kind.PAGES


def tracked_order(path: str) -> str | None:
    """The order (hexadecimal) of an address below `/o/` that the shop signed."""
    order = order_in(path.split("/")[2])
    return None if order is None else order.hex


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """The address as limits count it: an IPv6 one by its network of 64 bits."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:45]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_OF_ONE), strict=False))
    return str(parsed)
