"""The directory: from facts to a line per stream, so that people find an order or a customer.

It is also here that forgetting a customer takes effect: projecting `CustomerForgotten` destroys
the key, so that a database restored from before is made to forget again.
"""

from orders import event_codec
from orders.domain.event import FORGOTTEN
from orders.domain.events import CoffeeOrdered, CustomerForgotten, CustomerRegistered
from orders.domain.fact import Fact
from orders.domain.streams import CUSTOMER, ORDER
from projections.generations import DIRECTORY
from projections.models import DirectoryEntry
from projections.projection import Projection
from projections.rows import Rows


def _ordered(event: CoffeeOrdered, fact: Fact, rows: Rows) -> None:
    rows.put(
        DirectoryEntry(
            stream=fact.stream,
            kind=ORDER,
            number=event.number,
            day=event.day,
            name=event.name,
            customer=event.customer,
            first_at=fact.occurred_at,
        )
    )


def _registered(event: CustomerRegistered, fact: Fact, rows: Rows) -> None:
    rows.put(
        DirectoryEntry(
            stream=fact.stream,
            kind=CUSTOMER,
            name=event.name,
            customer=event.customer,
            first_at=fact.occurred_at,
        )
    )


def _forgotten(event: CustomerForgotten, fact: Fact, rows: Rows) -> None:
    for entry in rows.find(DirectoryEntry, customer=event.customer):
        entry.name = entry.name and FORGOTTEN
        rows.put(entry)


def _destroy_the_key(event: CustomerForgotten) -> None:
    event_codec.forget(event.customer)


PROJECTION = Projection(
    name=DIRECTORY,
    version=1,
    tables=(DirectoryEntry,),
    handlers={
        CoffeeOrdered: _ordered,
        CustomerRegistered: _registered,
        CustomerForgotten: _forgotten,
    },
    effects={CustomerForgotten: _destroy_the_key},
)
