"""Every projection of the shop, in one place."""

from projections import (
    barista_queue,
    cashier_desk,
    daily_sales,
    directory,
    order_tracking,
    pickup_board,
)
from projections.projection import Projection

PROJECTIONS: tuple[Projection, ...] = (
    barista_queue.PROJECTION,
    cashier_desk.PROJECTION,
    pickup_board.PROJECTION,
    order_tracking.PROJECTION,
    daily_sales.PROJECTION,
    directory.PROJECTION,
)


def projection_named(name: str) -> Projection:
    """The projection of that name. Raises `LookupError` with the names there are."""
    for projection in PROJECTIONS:
        if projection.name == name:
            return projection
    known = ", ".join(one.name for one in PROJECTIONS)
    raise LookupError(f"There is no projection {name}. There are: {known}.")
