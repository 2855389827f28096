"""How long an order would take just now: the question that ordering asks before it promises.

The write side knows no queue. Whoever knows it stands behind the setting `WAIT_ESTIMATE`, the
dotted path of a function that gives a `WaitEstimate`; this module is only the question.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from orders.domain.events import Line
from orders.domain.wait import Wait, wait_of
from orders.shop_state import shop_as_known, shop_now


class WaitEstimate(Protocol):
    """Answers for the whole shop, from any thread, without waiting for another."""

    def wait(self, items: Mapping[str, int]) -> Wait:
        """How long these items (slugs, with how many of each) would take, ordered now."""

    def work(self, items: Mapping[str, int]) -> float:
        """How many seconds of one barista's work they are."""


class EmptyBar:
    """Knows of no work: for tests of the write side, which has no queue."""

    def wait(self, _items: Mapping[str, int]) -> Wait:
        """As long as the shop promises at least."""
        return wait_of(0, 0, 1, shop_as_known().promise_seconds)

    def work(self, items: Mapping[str, int]) -> float:
        """A minute for each."""
        return 60.0 * sum(items.values())


@cache
def estimate() -> WaitEstimate:
    """The one of this process: what the settings name."""
    made: WaitEstimate = import_string(settings.WAIT_ESTIMATE)()
    return made


def wait_now() -> Wait:
    """How long something small would take, ordered now."""
    return _later(estimate().wait({}))


def wait_for(lines: Sequence[Line]) -> Wait:
    """How long an order of these lines would take, placed now."""
    return _later(estimate().wait(_items_of(lines)))


def work_of(lines: Sequence[Line]) -> float:
    """How many seconds of one barista's work these lines are."""
    return estimate().work(_items_of(lines))


def _items_of(lines: Sequence[Line]) -> dict[str, int]:
    items: dict[str, int] = {}
    for line in lines:
        items[line.item] = items.get(line.item, 0) + line.quantity
    return items


def _later(wait: Wait) -> Wait:
    """As much later as the bar has asked for."""
    return wait.later(shop_now().extra_at(timezone.now()))
