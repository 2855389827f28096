"""Tracking: from facts to one row an order that tells its whole story. Feeds the customer's page.

The row also says from when to when the order could be seen on the shop's screens: the screens of
the past are made from these rows.
"""

from datetime import datetime

from orders.domain.event import FORGOTTEN, Event
from orders.domain.events import (
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerForgotten,
    LineBroughtBack,
    LinePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentDeclined,
    PaymentRefunded,
    PaymentRolledBack,
    PaymentStarted,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
    RefundStarted,
)
from orders.domain.fact import Fact
from orders.domain.order_status import Money, OrderStatus, Progress, evolve
from orders.domain.streams import id_of
from orders.domain.ticket import Stage
from projections import story
from projections.channels_of_orders import channel_of
from projections.generations import ORDER_TRACKING
from projections.models import TrackedOrder
from projections.order_rows import STILL_TO_BE_SEEN
from projections.projection import Projection
from projections.rows import Rows

MONEY_AT_REST = (Money.PAID, Money.REFUNDED, Money.WRITTEN_OFF, Money.NOTHING_DUE)


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    order = TrackedOrder(
        order=id_of(fact.stream),
        number=event.number,
        day=event.day,
        name=event.name,
        note=event.note,
        customer=event.customer,
        channel=channel_of(fact.actor),
        currency=event.currency,
        total=event.total,
        ordered_at=fact.occurred_at,
        since=fact.occurred_at,
    )
    order.status = OrderStatus()
    _tell(order, fact, rows)


def _went_on(event: Event, fact: Fact, rows: Rows) -> None:
    _tell(rows.require(TrackedOrder, id_of(fact.stream)), fact, rows)


def _forgotten(event: CustomerForgotten, fact: Fact, rows: Rows) -> None:
    for order in rows.find(TrackedOrder, customer=event.customer):
        order.name = order.name and FORGOTTEN
        order.note = order.note and FORGOTTEN
        rows.put(order)


def _tell(order: TrackedOrder, fact: Fact, rows: Rows) -> None:
    order.status = evolve(order.status, fact)
    order.facts = [*order.facts, story.told(fact)]
    order.revision = fact.revision
    order.progress = order.status.progress.value
    order.money = order.status.money.value
    order.since = min(order.since, fact.occurred_at)
    if _is_to_be_seen(order.status):
        order.until, order.span = None, STILL_TO_BE_SEEN
    else:
        latest = max(datetime.fromisoformat(one[2]) for one in order.facts)
        order.until = latest
        order.span = span_of((latest - order.since).total_seconds())
    rows.put(order)


def _is_to_be_seen(status: OrderStatus) -> bool:
    if status.money not in MONEY_AT_REST:
        return True
    match status.progress:
        case Progress.SERVED | Progress.NOT_COLLECTED:
            return False
        case Progress.CANCELLED:
            return status.ticket.stage is Stage.MAKING
        case _:
            return True


def span_of(seconds: float) -> int:
    """The whole part of the binary logarithm of a length in seconds; 0 for less than two."""
    return max(0, int(seconds).bit_length() - 1)


LATER_FACTS: tuple[type[Event], ...] = (
    OrderCancelled,
    OrderServed,
    OrderNotCollected,
    PreparationStarted,
    PreparationReleased,
    LinePrepared,
    LineBroughtBack,
    CoffeePrepared,
    BroughtBack,
    PreparationStopped,
    PaymentStarted,
    OrderPaid,
    PaymentDeclined,
    PaymentRolledBack,
    PaymentWrittenOff,
    RefundStarted,
    PaymentRefunded,
)
"""All that can follow in the stream of an order."""

PROJECTION = Projection(
    name=ORDER_TRACKING,
    version=1,
    tables=(TrackedOrder,),
    handlers={
        CoffeeOrdered: _ordered,
        **dict.fromkeys(LATER_FACTS, _went_on),
        CustomerForgotten: _forgotten,
    },
)
