"""The barista's queue: what is to be made, what waits to be fetched, all-day counts, drinks."""

from django.template.loader import render_to_string

from projections.all_day import all_day_of
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.unit_of_work import Changes
from projections.screen import Fragment, Room, Screen, are_more_than, more_rows
from projections.screens.barista_queue.queries import (
    DONE_SHOWN,
    HELD_SHOWN,
    QUEUE_SHOWN,
    drinks,
    held_rows,
    open_lines,
    open_tickets,
    recently_done,
)
from projections.screens.barista_queue.ticket import (
    NAME,
    NEVER_READY,
    OPEN_TICKETS,
    QueueTicket,
    ticket_of,
)


def _snapshot(_key: str, room: Room) -> list[Fragment]:
    tickets = room.fill(open_tickets(), QUEUE_SHOWN, _ticket)
    more_queued = room.left_out
    held = room.fill(held_rows(), HELD_SHOWN, _ticket)
    more_held = room.left_out - more_queued
    done = room.fill(recently_done(), DONE_SHOWN, _done_ticket)
    more = [more_rows("queue", more_queued, "bar"), more_rows("held", more_held)]
    return [*tickets, *held, *done, *more]


def _is_crowded() -> bool:
    rows = active_rows(QueueTicket).filter(state__in=OPEN_TICKETS)
    return are_more_than(QUEUE_SHOWN, rows) or are_more_than(HELD_SHOWN, held_rows())


def _changed(changes: Changes) -> list[Fragment]:
    tickets = [row for row in changes[QueueTicket].values() if isinstance(row, QueueTicket)]
    fragments = [_ticket(ticket) for ticket in tickets]
    if all(ticket.state in NEVER_READY and not ticket.brought_back for ticket in tickets):
        return fragments
    # As many may have left the drawer as tickets changed; one brought back makes room in it.
    last = recently_done(DONE_SHOWN + len(tickets))
    room = any(ticket.brought_back for ticket in tickets)
    changed = {ticket.order for ticket in tickets}
    shown, too_old = last[:DONE_SHOWN], last[DONE_SHOWN:]
    fragments += [_done_ticket(done) for done in shown if room or done.order in changed]
    gone = changed - {done.order for done in shown} | {done.order for done in too_old}
    return fragments + [Fragment(f"done-{order}", None, "done") for order in sorted(gone)]


def _ticket(ticket: QueueTicket) -> Fragment:
    if ticket.is_held:
        html = render_to_string("bar/_held.html", {"ticket": ticket})
        return Fragment(ticket.element_id, html, "held", ticket.sort)
    if not ticket.is_open:
        return Fragment(ticket.element_id, None, "queue")
    html = render_to_string("bar/_ticket.html", {"ticket": ticket})
    return Fragment(ticket.element_id, html, "queue", ticket.sort)


def _done_ticket(ticket: QueueTicket) -> Fragment:
    html = render_to_string("bar/_done.html", {"ticket": ticket})
    return Fragment(ticket.done_element_id, html, "done", ticket.done_sort)


def _summary() -> list[Fragment]:
    lines = open_lines()
    counts = {"all_day": all_day_of(order.lines for order in lines)}
    return [
        Fragment("all-day", render_to_string("bar/_all_day.html", counts)),
        Fragment("drinks", render_to_string("bar/_drinks.html", {"drinks": drinks(lines)})),
    ]


SCREEN = Screen(
    view=NAME,
    permission="see_queue",
    projection=Projection(name=NAME, version=7, tables=(QueueTicket,), row=ticket_of, view=NAME),
    snapshot=_snapshot,
    is_crowded=_is_crowded,
    changed=_changed,
    summary=_summary,
    pause=0.2,
    follows_the_shop=True,
    page="bar",
    title="Bar",
)
