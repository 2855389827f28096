"""Being known here by a name, and being forgotten: two streams, one order of steps.

A name is reserved first, in a stream of its own, then registered in the customer's. Forgetting
gives the name back first. Each step may be repeated, so that a form sent again finishes what was
begun.
"""

from uuid import UUID

from orders.command_handler import Done, Log, handle
from orders.customers.name_reservation import NameReservation, hash_of, name_in
from orders.domain.command import Envelope
from orders.domain.customer import ForgetCustomer, RegisterCustomer
from orders.domain.event import FORGOTTEN
from orders.domain.refused import Refused
from orders.domain.streams import customer_stream
from orders.event_store import event_store


def registered_name(customer: UUID, *, store: Log | None = None) -> str:
    """The name a customer registered; "" for a guest or a forgotten one. Reads their stream.

    Raises `StoreUnavailable`.
    """
    name = name_in((store or event_store()).read_stream(customer_stream(customer)))
    return "" if name == FORGOTTEN else name


def register(customer: UUID, name: str, envelope: Envelope, *, store: Log | None = None) -> Done:
    """Reserve the name and register it. Raises `NameTaken` and the other refusals."""
    store = store or event_store()
    reservation = NameReservation(store, customer, name, envelope)
    reservation.hold()
    command = RegisterCustomer(**envelope, customer=customer.hex, name=name)
    try:
        return handle(customer_stream(customer), command, store=store)
    except Refused:
        # Unless it is the name they have: then the reservation is rightly theirs.
        if hash_of(registered_name(customer, store=store)) != hash_of(name):
            reservation.release()
        raise


def forget(customer: UUID, envelope: Envelope, *, store: Log | None = None) -> Done:
    """Give the name back and state that the customer is forgotten; projecting that ends the key."""
    store = store or event_store()
    name = registered_name(customer, store=store)
    if name:
        NameReservation(store, customer, name, envelope).release()
    command = ForgetCustomer(**envelope, customer=customer.hex)
    return handle(customer_stream(customer), command, store=store)
