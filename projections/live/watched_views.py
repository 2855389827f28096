"""Which views somebody looks at, as the web processes say again and again.

A view that nobody has named of late is not drawn for a push: who looks at it all the same gets a
snapshot. So it does no harm when a message is lost, or a viewer is gone. Knows no view.
"""

import time
from collections.abc import Callable, Iterable, Sequence

GROUP = "projectors"
"""The group of the channel layer whose members want to know: one in each projector."""

WATCHED_SECONDS = 12.0
"""How long a view counts as looked at: two heartbeats of a web process, and a little more."""

VIEWS_AT_ONCE = 500
"""Names in one message: some 25 KB."""


def messages_for(views: Sequence[str]) -> list[dict[str, object]]:
    """What a web process sends to the group while somebody looks at these views."""
    return [
        {"type": "views.watched", "views": views[start : start + VIEWS_AT_ONCE]}
        for start in range(0, len(views), VIEWS_AT_ONCE)
    ]


class WatchedViews:
    """What one projector knows. Written by one thread, read by any."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def __contains__(self, view: object) -> bool:
        return self._until.get(str(view), 0.0) > self._clock()

    def note(self, views: Iterable[str]) -> None:
        """Somebody looks at these just now."""
        now = self._clock()
        for view in [view for view, until in self._until.items() if until <= now]:
            del self._until[view]
        self._until.update(dict.fromkeys(views, now + WATCHED_SECONDS))
