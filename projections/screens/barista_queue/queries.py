"""What the bar's pages ask: of the tickets of now, or of those that could be seen in the past."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from orders.domain.order_words import shown_number
from projections.drinks import Drink, OpenLines, drinks_of
from projections.engine.checkpoints import active_rows
from projections.folded_order import FoldedOrder
from projections.screens.barista_queue.ticket import (
    NOT_DONE,
    OPEN_TICKETS,
    STILL_OPEN,
    QueueTicket,
    TicketState,
    ticket_of,
)

DONE_SHOWN = 10
"""Finished tickets in the bar's drawer."""

QUEUE_SHOWN = 60
"""Tickets on the queue at most: 1920 x 1080 shows 8 without scrolling, and nobody works on what
stands seven screens further down. The rest is counted, and is on the next pages."""

DRINKS_SHOWN = 40
"""Different drinks in the drinks view."""

HELD_SHOWN = 10
"""Held orders in the rail; the rest is counted."""

Orders = Iterable[FoldedOrder]


def open_tickets(then: Orders | None = None) -> QuerySet[QueueTicket] | list[QueueTicket]:
    """What is to be made or to be stopped, in the order of the queue. To be shown page by page."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket and ticket.is_open]
        return sorted(tickets, key=lambda ticket: ticket.sort)
    rows = active_rows(QueueTicket).filter(state__in=OPEN_TICKETS)
    return rows.order_by("-goes_first", "promised_at", "number")


def open_ticket(order: str) -> QueueTicket | None:
    """The ticket of an order (a hexadecimal id), if the bar has still to do with it."""
    return active_rows(QueueTicket).filter(order=order, state__in=STILL_OPEN).first()


def held_tickets(then: Orders | None = None) -> list[QueueTicket]:
    """What the bar waits with, in the order of the queue."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket and ticket.is_held]
        return sorted(tickets, key=lambda ticket: ticket.sort)
    return list(held_rows()[:HELD_SHOWN])


def held_count() -> int:
    """How many orders the bar waits with."""
    return held_rows().count()


def held_rows() -> QuerySet[QueueTicket]:
    rows = active_rows(QueueTicket).filter(state=TicketState.HELD)
    return rows.order_by("-goes_first", "promised_at", "number")


def rushed_besides(order: str) -> int:
    """How many other orders are in a rush just now."""
    rows = active_rows(QueueTicket).filter(state__in=STILL_OPEN).exclude(rush="")
    return rows.exclude(order=order).count()


def recently_done(limit: int = DONE_SHOWN, then: Orders | None = None) -> list[QueueTicket]:
    """Tickets that were called ready, the latest first: of all orders, or of these."""
    if then is not None:
        tickets = [ticket for ticket in map(ticket_of, then) if ticket]
        ready = [ticket for ticket in tickets if ticket.ready_at and not ticket.is_open]
        return sorted(ready, key=lambda ticket: ticket.done_sort)[:limit]
    rows = active_rows(QueueTicket).filter(
        ready_at__isnull=False, state__in=(TicketState.READY, TicketState.DONE)
    )
    return list(rows.order_by("-ready_at", "-number")[:limit])


def ready_by(at: datetime, limit: int = 3 * DONE_SHOWN) -> list[str]:
    """Which orders (hexadecimal ids) were called ready by then, the latest first."""
    rows = active_rows(QueueTicket).filter(first_ready_at__lte=at)
    return list(rows.order_by("-first_ready_at", "-number").values_list("order", flat=True)[:limit])


def done_among(orders: Collection[str], limit: int = 20) -> list[QueueTicket]:
    """Of these orders (hexadecimal ids) those that were called ready, the latest first."""
    # Chosen and sorted here: SQLite would rather look through everything that was ever ready.
    rows = active_rows(QueueTicket).filter(order__in=list(orders))
    done = [row for row in rows if row.ready_at is not None and not row.is_open]
    return sorted(done, key=lambda row: row.done_sort)[:limit]


def open_at_closing(most: int) -> tuple[list[QueueTicket], int]:
    """What has no ending yet, made or not, the oldest first: so many, and how many there are."""
    rows = active_rows(QueueTicket).filter(state__in=(*STILL_OPEN, TicketState.READY))
    return list(rows.order_by("ordered_at", "number")[:most]), rows.count()


@dataclass(frozen=True, kw_only=True)
class OpenOrder:
    """What is still to be done with an order."""

    to_make: bool  # or to be stopped
    unpaid: bool  # and not cancelled: somebody will have to pay


def open_count(besides: Collection[str] = ()) -> int:
    """How many orders are still to be made or to be stopped, besides these (hexadecimal ids)."""
    rows = active_rows(QueueTicket).filter(state__in=STILL_OPEN)
    return (rows.exclude(order__in=list(besides)) if besides else rows).count()


def open_among(orders: Collection[str]) -> dict[str, OpenOrder]:
    """Of these orders (hexadecimal ids) those that the bar knows."""
    rows = active_rows(QueueTicket).filter(order__in=list(orders))
    return {
        order: OpenOrder(
            to_make=state in STILL_OPEN,
            unpaid=not paid and state in (*NOT_DONE, TicketState.HELD, TicketState.READY),
        )
        for order, state, paid in rows.values_list("order", "state", "paid")
    }


def open_lines(tickets: Iterable[QueueTicket] | None = None) -> list[OpenLines]:
    """What is to be made, in the order of the queue: of these tickets, or of all of now."""
    if tickets is not None:
        return [
            OpenLines(
                ticket.order,
                ticket.number_text,
                ticket.lines,
                ticket.allergies,
                ticket.note,
                ticket.cups,
            )
            for ticket in tickets
            if ticket.state in NOT_DONE
        ]
    # What is shown of them alone: in a rush there are many, and they are counted again and again.
    rows = active_rows(QueueTicket).filter(state__in=NOT_DONE)
    queue = rows.order_by("-goes_first", "promised_at", "number")
    lines = queue.values_list("order", "number", "lines", "allergies", "note", "cups")
    return [OpenLines(order, shown_number(number), *rest) for order, number, *rest in lines]


def drinks(lines: Iterable[OpenLines]) -> list[Drink]:
    """Equal drinks together; in a rush those that stand first."""
    return drinks_of(lines)[:DRINKS_SHOWN]
