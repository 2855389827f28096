"""The public board: from facts to numbers that are being made or can be fetched.

Everybody can read it, so it knows no more of a person than the beginning of a name.
"""

from datetime import timedelta

from orders.domain.event import FORGOTTEN
from orders.domain.events import (
    BroughtBack,
    CoffeeOrdered,
    CoffeePrepared,
    CustomerForgotten,
    OrderCancelled,
    OrderNotCollected,
    OrderServed,
    PreparationReleased,
    PreparationStarted,
    PreparationStopped,
)
from orders.domain.fact import Fact
from orders.domain.order_status import Progress
from orders.domain.streams import id_of
from projections.generations import BOARD
from projections.models import BoardEntry, BoardState
from projections.projection import Projection
from projections.rows import Rows

NAME_LENGTH = 12
"""Characters of a name that can be read from five metres beside the number."""


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    rows.put(
        BoardEntry(
            order=id_of(fact.stream),
            number=event.number,
            day=event.day,
            name=event.name[:NAME_LENGTH],
            customer=event.customer,
            state=BoardState.QUEUED.value,
            ordered_at=fact.occurred_at,
            promised_at=fact.occurred_at + timedelta(seconds=event.promised_seconds),
        )
    )


def _prepared(event: CoffeePrepared, fact: Fact, rows: Rows) -> None:
    entry = _entry(fact, rows)
    entry.desk = event.desk
    entry.ready_at = fact.occurred_at
    _move(entry, fact, rows)


def _brought_back(event: BroughtBack, fact: Fact, rows: Rows) -> None:
    entry = _entry(fact, rows)
    entry.desk = entry.ready_at = None
    _move(entry, fact, rows)


def _moved(event: object, fact: Fact, rows: Rows) -> None:
    _move(_entry(fact, rows), fact, rows)


def _forgotten(event: CustomerForgotten, fact: Fact, rows: Rows) -> None:
    for entry in rows.find(BoardEntry, customer=event.customer):
        entry.name = entry.name and FORGOTTEN[:NAME_LENGTH]
        rows.put(entry)


def _entry(fact: Fact, rows: Rows) -> BoardEntry:
    return rows.require(BoardEntry, id_of(fact.stream))


def _move(entry: BoardEntry, fact: Fact, rows: Rows) -> None:
    entry.move(fact.event)
    entry.state = _state(entry).value
    rows.put(entry)


def _state(entry: BoardEntry) -> BoardState:
    match entry.progress:
        case Progress.WAITING:
            return BoardState.QUEUED
        case Progress.MAKING:
            return BoardState.MAKING
        case Progress.READY:
            return BoardState.READY
        case _:
            return BoardState.GONE


PROJECTION = Projection(
    name=BOARD,
    version=1,
    tables=(BoardEntry,),
    handlers={
        CoffeeOrdered: _ordered,
        PreparationStarted: _moved,
        PreparationReleased: _moved,
        CoffeePrepared: _prepared,
        BroughtBack: _brought_back,
        PreparationStopped: _moved,
        OrderCancelled: _moved,
        OrderServed: _moved,
        OrderNotCollected: _moved,
        CustomerForgotten: _forgotten,
    },
)
