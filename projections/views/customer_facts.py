"""Who a customer is, now or at a moment: registered or not, forgotten or not, and their orders.

From the facts of the customer's own stream, and from the orders that the directory knows as theirs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.domain.event import FORGOTTEN
from orders.domain.events import CustomerForgotten, CustomerRegistered
from orders.domain.fact import Fact
from orders.domain.order_status import OrderStatus
from orders.domain.order_words import headline_of, shown_number
from orders.domain.streams import ORDER
from projections.past import orders_at
from projections.screens.directory import orders_of_customer
from projections.screens.order_tracking import orders_of_customer as tracked_orders_of

MOST_ORDERS = 50


@dataclass(frozen=True, kw_only=True)
class OrderThen:
    """An order of the customer, as it was at the moment."""

    stream: str
    number: str
    headline: str
    ordered_at: datetime


@dataclass(frozen=True, kw_only=True)
class CustomerThen:
    """What can be said about a customer at a moment."""

    name: str  # "" for a guest, and for somebody who is forgotten
    registered_at: datetime | None
    forgotten_at: datetime | None
    orders: list[OrderThen]  # the latest first, at most MOST_ORDERS

    @property
    def words(self) -> str:
        """Who this is, in a line."""
        if self.forgotten_at:
            return "Forgotten"
        if self.registered_at:
            return self.name or "Registered"
        return "A guest, not registered"


def customer_then(customer: str, facts: Sequence[Fact], at: datetime | None) -> CustomerThen:
    """A customer (a hexadecimal id) after these facts of their own stream; None for now."""
    registered = _last(facts, CustomerRegistered)
    forgotten = _last(facts, CustomerForgotten)
    event = registered.event if registered else None
    name = event.name if isinstance(event, CustomerRegistered) else ""
    return CustomerThen(
        name="" if name == FORGOTTEN else name,
        registered_at=registered.occurred_at if registered else None,
        forgotten_at=forgotten.occurred_at if forgotten else None,
        orders=list(_orders(_states_now(customer) if at is None else _states_at(customer, at))),
    )


def _last(facts: Sequence[Fact], event_class: type) -> Fact | None:
    found = [fact for fact in facts if isinstance(fact.event, event_class)]
    return found[-1] if found else None


def _states_now(customer: str) -> Iterable[tuple[str, OrderStatus]]:
    rows = tracked_orders_of(customer, MOST_ORDERS)
    return [(f"{ORDER}-{row.order}", row.status) for row in rows]


def _states_at(customer: str, at: datetime) -> Iterable[tuple[str, OrderStatus]]:
    orders = orders_at(orders_of_customer(customer, at, MOST_ORDERS), at)
    return [(order.stream, order.state) for order in orders]


def _orders(states: Iterable[tuple[str, OrderStatus]]) -> Iterable[OrderThen]:
    found = [
        OrderThen(
            stream=stream,
            number=shown_number(status.number),
            headline=headline_of(status),
            ordered_at=status.times.ordered,
        )
        for stream, status in states
        if status.number is not None and status.times.ordered is not None
    ]
    return sorted(found, key=lambda order: order.ordered_at, reverse=True)
