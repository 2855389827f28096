"""Where a request comes from: the client's address behind proxies, a websocket's page.

Both are ASGI middleware. They trust only what is configured: a header that a client wrote itself
must not change its address, and a websocket is opened by our own pages only.
"""

from collections.abc import Sequence

from django.http.request import split_domain_port, validate_host

from barstucks_site.web_server.asgi_request import Application, Receive, Scope, Send, header

UNKNOWN = "0.0.0.0"  # noqa: S104 - the address of nobody (RFC 1122, 3.2.1.3); nothing is bound
DENIED = {"type": "websocket.close", "code": 4403}  # before accepting: daphne responds 403


def client_address(scope: Scope, hops: int) -> str:
    """The address that the outermost of our `hops` proxies saw; without proxies, the peer's.

    `UNKNOWN` if a proxy did not say: the proxy's own address is often this machine's, which may
    see more than a stranger.
    """
    peer = str((scope.get("client") or ("", 0))[0])
    if hops == 0:
        return peer
    seen = [part.strip() for part in header(scope, b"x-forwarded-for").split(",") if part.strip()]
    return seen[-hops] if len(seen) >= hops else UNKNOWN


class ClientAddress:
    """Puts the client's address into `scope["client"]`, for throttles, limits and logs."""

    def __init__(self, inner: Application, hops: int) -> None:
        self._inner = inner
        self._hops = hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the address corrected."""
        if self._hops and scope.get("client"):
            address = client_address(scope, self._hops)
            scope = {**scope, "client": [address, scope["client"][1]]}
        await self._inner(scope, receive, send)


class OriginValidator:
    """Lets a websocket through if its Origin is trusted; else responds 403.

    Trusted are the exact origins given, and with `same_host` also a page of the very host and port
    that the socket was opened to, if that host is one of `allowed_hosts`. Channels' own validator
    would accept every port of an allowed host.
    """

    def __init__(
        self,
        inner: Application,
        *,
        origins: Sequence[str],
        allowed_hosts: Sequence[str],
        same_host: bool,
    ) -> None:
        self._inner = inner
        self._origins = frozenset(origins)
        self._allowed_hosts = list(allowed_hosts)
        self._same_host = same_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or deny."""
        if self.trusts(header(scope, b"origin"), header(scope, b"host")):
            await self._inner(scope, receive, send)
        else:
            await receive()
            await send(DENIED)

    def trusts(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may open a socket to this host."""
        if not validate_host(split_domain_port(host)[0], self._allowed_hosts):
            return False
        return origin in self._origins or (self._same_host and origin == f"http://{host}")
