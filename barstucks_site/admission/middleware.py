"""ASGI middleware that counts requests and refuses what is over a limit, before it takes a thread.

A right password gives its token back and makes the device known (`staff_devices`). Whoever goes on
after having been refused is answered more slowly: a loop then asks once a second.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from prometheus_client import Counter

from barstucks_site.admission.buckets import Buckets, Demand
from barstucks_site.admission.refusals import refusal
from barstucks_site.admission.request_kinds import Kind, address_key, kind_of, tracked_order
from barstucks_site.admission.shared_buckets import SharedBuckets
from barstucks_site.admission.staff_devices import device_cookie, device_of
from barstucks_site.admission.token_bucket import Limit, Rate
from barstucks_site.admission.turns import WHOSE
from barstucks_site.web_server.asgi_request import Application, Receive, Scope, Send

PATIENCE = Rate(at_once=30, per_second=2)
"""So many refusals of one address are sent at once; the next ones after `SLOW_SECONDS`."""

SLOW_SECONDS = (0.5, 1.5)
"""Between these, at random: two hundred that come back together would be a flood again."""

MOST_SLOWED = 1000
"""So many refusals wait at one time; beyond it they are sent at once: they cost memory."""

REFUSED = Counter(
    "barstucks_refused_requests",
    "Requests over a limit, by kind; whose: of one or the total",
    ["kind", "whose"],
)


class Admission:
    """Lets requests in as the limits of their kind allow; the others get 429."""

    def __init__(
        self,
        inner: Application,
        limits: Mapping[Kind, Limit | None],
        buckets: SharedBuckets,
        patience: Buckets,
    ) -> None:
        self._inner = inner
        self._limits = limits
        self._buckets = buckets
        self._patience = patience
        self._slowed = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse."""
        kind = kind_of(scope["method"], scope["path"])
        limit = self._limits.get(kind)
        if limit is None and kind is not Kind.LOGINS:
            await self._inner(scope, receive, send)
            return
        device = device_of(scope, settings.STAFF_DEVICE_COOKIE_NAME)
        who = device or address_key(scope["client"][0] if scope.get("client") else "")
        known = device is not None
        demands = _demands(kind, limit, who, scope["path"], known=known) if limit else []
        waits = await self._buckets.take(demands)
        if any(waits):
            REFUSED.labels(kind.value, "one" if waits[0] else "total").inc()
            await self._refuse(scope, send, kind, max(waits), who)
            return
        if kind is Kind.LOGINS:
            send = self._watching(send, demands, device)
        await self._inner({**scope, WHOSE: f"{kind}:{who}"}, receive, send)

    async def _refuse(self, scope: Scope, send: Send, kind: Kind, wait: float, who: str) -> None:
        response = refusal(scope, kind, wait)
        if any(self._patience.take([(who, PATIENCE)])) and self._slowed < MOST_SLOWED:
            self._slowed += 1
            try:
                await asyncio.sleep(random.uniform(*SLOW_SECONDS))  # noqa: S311 (guards nothing)
            finally:
                self._slowed -= 1
        start = {"status": response.status, "headers": response.headers}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": response.body})

    def _watching(self, send: Send, demands: Sequence[Demand], device: str | None) -> Send:
        """Sends on; a login that worked (only that redirects) costs nothing."""

        async def watched(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] == 302:
                await self._buckets.give_back(demands)
                if device is None:
                    known = device_cookie(
                        settings.STAFF_DEVICE_COOKIE_NAME, secure=settings.SESSION_COOKIE_SECURE
                    )
                    message = {**message, "headers": [*message["headers"], (b"Set-Cookie", known)]}
            await send(message)

        return watched


def _demands(kind: Kind, limit: Limit, who: str, path: str, *, known: bool) -> list[Demand]:
    """The buckets of a request.

    A device of the staff takes nothing from the total. An order's own page counts for the order:
    whatever else is asked for from the same address, who has ordered can follow it.
    """
    if known:
        return [(f"{kind}:{who}", limit.per_address)]
    if kind is Kind.TRACKING:
        who = tracked_order(path) or who
    return [(f"{kind}:{who}", limit.per_address), (f"{kind}:total", limit.in_total)]


def limited(inner: Application) -> Admission:
    """The application behind the limits of the settings."""
    shared = settings.CHANNELS_URL if settings.CHANNELS_URL.startswith("redis") else None
    own = Buckets(time.monotonic)
    limits = {kind: settings.LIMITS[kind.value] for kind in Kind}
    return Admission(
        inner, limits, SharedBuckets(own, shared, time.monotonic), Buckets(time.monotonic)
    )
