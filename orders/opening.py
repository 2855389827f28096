"""Whether the shop takes orders from the web just now, by its hours, and when it does again."""

from datetime import datetime
from typing import NamedTuple

from django.utils.timezone import localtime, make_aware

from orders.domain import opening_hours
from orders.shop_state import shop_now


class ClosedUntil(NamedTuple):
    """No orders for now. `until`: when it opens, in the shop's zone; None: not within a week."""

    until: datetime | None


def closed_at(now: datetime) -> ClosedUntil | None:
    """None while orders are taken: open, and not in the last minutes before closing."""
    shop, here = shop_now(), localtime(now).replace(tzinfo=None)
    if shop.is_open(here, shop.number("last_order_minutes")):
        return None
    opens = opening_hours.opens_next(shop.words("opening_hours"), here)
    return ClosedUntil(make_aware(opens) if opens else None)
