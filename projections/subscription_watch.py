"""Noticing a subscription that hangs: a frozen connection delivers nothing and says nothing.

The head of the log is asked for over another call. Knows no table.
"""

import time
from collections.abc import Sequence

from orders.event_store import EventStore
from projections.checkpoints import Follower
from projections.feed import Feed

WATCH_EVERY = 2.0
"""Seconds between two looks at the head of the log, while nothing comes."""

STUCK_AFTER = 5.0
"""Seconds without an event while the log has more: the subscription is to be replaced."""


class SubscriptionStuck(Exception):
    """The log has events that the subscription does not deliver."""


class SubscriptionWatch:
    """Notices a subscription that hangs: the head of the log is asked over another call."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._looked_at = time.monotonic()

    def look(self, feed: Feed, followers: Sequence[Follower]) -> None:
        """Raises `SubscriptionStuck`, or `StoreUnavailable` when the log does not answer."""
        now = time.monotonic()
        if now - self._looked_at < WATCH_EVERY:
            return
        self._looked_at = now
        furthest = max((one.position for one in followers), default=0)
        behind = self._store.head() > max(0, furthest)
        if behind and now - feed.last_event_at > STUCK_AFTER:
            raise SubscriptionStuck
