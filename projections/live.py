"""The live screens: which view shows which rows, and what of it one commit has changed.

A fragment is rendered once per change, by the template that the page itself uses. Knows neither
sockets nor transactions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.template.loader import render_to_string
from django.utils import timezone

from projections import queries
from projections.fragment import Fragment
from projections.generations import BARISTA_QUEUE, BOARD, CASHIER_DESK, ORDER_TRACKING, SALES
from projections.models import (
    Balance,
    BoardEntry,
    ReadRow,
    Ticket,
    TicketState,
    TrackedOrder,
)
from projections.rows import Changes
from projections.sales_words import words_of_day

PROJECTIONS_VIEW = "projections"
"""The managers' look at the projections themselves. No projection feeds it: it is polled."""

ORDER_PREFIX = "order:"
"""Before the hexadecimal id: the view of one order."""

DONE_SHOWN = 10
"""Finished tickets in the bar's drawer."""

NOT_DONE = (TicketState.QUEUED, TicketState.MAKING)

MOST_FRAGMENTS = 40
"""A commit that changed more rows than this is shown by a new snapshot instead of a push."""


R = TypeVar("R", bound=ReadRow)


class NoSuchView(LookupError):
    """Nobody can look at a view of this name."""


@dataclass(frozen=True)
class Screen:
    """One view. `changed` is None where a change is shown by a new snapshot."""

    view: str
    projection: str
    permission: str | None  # a codename of `staff`; None: open to everybody
    snapshot: Callable[[], list[Fragment]]
    changed: Callable[[Changes], list[Fragment]] | None = None


def screen_of(view: str) -> Screen:
    """The screen behind a view's name. Raises `NoSuchView`."""
    if view.startswith(ORDER_PREFIX):
        order = view.removeprefix(ORDER_PREFIX)
        return Screen(view, ORDER_TRACKING, None, lambda: _tracking(order))
    try:
        return SCREENS[view]
    except KeyError:
        raise NoSuchView(view) from None


def views_changed_by(projection: str, changes: Changes) -> set[str]:
    """The views that show one of these rows."""
    if projection == ORDER_TRACKING:
        orders = changes.get(TrackedOrder, {})
        return {f"{ORDER_PREFIX}{order}" for (order,) in orders}
    if not any(changes.values()):
        return set()
    return {screen.view for screen in SCREENS.values() if screen.projection == projection}


def fragments_of(view: str, changes: Changes) -> list[Fragment] | None:
    """What these rows changed on the view; None if a snapshot shows it better."""
    changed = screen_of(view).changed
    if changed is None or sum(map(len, changes.values())) > MOST_FRAGMENTS:
        return None
    return changed(changes)


def _queue() -> list[Fragment]:
    done = [_done_ticket(one) for one in queries.recently_done(DONE_SHOWN)]
    return [_ticket(one) for one in queries.barista_queue()] + done


def _queue_changed(changes: Changes) -> list[Fragment]:
    tickets = _rows(changes, Ticket)
    fragments = [_ticket(ticket) for ticket in tickets]
    if all(ticket.state in NOT_DONE and not ticket.brought_back for ticket in tickets):
        return fragments
    # As many may have left the drawer as tickets changed; one brought back makes room in it.
    last = queries.recently_done(DONE_SHOWN + len(tickets))
    room = any(ticket.brought_back for ticket in tickets)
    changed = {ticket.order for ticket in tickets}
    shown, too_old = last[:DONE_SHOWN], last[DONE_SHOWN:]
    fragments += [_done_ticket(one) for one in shown if room or one.order in changed]
    gone = changed - {one.order for one in shown} | {one.order for one in too_old}
    return fragments + [Fragment(f"done-{order}", None, "done") for order in sorted(gone)]


def _ticket(ticket: Ticket) -> Fragment:
    if not ticket.is_open:
        return Fragment(ticket.element_id, None, "queue")
    html = render_to_string("bar/_ticket.html", {"ticket": ticket})
    return Fragment(ticket.element_id, html, "queue", ticket.sort)


def _done_ticket(ticket: Ticket) -> Fragment:
    html = render_to_string("bar/_done.html", {"ticket": ticket})
    return Fragment(ticket.done_element_id, html, "done", ticket.done_sort)


def _desk() -> list[Fragment]:
    return [_balance(one) for one in queries.cashier_desk()]


def _desk_changed(changes: Changes) -> list[Fragment]:
    return [_balance(one) for one in _rows(changes, Balance)]


def _balance(balance: Balance) -> Fragment:
    if balance.settled:
        return Fragment(balance.element_id, None, "balances")
    html = render_to_string("till/_balance.html", {"balance": balance})
    return Fragment(balance.element_id, html, "balances", balance.sort)


def _board() -> list[Fragment]:
    board = queries.board()
    return [_entry(one) for one in [*board.making, *board.ready]]


def _board_changed(changes: Changes) -> list[Fragment]:
    return [_entry(one) for one in _rows(changes, BoardEntry)]


def _entry(entry: BoardEntry) -> Fragment:
    if not entry.slot:
        return Fragment(entry.element_id, None)
    html = render_to_string("board/_entry.html", {"entry": entry})
    return Fragment(entry.element_id, html, entry.slot, entry.sort)


def _tracking(order: str) -> list[Fragment]:
    found = queries.tracked_order(order)
    if found is None:
        return []
    return [Fragment("tracking", render_to_string("ordering/_tracking.html", {"order": found}))]


def _sales() -> list[Fragment]:
    return [Fragment("sales", render_to_string("manage/_sales.html", words_of_day(_today())))]


def _projections() -> list[Fragment]:
    context = {"states": queries.projection_states(), "parked": queries.parked_events()}
    return [Fragment("projections", render_to_string("manage/_projections.html", context))]


def _today() -> date:
    return timezone.localdate()


def _rows(changes: Changes, model: type[R]) -> list[R]:
    return [row for row in changes.get(model, {}).values() if isinstance(row, model)]


SCREENS = {
    screen.view: screen
    for screen in (
        Screen("barista-queue", BARISTA_QUEUE, "see_queue", _queue, _queue_changed),
        Screen("cashier-desk", CASHIER_DESK, "see_desk", _desk, _desk_changed),
        Screen("board", BOARD, None, _board, _board_changed),
        Screen("sales", SALES, "see_sales", _sales),
        Screen(PROJECTIONS_VIEW, "", "see_facts", _projections),
    )
}
"""Every view but those of single orders, by its name."""
