"""The timeline of an order has words for everything that can happen to the order."""

import pytest

from orders.domain.event import Event
from projections.tests.events_of_an_order import EVENTS_OF_AN_ORDER, example_of
from projections.views.timeline import timeline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("event_class", EVENTS_OF_AN_ORDER)
def test_every_published_event_of_an_order_has_words(event_class: type[Event]) -> None:
    *_, fact = example_of(event_class)
    (moment,) = timeline([fact])

    assert moment.fact is fact
    assert moment.words
