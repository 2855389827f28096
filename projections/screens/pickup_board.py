"""The public board: whose order is being made, whose is ready.

Everybody can read it, so it knows no more of a person than the beginning of a name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db import models
from django.db.models import QuerySet
from django.template.loader import render_to_string

from orders.domain.progress import Progress
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import unique_in_generation
from projections.engine.unit_of_work import Changes
from projections.folded_order import FoldedOrder
from projections.order_row import OrderRow
from projections.screen import (
    Fragment,
    Room,
    Screen,
    are_more_than,
    more_rows,
    newest_first,
    oldest_first,
)

NAME = "board"
NAME_LENGTH = 12
"""Characters of a name that can be read from five metres beside the number."""

MAKING_ROOM = 12
"""Numbers that `board.css` has room for under "Making"; the rest is counted."""

MAKING_SHOWN = 2 * MAKING_ROOM
"""Numbers that are on the page: those behind move up without a word from the server."""

PAST_SHOWN = 200
"""Numbers in each column of a board of the past, which is looked through on a page."""

READY_SHOWN = 16
"""Numbers under "Ready": `board.css` has room for 8 large ones, or 2 and 14 small ones."""


class BoardState(StrEnum):
    """Where a waiting customer's eyes find the number."""

    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    GONE = "gone"


STATES = {
    Progress.WAITING: BoardState.QUEUED,
    Progress.HELD: BoardState.QUEUED,
    Progress.MAKING: BoardState.MAKING,
    Progress.READY: BoardState.READY,
}


class BoardEntry(OrderRow):
    """One number on the public board. Gone orders keep their row: one can be brought back."""

    PROJECTION: ClassVar = NAME
    PERSONAL: ClassVar = ("name",)

    name = models.CharField(max_length=12, help_text="As much of the name as is shown.")
    state = models.CharField(max_length=10)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "board entries"
        constraints: ClassVar = [unique_in_generation("board_entry_of_order", "order")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "state", "ordered_at"], name="board_state"),
            models.Index(fields=["generation", "customer"], name="board_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.number_text} {self.state}"

    @property
    def element_id(self) -> str:
        """The id of this entry's element on the board."""
        return f"entry-{self.order}"

    @property
    def is_ready(self) -> bool:
        """Whether it can be fetched."""
        return self.state == BoardState.READY

    @property
    def slot(self) -> str:
        """The column it stands in: `making` (queued ones too) or `ready`; empty when gone."""
        match self.state:
            case BoardState.READY:
                return "ready"
            case BoardState.GONE:
                return ""
        return "making"

    @property
    def sort(self) -> str:
        """Making: oldest first. Ready: newest first. Sorts as text."""
        if self.is_ready and self.ready_at is not None:
            return newest_first(self.ready_at)
        return oldest_first(self.ordered_at, self.number)


def entry_of(order: FoldedOrder) -> BoardEntry | None:
    """The row of an order; None while nobody has ordered, and for an order of before the shop."""
    status = order.state
    placed = status.placed
    if placed is None or status.times.ordered is None or status.promised_at is None:
        return None
    return BoardEntry(
        order=order.id,
        number=placed.number,
        day=placed.day,
        name=short_name(placed.name) if placed.on_board else "",
        customer=placed.customer,
        state=STATES.get(status.progress, BoardState.GONE).value,
        ordered_at=status.times.ordered,
        ready_at=status.times.ready,
    )


def short_name(name: str) -> str:
    """As much of a name as the board has room for: whole words, or the beginning of a long one."""
    if len(name) <= NAME_LENGTH:
        return name
    whole_words, space, _ = name[: NAME_LENGTH + 1].rpartition(" ")
    return whole_words.rstrip() if space else f"{name[: NAME_LENGTH - 1]}…"


@dataclass(frozen=True, kw_only=True)
class Board:
    """The two columns of the board."""

    making: list[BoardEntry]  # oldest first
    ready: list[BoardEntry]  # newest first
    more_making: int  # for which there is no room
    more_ready: int


def making() -> QuerySet[BoardEntry]:
    """The numbers that are waited for, oldest first."""
    states = (BoardState.QUEUED, BoardState.MAKING)
    rows = active_rows(BoardEntry).filter(state__in=states)
    return rows.order_by("ordered_at", "number")


def ready() -> QuerySet[BoardEntry]:
    """The numbers that can be fetched, newest first."""
    return active_rows(BoardEntry).filter(state=BoardState.READY).order_by("-ready_at", "pk")


def board(then: Iterable[FoldedOrder] | None = None) -> Board:
    """The board now, or for the orders that could be seen at a time in the past."""
    columns: list[Any] = [making(), ready()]
    most = (MAKING_SHOWN, READY_SHOWN)
    if then is not None:
        entries = [entry for entry in map(entry_of, then) if entry is not None]
        entries.sort(key=lambda entry: entry.sort)
        slots = ("making", "ready")
        columns = [[entry for entry in entries if entry.slot == slot] for slot in slots]
        most = (PAST_SHOWN, PAST_SHOWN)
    pages = [Paginator(column, rows).page(1) for column, rows in zip(columns, most, strict=True)]
    counts = [page.paginator.count for page in pages]
    return Board(
        making=list(pages[0]),
        ready=list(pages[1]),
        more_making=max(0, counts[0] - MAKING_ROOM),
        more_ready=max(0, counts[1] - READY_SHOWN),
    )


def _snapshot(_key: str, room: Room) -> list[Fragment]:
    return [
        *room.fill(ready(), READY_SHOWN, _entry),
        *room.fill(making(), MAKING_SHOWN, _entry),
    ]


def _summary() -> list[Fragment]:
    return [
        more_rows("ready", max(0, ready().count() - READY_SHOWN)),
        more_rows("making", max(0, making().count() - MAKING_ROOM)),
    ]


def _is_crowded() -> bool:
    return are_more_than(READY_SHOWN, ready()) or are_more_than(MAKING_SHOWN, making())


def _changed(changes: Changes) -> list[Fragment]:
    rows = changes[BoardEntry].values()
    return [_entry(row) for row in rows if isinstance(row, BoardEntry)]


def _entry(entry: BoardEntry) -> Fragment:
    if not entry.slot:
        return Fragment(entry.element_id, None)
    html = render_to_string("board/_entry.html", {"entry": entry})
    return Fragment(entry.element_id, html, entry.slot, entry.sort)


SCREEN = Screen(
    view=NAME,
    permission=None,
    projection=Projection(name=NAME, version=3, tables=(BoardEntry,), row=entry_of, view=NAME),
    snapshot=_snapshot,
    is_crowded=_is_crowded,
    summary=_summary,
    changed=_changed,
    pause=0.2,
    follows_the_shop=True,
    page="board",
    title="Board",
)
