"""The shop as a whole, at one moment: what is sold out, how much the bar takes on, its settings.

Folded from the shop's own stream; derived, and never decided on. Times are those at which things
happened; every question is asked at a moment.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from orders.domain import opening_hours
from orders.domain.events import (
    BackInStock,
    BarAtUsualPace,
    BarSlowedDown,
    SettingChosen,
    SoldOut,
    StockKind,
    WebOrdersPaused,
)
from orders.domain.fact import Fact
from orders.domain.refused import BadInput
from orders.domain.shop_settings import SETTINGS, Value, value_of

Until = datetime | None
"""When it is over; None: when somebody says so."""


class Shop(NamedTuple):
    """The shop after some facts."""

    sold_out: Mapping[tuple[StockKind, str], Until] = MappingProxyType({})
    extra_minutes: int = 0
    slow_until: datetime | None = None
    paused_until: datetime | None = None
    chosen: Mapping[str, str] = MappingProxyType({})

    def is_sold_out(self, kind: StockKind, slug: str, at: datetime) -> bool:
        """Whether it has run out."""
        if (kind, slug) not in self.sold_out:
            return False
        until = self.sold_out[kind, slug]
        return until is None or at < until

    def sold_out_until(self, kind: StockKind, slug: str) -> Until:
        """When there is some of it again, if that is known."""
        return self.sold_out.get((kind, slug))

    def extra_at(self, at: datetime) -> int:
        """How many minutes every order is promised later."""
        is_slow = self.slow_until is not None and at < self.slow_until
        return self.extra_minutes if is_slow else 0

    def is_paused(self, at: datetime) -> bool:
        """Whether orders are taken at the counter only."""
        return self.paused_until is not None and at < self.paused_until

    def setting(self, name: str) -> Value:
        """What the shop chose, or what it has by itself."""
        usual = SETTINGS[name].usual
        try:
            return value_of(name, self.chosen[name]) if name in self.chosen else usual
        except BadInput:
            return usual  # a choice of before, which may not be made any more

    def is_on(self, name: str) -> bool:
        """A setting of yes or no."""
        return self.setting(name) is True

    def number(self, name: str) -> int:
        """A setting that is a number."""
        value = self.setting(name)
        assert isinstance(value, int)
        return value

    @property
    def promise_seconds(self) -> int:
        """The least that an order is promised."""
        return self.number("promise_minutes") * 60

    def choice(self, name: str) -> str:
        """A setting that is one of several."""
        return str(self.setting(name))

    def is_open(self, at: datetime, before_closing: int = 0) -> bool:
        """Whether the shop is open at a time of its clock, and so many minutes longer."""
        return opening_hours.is_open(self.words("opening_hours"), at, before_closing)

    def words(self, name: str) -> tuple[str, ...]:
        """A setting that is a list of words."""
        value = self.setting(name)
        assert isinstance(value, tuple)
        return value


def evolve(shop: Shop, fact: Fact) -> Shop:
    """The shop after this fact."""
    at = fact.occurred_at
    match fact.event:
        case SoldOut(kind=kind, slug=slug, minutes=minutes):
            until = at + timedelta(minutes=minutes) if minutes else None
            return shop._replace(sold_out={**shop.sold_out, (kind, slug): until})
        case BackInStock(kind=kind, slug=slug):
            left = {key: until for key, until in shop.sold_out.items() if key != (kind, slug)}
            return shop._replace(sold_out=left)
        case BarSlowedDown(extra_minutes=extra, minutes=minutes):
            slow_until = at + timedelta(minutes=minutes)
            return shop._replace(extra_minutes=extra, slow_until=slow_until)
        case WebOrdersPaused(minutes=minutes):
            return shop._replace(paused_until=at + timedelta(minutes=minutes))
        case BarAtUsualPace():
            return shop._replace(slow_until=None, paused_until=None)
        case SettingChosen(setting=setting, value=value):
            return shop._replace(chosen={**shop.chosen, setting: value})
    return shop


def fold(facts: Iterable[Fact], shop: Shop | None = None) -> Shop:
    """The shop after these facts of its stream, or further on from an earlier shop."""
    after = shop or Shop()
    for fact in facts:
        after = evolve(after, fact)
    return after
