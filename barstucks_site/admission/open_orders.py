"""How many orders may be open at one time: unpaid ones of a device or an address, and all together.

Sits between the two sides: ordering asks it (`orders.admission`), and the bar's read model
says which orders are still open. What the read model does not know yet counts as open, for as long
as it is remembered; without a read model, time alone counts.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from math import ceil
from typing import Protocol
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import Counter

from barstucks_site.admission.recent_orders import Came, RecentOrders, SharedRecentOrders
from barstucks_site.admission.request_kinds import address_key
from orders.admission import Full, NotAdmitted, Origin, ShopFull, TooManyUnpaid
from orders.domain.shop import Shop
from orders.domain.words import Words
from orders.event_store import OutcomeUnknown
from orders.shop_state import shop_now
from projections.screens.barista_queue import pace, queries
from projections.screens.barista_queue.queries import OpenOrder

UNSEEN = "unseen"
"""The key under which every order is remembered until the read model knows it."""

LOOKED_AT_SECONDS = 1.0
"""How old the shop-wide count may be: on the menu, and far below the ceiling."""

NEAR_THE_CEILING = 0.8
"""From this part of the ceiling on, the orders are counted anew for each that wants in."""

PACE_MINUTES = 10
ROOM_AGAIN = 0.9
"""The shop promises to have room when the queue is down to this part of the ceiling."""

LONGEST_PROMISE = 60
UNPAID_RETRY_SECONDS = 60

REFUSED = Counter("barstucks_refused_orders", "Orders beyond a limit of open ones", ["whose"])

log = structlog.get_logger(__name__)


class Queue(Protocol):
    """What has to be known of the orders at the bar. Each may raise a `DatabaseError`."""

    def open_among(self, orders: Collection[str]) -> Mapping[str, OpenOrder]:
        """Of these orders those it knows."""

    def open_count(self, besides: Collection[str] = ()) -> int:
        """How many orders the bar has still to make, besides these."""

    def made_within(self, minutes: int) -> int:
        """How many the bar finished of late."""

    def rushed_besides(self, order: str) -> int:
        """How many others go before those that came earlier."""


class BarQueue:
    """The queue of the bar's read model."""

    def open_among(self, orders: Collection[str]) -> Mapping[str, OpenOrder]:
        """As the bar's screen has it now."""
        return queries.open_among(orders)

    def open_count(self, besides: Collection[str] = ()) -> int:
        """Queued, being made, or to be stopped."""
        return queries.open_count(besides)

    def made_within(self, minutes: int) -> int:
        """Called ready in the last minutes."""
        return pace.bar_pace(timezone.now(), minutes).made

    def rushed_besides(self, order: str) -> int:
        """Still to be made."""
        return queries.rushed_besides(order)


class OpenOrders:
    """Admits orders to the shop. A limit of 0 is none."""

    def __init__(
        self,
        recent: RecentOrders | SharedRecentOrders,
        queue: Queue,
        *,
        per_device: int,
        per_address: int,
        in_all: int,
        clock: Callable[[], float] = time.monotonic,
        shop: Callable[[], Shop] = shop_now,
    ) -> None:
        self._shop = shop
        self._recent = recent
        self._queue = queue
        self._per_device = per_device
        self._per_address = per_address
        self._in_all = in_all
        self._clock = clock
        self._looked_at = float("-inf")
        self._open = 0
        self._counted_at = float("-inf")
        self._counted = 0
        """With the orders that the read model does not know yet, and those admitted since."""

    @contextmanager
    def admitted(self, order: UUID, origin: Origin | None) -> Iterator[None]:
        """Place the order within this context; the counter (no origin) is only counted."""
        paused = self._paused() if origin is not None else None
        if paused is not None:
            raise ShopFull(paused.sentence, paused.minutes * 60)
        limits = self._limits(origin)
        keys = [*limits, UNSEEN] if self._in_all else [*limits]
        new, came = self._recent.enter(keys, order.hex)
        try:
            if new:
                refusal = self._refusal(limits, came)
                if refusal is not None and origin is not None:
                    raise refusal
                self._counted += 1
            yield
        except OutcomeUnknown:
            raise  # it may have been placed
        except BaseException:
            if new:
                for key in keys:
                    self._recent.leave(key, [order.hex])
            raise

    def full(self) -> Full | None:
        """How full the shop is, if it is; a second old at most."""
        paused = self._paused()
        if paused is not None:
            return paused
        if self._in_all and self._clock() - self._looked_at >= LOOKED_AT_SECONDS:
            try:
                self._keep_count(self._queue.open_count())
            except DatabaseError:
                return None
        return self._full(self._open) if self._in_all and self._open >= self._in_all else None

    def may_rush(self, order: UUID) -> bool:
        """Whether few enough others go first. Without a read model nobody can say: it may."""
        try:
            return self._queue.rushed_besides(order.hex) < self._shop().number("most_rushed")
        except DatabaseError:
            return True

    def _paused(self) -> Full | None:
        """Whether the bar takes orders at the counter only just now."""
        shop, now = self._shop(), timezone.now()
        if shop.paused_until is None or not shop.is_paused(now):
            return None
        minutes = ceil((shop.paused_until - now).total_seconds() / 60)
        return Full(minutes, self._open, is_paused=True)

    def _limits(self, origin: Origin | None) -> dict[str, tuple[int, str]]:
        """By key of the memory: how many, and whose."""
        if origin is None:
            return {}
        limits = {f"address:{address_key(origin.address)}": (self._per_address, "address")}
        if origin.device is not None:
            limits[f"device:{origin.device.hex}"] = (self._per_device, "device")
        return {key: limit for key, limit in limits.items() if limit[0]}

    def _refusal(self, limits: Mapping[str, tuple[int, str]], came: Came) -> NotAdmitted | None:
        """Why not one more. The read model is asked only where memory alone would refuse."""
        at_the_limit = {key: limit for key, limit in limits.items() if len(came[key]) >= limit[0]}
        must_count = self._in_all and self._must_count()
        asked = {order for key in at_the_limit for order in came[key]}
        if must_count:
            asked.update(came[UNSEEN])
        known: Mapping[str, OpenOrder] = {}
        count = 0
        try:
            known = self._queue.open_among(asked) if asked else {}
            count = self._queue.open_count(besides=came[UNSEEN]) if must_count else 0
        except DatabaseError as wrong:
            log.warning("admission.read_models_away", because=str(wrong))
        for key, (most, whose) in at_the_limit.items():
            done = [order for order in came[key] if order in known and not known[order].unpaid]
            self._recent.leave(key, done)
            if len(came[key]) - len(done) >= most:
                REFUSED.labels(whose).inc()
                return TooManyUnpaid(_SENTENCES[whose], UNPAID_RETRY_SECONDS)
        if not must_count:
            return None
        self._recent.leave(UNSEEN, [order for order in came[UNSEEN] if order in known])
        count += sum(order not in known or known[order].to_make for order in came[UNSEEN])
        self._counted, self._counted_at = count, self._clock()
        self._keep_count(count)
        if count < self._in_all:
            return None
        REFUSED.labels("shop").inc()
        full = self._full(count)
        return ShopFull(full.sentence, full.minutes * 60)

    def _must_count(self) -> bool:
        is_old = self._clock() - self._counted_at >= LOOKED_AT_SECONDS
        return is_old or self._counted >= self._in_all * NEAR_THE_CEILING

    def _keep_count(self, count: int) -> None:
        self._open, self._looked_at = count, self._clock()

    def _full(self, count: int) -> Full:
        """When there will be room: at the bar's pace of late, or else after one promised time."""
        to_make = count - int(self._in_all * ROOM_AGAIN)
        try:
            made = self._queue.made_within(PACE_MINUTES)
        except DatabaseError:
            made = 0
        minutes = to_make * PACE_MINUTES / made if made else self._shop().promise_seconds / 60
        return Full(min(LONGEST_PROMISE, max(1, ceil(minutes))), count)


_SENTENCES = {
    "device": Words(
        "You have several orders that are not paid yet. Please pay one of them first, "
        "or order at the counter."
    ),
    "address": Words(
        "Many orders from where you are are not paid yet. Please order at the counter, "
        "or try again in a minute."
    ),
}


def open_orders() -> OpenOrders:
    """The one that the settings ask for."""
    own = RecentOrders()
    url = settings.CHANNELS_URL
    return OpenOrders(
        SharedRecentOrders(own, url) if url.startswith("redis") else own,
        BarQueue(),
        per_device=settings.MOST_UNPAID_PER_DEVICE,
        per_address=settings.MOST_UNPAID_PER_ADDRESS,
        in_all=settings.MOST_OPEN_ORDERS,
    )
