"""What the bar says of the shop as a whole: what has run out, and how much it takes on.

Belongs to preparation: who stands at the bar sees it. Whether a time is over is for whoever asks,
at a moment (`shop.py`); nothing here looks at a clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import (
    BackInStock,
    BarAtUsualPace,
    BarSlowedDown,
    SoldOut,
    StockKind,
    WebOrdersPaused,
)
from orders.domain.refused import BadInput, UnknownCommand

LONGEST_SOLD_OUT = 24 * 60
"""Minutes: longer than a day is until somebody says so."""

EXTRA_MINUTES = (2, 5, 10)
LONGEST_PAUSE = 120
LONGEST_SLUG = 50


@dataclass(frozen=True, kw_only=True)
class StockCommand(Command):
    """A command of the bar about the shop as a whole."""

    @property
    def service(self) -> "Service[Stock]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class SellOut(StockCommand):
    """There is no more of it, for so many minutes or (0) until somebody says so.

    `how_long` is what was asked for in words: "today" is other minutes when the form is sent again.
    """

    kind: StockKind
    slug: str
    for_minutes: int
    how_long: str = ""


@dataclass(frozen=True, kw_only=True)
class Restock(StockCommand):
    """There is some of it again."""

    kind: StockKind
    slug: str


@dataclass(frozen=True, kw_only=True)
class SlowDown(StockCommand):
    """Promise every order so many minutes later, for a while."""

    extra_minutes: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class PauseWebOrders(StockCommand):
    """Take orders at the counter only, for a while."""

    minutes: int


@dataclass(frozen=True, kw_only=True)
class UsualPace(StockCommand):
    """Neither slowed down nor paused any more."""


class Stock(NamedTuple):
    """What the decisions need to know."""

    sold_out: frozenset[tuple[StockKind, str]] = frozenset()
    is_slowed_or_paused: bool = False


def evolve(stock: Stock, event: Event) -> Stock:
    """The stock after this fact."""
    match event:
        case SoldOut(kind=kind, slug=slug):
            return stock._replace(sold_out=stock.sold_out | {(kind, slug)})
        case BackInStock(kind=kind, slug=slug):
            return stock._replace(sold_out=stock.sold_out - {(kind, slug)})
        case BarSlowedDown() | WebOrdersPaused():
            return stock._replace(is_slowed_or_paused=True)
        case BarAtUsualPace():
            return stock._replace(is_slowed_or_paused=False)
    return stock


def decide(stock: Stock, command: Command) -> Sequence[Event]:
    """The facts that follow from the command. Raises `BadInput`."""
    match command:
        case SellOut(kind=kind, slug=slug, for_minutes=minutes):
            _refuse_unless(0 < len(slug) <= LONGEST_SLUG, "Please say what has run out.")
            _refuse_unless(0 <= minutes <= LONGEST_SOLD_OUT, "That is too long a time.")
            return [SoldOut(kind=kind, slug=slug, minutes=minutes)]
        case Restock(kind=kind, slug=slug):
            is_sold_out = (kind, slug) in stock.sold_out
            return [BackInStock(kind=kind, slug=slug)] if is_sold_out else []
        case SlowDown(extra_minutes=extra, minutes=minutes):
            _refuse_unless(extra in EXTRA_MINUTES, "Slow down by 2, 5 or 10 minutes.")
            _refuse_unless(1 <= minutes <= LONGEST_PAUSE, "Please say for how long.")
            return [BarSlowedDown(extra_minutes=extra, minutes=minutes)]
        case PauseWebOrders(minutes=minutes):
            _refuse_unless(1 <= minutes <= LONGEST_PAUSE, "Please say for how long.")
            return [WebOrdersPaused(minutes=minutes)]
        case UsualPace():
            return [BarAtUsualPace()] if stock.is_slowed_or_paused else []
    raise UnknownCommand


def _refuse_unless(is_right: bool, sentence: str) -> None:
    if not is_right:
        raise BadInput(sentence)


SERVICE: Service[Stock] = Service(Owner.PREPARATION, Stock(), evolve, decide)
