"""Being known here by a name, and being forgotten: two streams, one order of steps.

A name is reserved first, in a stream of its own, then registered in the customer's. Forgetting
gives the name back first. Each step may be repeated, so that a form sent again finishes what was
begun.
"""

from datetime import datetime
from uuid import UUID

from orders.command_handler import Done, Log, handle
from orders.customers.name_reservation import NameSteps, actor_of, hash_of, name_in
from orders.domain import customer as customers
from orders.domain.event import FORGOTTEN
from orders.domain.refused import Refused
from orders.domain.streams import customer_stream
from orders.event_store import event_store

__all__ = ["actor_of", "forget", "register", "registered_name"]


def registered_name(customer: UUID, *, store: Log | None = None) -> str:
    """The name a customer registered; "" for a guest or a forgotten one. Reads their stream.

    Raises `StoreUnavailable`.
    """
    name = name_in((store or event_store()).read_stream(customer_stream(customer)))
    return "" if name == FORGOTTEN else name


def register(
    customer: UUID,
    name: str,
    *,
    command_id: UUID,
    at: datetime,
    correlation: str = "",
    store: Log | None = None,
) -> Done:
    """Reserve the name and register it. Raises `NameTaken` and the other refusals."""
    steps = NameSteps(store or event_store(), customer, command_id, at, correlation)
    steps.hold(name)
    try:
        return handle(
            customer_stream(customer),
            customers.SERVICE,
            customers.RegisterCustomer(
                command_id=command_id,
                at=at,
                actor=actor_of(customer),
                customer=customer.hex,
                name=name,
            ),
            store=steps.store,
            correlation=correlation,
        )
    except Refused:
        # Unless it is the name they have: then the reservation is rightly theirs.
        if hash_of(registered_name(customer, store=steps.store)) != hash_of(name):
            steps.release(name)
        raise


def forget(
    customer: UUID,
    *,
    command_id: UUID,
    at: datetime,
    correlation: str = "",
    store: Log | None = None,
) -> Done:
    """Give the name back and state that the customer is forgotten; projecting that ends the key."""
    steps = NameSteps(store or event_store(), customer, command_id, at, correlation)
    name = registered_name(customer, store=steps.store)
    if name:
        steps.release(name)
    return handle(
        customer_stream(customer),
        customers.SERVICE,
        customers.ForgetCustomer(
            command_id=command_id, at=at, actor=actor_of(customer), customer=customer.hex
        ),
        store=steps.store,
        correlation=correlation,
    )
