"""The published event types of an order, derived from the registry, with an example of each."""

from functools import cache

from orders.domain.event import Event, published_types
from orders.domain.fact import Fact
from orders.domain.streams import ORDER, category_of
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.shop_day import random_day

IN_OTHER_STREAMS = {
    "CustomerForgotten",
    "CustomerNameReleased",
    "CustomerNameReserved",
    "CustomerRegistered",
    "OrderNumbersReserved",
    "SoldOut",
    "BackInStock",
    "BarSlowedDown",
    "WebOrdersPaused",
    "BarAtUsualPace",
    "SettingChosen",
    "PickUpSlotTaken",
    "PickUpSlotFreed",
}
"""What stands in streams of other categories."""

EVENTS_OF_AN_ORDER: list[type[Event]] = [
    kind.event_class for kind in published_types() if kind.name not in IN_OTHER_STREAMS
]


def orders_of(log: InMemoryLog) -> list[str]:
    """The streams of the orders in this log."""
    return sorted({e.stream for e in log.events if category_of(e.stream) == ORDER})


@cache
def histories(seed: int) -> list[list[Fact]]:
    """The facts of each order of a random day."""
    log = random_day(seed)
    return [log.facts(stream) for stream in orders_of(log)]


def example_of(event_class: type[Event]) -> list[Fact]:
    """A history that ends with an event of that type, from random days."""
    for facts in (facts for seed in range(400) for facts in histories(seed)):
        for number, fact in enumerate(facts, start=1):
            if type(fact.event) is event_class:
                return facts[:number]
    raise AssertionError(f"No random day has a {event_class.__name__}.")
