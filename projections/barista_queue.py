"""The barista's queue: from facts to tickets. Feeds the bar screen."""

from datetime import timedelta

from orders.domain.event import FORGOTTEN
from orders.domain.events import (
    BringBackReason,
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerForgotten,
    LineBroughtBack,
    LinePrepared,
    OrderCancelled,
    OrderNotCollected,
    OrderPaid,
    OrderServed,
    PaymentWrittenOff,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
)
from orders.domain.fact import Fact
from orders.domain.streams import id_of
from orders.domain.ticket import Stage
from projections.channels_of_orders import channel_of
from projections.generations import BARISTA_QUEUE
from projections.models import Ticket, TicketState
from projections.projection import Projection
from projections.rows import Rows


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    at = fact.occurred_at
    rows.put(
        Ticket(
            order=id_of(fact.stream),
            number=event.number,
            day=event.day,
            name=event.name,
            note=event.note,
            customer=event.customer,
            channel=channel_of(fact.actor),
            lines=[
                {
                    "line": line.line,
                    "item": line.item,
                    "name": line.name,
                    "size": line.size,
                    "options": list(line.options),
                    "quantity": line.quantity,
                    "ticked": False,
                }
                for line in event.lines
            ],
            state=TicketState.QUEUED.value,
            ordered_at=at,
            clock_from=at,
            promised_at=at + timedelta(seconds=event.promised_seconds),
        )
    )


def _started(event: PreparationStarted, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.started_at = fact.occurred_at
    _move(ticket, fact, rows)


def _released(event: PreparationReleased, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.started_at = None
    _move(ticket, fact, rows)


def _line_prepared(event: LinePrepared, fact: Fact, rows: Rows) -> None:
    _tick(fact, rows, event.line, ticked=True)


def _line_brought_back(event: LineBroughtBack, fact: Fact, rows: Rows) -> None:
    _tick(fact, rows, event.line, ticked=False)


def _prepared(event: CoffeePrepared, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.ready_at = fact.occurred_at
    ticket.desk = event.desk
    _move(ticket, fact, rows)


def _brought_back(event: BroughtBack, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.brought_back = event.reason.value
    ticket.ready_at = ticket.ended_at = ticket.desk = None
    ticket.ending = ""
    if event.reason is BringBackReason.REMAKE:
        promised = ticket.promised_at - ticket.clock_from
        ticket.started_at = None
        ticket.clock_from = fact.occurred_at
        ticket.promised_at = fact.occurred_at + promised
        ticket.lines = [{**line, "ticked": False} for line in ticket.lines]
    _move(ticket, fact, rows)


def _stopped(event: PreparationStopped, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.ended_at = fact.occurred_at
    ticket.ending = event.disposition.value
    _move(ticket, fact, rows)


def _cancelled(event: OrderCancelled, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.cancel_reason = event.reason
    _move(ticket, fact, rows)


def _served(event: OrderServed, fact: Fact, rows: Rows) -> None:
    _end(fact, rows, "served")


def _not_collected(event: OrderNotCollected, fact: Fact, rows: Rows) -> None:
    _end(fact, rows, "not collected")


def _settled(event: OrderPaid | PaymentWrittenOff, fact: Fact, rows: Rows) -> None:
    ticket = _ticket(fact, rows)
    ticket.paid = True
    rows.put(ticket)


def _forgotten(event: CustomerForgotten, fact: Fact, rows: Rows) -> None:
    for ticket in rows.find(Ticket, customer=event.customer):
        # An empty field stays empty: it was never sealed, and reads so in a rebuild too.
        ticket.name = ticket.name and FORGOTTEN
        ticket.note = ticket.note and FORGOTTEN
        rows.put(ticket)


def _ticket(fact: Fact, rows: Rows) -> Ticket:
    return rows.require(Ticket, id_of(fact.stream))


def _tick(fact: Fact, rows: Rows, number: int, *, ticked: bool) -> None:
    ticket = _ticket(fact, rows)
    ticket.lines = [
        {**line, "ticked": ticked} if line["line"] == number else line for line in ticket.lines
    ]
    rows.put(ticket)


def _end(fact: Fact, rows: Rows, ending: str) -> None:
    ticket = _ticket(fact, rows)
    ticket.ended_at = fact.occurred_at
    ticket.ending = ending
    _move(ticket, fact, rows)


def _move(ticket: Ticket, fact: Fact, rows: Rows) -> None:
    ticket.move(fact.event)
    ticket.state = _state(ticket).value
    rows.put(ticket)


def _state(ticket: Ticket) -> TicketState:
    if ticket.cancelled and ticket.stage == Stage.MAKING:
        return TicketState.STOPPING
    if ticket.cancelled or ticket.served or ticket.not_collected:
        return TicketState.DONE
    match ticket.stage:
        case Stage.MAKING:
            return TicketState.MAKING
        case Stage.READY:
            return TicketState.READY
        case Stage.STOPPED:
            return TicketState.DONE
        case _:
            return TicketState.QUEUED


PROJECTION = Projection(
    name=BARISTA_QUEUE,
    version=1,
    tables=(Ticket,),
    handlers={
        CoffeeOrdered: _ordered,
        PreparationStarted: _started,
        PreparationReleased: _released,
        LinePrepared: _line_prepared,
        LineBroughtBack: _line_brought_back,
        CoffeePrepared: _prepared,
        BroughtBack: _brought_back,
        PreparationStopped: _stopped,
        OrderCancelled: _cancelled,
        OrderServed: _served,
        OrderNotCollected: _not_collected,
        OrderPaid: _settled,
        PaymentWrittenOff: _settled,
        CustomerForgotten: _forgotten,
    },
)
