"""Every screen of the shop, each in a module of its own; a new one is one entry in this list.

A screen's module has its table, its row function or handlers, what the pages ask of it, what of it
is shown live, and who may see it. No screen knows another.
"""

from projections.engine.projection import Projection
from projections.screen import Screen
from projections.screens import (
    barista_queue,
    cashier_desk,
    directory,
    order_tracking,
    pickup_board,
    promises,
    read_side,
    sales,
    shop_news,
)
from projections.screens.shop_news import heard_of_the_shop

__all__ = [
    "FOLLOW_THE_SHOP",
    "LIVE_SCREENS",
    "PROJECTIONS",
    "SCREENS",
    "NoSuchView",
    "heard_of_the_shop",
    "projection_named",
    "screen_of",
]

SCREENS: tuple[Screen, ...] = (
    barista_queue.SCREEN,
    cashier_desk.SCREEN,
    sales.SCREEN,
    promises.SCREEN,
    directory.SCREEN,
    read_side.SCREEN,
    pickup_board.SCREEN,
    order_tracking.SCREEN,
    shop_news.SCREEN,
)
"""In the order in which the staff's pages link them."""

PROJECTIONS: tuple[Projection, ...] = tuple(
    screen.projection for screen in SCREENS if screen.projection is not None
)

LIVE_SCREENS = {screen.view: screen for screen in SCREENS if screen.snapshot is not None}

FOLLOW_THE_SHOP = tuple(view for view, screen in LIVE_SCREENS.items() if screen.follows_the_shop)
"""The views that a fact about the shop as a whole changes."""


class NoSuchView(LookupError):
    """Nobody can look at a view of this name."""


def screen_of(view: str) -> Screen:
    """The screen of a live view: `board`, or `order:<key>` for the view of one row.

    Raises `NoSuchView`.
    """
    try:
        return LIVE_SCREENS[view.partition(":")[0]]
    except KeyError:
        raise NoSuchView(view) from None


def projection_named(name: str) -> Projection:
    """The projection of that name. Raises `LookupError` with the names there are."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    known = ", ".join(projection.name for projection in PROJECTIONS)
    raise LookupError(f"There is no projection {name}. There are: {known}.")
