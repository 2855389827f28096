"""What a screen is: a projection that feeds it, who may see it, and what of it is shown live.

Knows no single screen: each is a module in `screens/`, listed there once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string

from projections.engine.projection import Projection
from projections.engine.unit_of_work import Changes

MOST_FRAGMENTS = 40
"""A commit that changed more rows than this is shown by a new snapshot instead of a push."""


SNAPSHOT_CHARACTERS = 256 * 1024
"""A snapshot's fragments at most: half of what may wait for one socket (`live.connection`)."""

SHORT = 0.25
"""The share of a screen that somebody gets who reads too slowly for the whole of it."""


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


class Room:
    """How much of a screen one snapshot may hold: a share of its rows, and of the characters."""

    def __init__(self, share: float = 1.0) -> None:
        self._share = share
        self._characters = int(SNAPSHOT_CHARACTERS * share)
        self.left_out = 0
        """Rows that belong to the screen and had no room."""

    @property
    def used(self) -> int:
        """Characters of the fragments that were let in."""
        return int(SNAPSHOT_CHARACTERS * self._share) - self._characters

    def fill(
        self, rows: QuerySet[Any] | list[Any], most: int, draw: Callable[[Any], Fragment]
    ) -> list[Fragment]:
        """The first of these rows, drawn: at most `most` of them, and at least one."""
        limit = max(1, int(most * self._share))
        found = list(rows[: limit + 1])
        fragments: list[Fragment] = []
        for row in found[:limit]:
            fragment = draw(row)
            size = len(fragment.html or "")
            if fragments and size > self._characters:
                break
            self._characters -= size
            fragments.append(fragment)
        if len(found) > len(fragments):
            count = len(rows) if isinstance(rows, list) else rows.count()
            self.left_out += count - len(fragments)
        return fragments


@dataclass(frozen=True, kw_only=True)
class Screen:
    """One screen. Without a `snapshot` it is not live.

    `permission` is a codename of `staff.roles`; None: open to everybody who knows the address.
    `snapshot` gets the key of the view ("" where there is one view for all), and the room there
    is; rows beyond that are counted in it. `is_crowded` says whether there are more rows than a
    snapshot shows: then every change is shown by a new snapshot, so that a screen that was open all
    the time shows the same as one just opened. `changed` is None
    where a change is shown by a new snapshot. `summary` makes what depends on all rows: it is
    drawn once for all viewers, where there are any, after the changes it sums up. `pause` is the
    time between two snapshots of one view, in seconds: in a rush, changes are shown together. A
    screen without a projection is drawn anew with every heartbeat. With a `title` every page of
    the staff links to the screen's own, whose address has the name `page`. One that follows the
    shop is drawn anew with every fact about the shop as a whole: a setting, or what has run out.
    """

    view: str
    permission: str | None
    projection: Projection | None = None
    snapshot: Callable[[str, Room], list[Fragment]] | None = None
    is_crowded: Callable[[], bool] | None = None
    changed: Callable[[Changes], list[Fragment]] | None = None
    summary: Callable[[], list[Fragment]] | None = None
    pause: float = 0.0
    page: str = ""
    title: str = ""
    follows_the_shop: bool = False

    def fragments_of(self, changes: Changes) -> list[Fragment] | None:
        """What these rows changed on the screen; None if a snapshot shows it better."""
        if self.changed is None or sum(map(len, changes.values())) > MOST_FRAGMENTS:
            return None
        return self.changed(changes)


def more_rows(slot: str, left_out: int, page: str = "") -> Fragment:
    """How many rows of a list the screen leaves out, and the name of the page that has them."""
    context = {"slot": slot, "left_out": left_out, "page": page}
    return Fragment(f"more-{slot}", render_to_string("staff/_more.html", context))


def are_more_than(most: int, rows: QuerySet[Any]) -> bool:
    """Whether there are more rows than that, without counting them all."""
    return len(rows.values_list("pk")[most : most + 1]) > 0


def newest_first(moment: datetime) -> str:
    """A text that sorts later moments first (20 digits: microseconds before the year 5138)."""
    return f"{100_000_000_000_000_000 - int(moment.timestamp() * 1_000_000):020d}"


def oldest_first(moment: datetime, number: int) -> str:
    """A text that sorts earlier moments first; the order's number decides between equals."""
    return f"{moment.isoformat(timespec='microseconds')}-{number:06d}"
