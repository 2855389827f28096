"""What a screen is: a projection that feeds it, who may see it, and what of it is shown live.

Knows no single screen: each is a module in `screens/`, listed there once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from projections.engine.projection import Projection
from projections.engine.unit_of_work import Changes

MOST_FRAGMENTS = 40
"""A commit that changed more rows than this is shown by a new snapshot instead of a push."""


@dataclass(frozen=True)
class Fragment:
    """The full state of one element of a page; `html` None takes it off the screen.

    With a `slot` it stands in that list, sorted by `sort` as text; without one it replaces the
    element of the same id where that is.
    """

    id: str
    html: str | None
    slot: str = ""
    sort: str = ""


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One screen. Without a `snapshot` it is not live.

    `permission` is a codename of `staff.roles`; None: open to everybody who knows the address.
    `snapshot` gets the key of the view ("" where there is one view for all). `changed` is None
    where a change is shown by a new snapshot. `summary` makes what depends on all rows: it is
    drawn once for all viewers, where there are any, after the changes it sums up. `pause` is the
    time between two snapshots of one view, in seconds: in a rush, changes are shown together. A
    screen without a projection is drawn anew with every heartbeat. With a `title` every page of
    the staff links to the screen's own, whose address has the name `page`.
    """

    view: str
    permission: str | None
    projection: Projection | None = None
    snapshot: Callable[[str], list[Fragment]] | None = None
    changed: Callable[[Changes], list[Fragment]] | None = None
    summary: Callable[[], list[Fragment]] | None = None
    pause: float = 0.0
    page: str = ""
    title: str = ""

    def fragments_of(self, changes: Changes) -> list[Fragment] | None:
        """What these rows changed on the screen; None if a snapshot shows it better."""
        if self.changed is None or sum(map(len, changes.values())) > MOST_FRAGMENTS:
            return None
        return self.changed(changes)


def newest_first(moment: datetime) -> str:
    """A text that sorts later moments first (20 digits: microseconds before the year 5138)."""
    return f"{100_000_000_000_000_000 - int(moment.timestamp() * 1_000_000):020d}"


def oldest_first(moment: datetime, number: int) -> str:
    """A text that sorts earlier moments first; the order's number decides between equals."""
    return f"{moment.isoformat(timespec='microseconds')}-{number:06d}"
