"""Being known here by a name, and being forgotten: two streams, one order of steps.

A name is reserved first, in a stream called after its keyed hash, then registered in the
customer's own. Forgetting gives the name back first. Each step may be repeated, so that a form
sent again finishes what was begun.
"""

import hashlib
import hmac
import unicodedata
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from orders.command_handler import Done, handle
from orders.domain import customer as customers
from orders.domain.event import FORGOTTEN
from orders.domain.events import CustomerForgotten, CustomerRegistered
from orders.domain.refused import Refused
from orders.domain.streams import customer_name_stream, customer_stream
from orders.event_codec import decode, key_ring
from orders.event_store import event_store
from orders.pepper import pepper


def actor_of(customer: UUID) -> str:
    """How a customer is called where it is written down who did something."""
    return f"customer-{customer.hex}"


def registered_name(customer: UUID) -> str:
    """The name a customer registered; "" for a guest or a forgotten one. Reads their stream.

    Raises `StoreUnavailable`.
    """
    name = ""
    for stored in event_store().read_stream(customer_stream(customer)):
        fact = decode(stored, key_ring())
        match fact.event if fact else None:
            case CustomerRegistered(name=given):
                name = "" if given == FORGOTTEN else given
            case CustomerForgotten():
                return ""
    return name


def register(
    customer: UUID, name: str, *, command_id: UUID, at: datetime, correlation: str = ""
) -> Done:
    """Reserve the name and register it. Raises `NameTaken` and the other refusals."""
    actor = actor_of(customer)
    handle(
        customer_name_stream(_hash_of(name)),
        customers.SERVICE,
        customers.ReserveName(
            command_id=uuid5(command_id, "reserve"), at=at, actor=actor, customer=customer.hex
        ),
        correlation=correlation,
    )
    try:
        return handle(
            customer_stream(customer),
            customers.SERVICE,
            customers.RegisterCustomer(
                command_id=command_id, at=at, actor=actor, customer=customer.hex, name=name
            ),
            correlation=correlation,
        )
    except Refused:
        # Unless it is the name they have: then the reservation is rightly theirs.
        if _hash_of(registered_name(customer)) != _hash_of(name):
            _release(customer, name, command_id, at, correlation)
        raise


def forget(customer: UUID, *, command_id: UUID, at: datetime, correlation: str = "") -> Done:
    """Give the name back and state that the customer is forgotten; projecting that ends the key."""
    name = registered_name(customer)
    if name:
        _release(customer, name, command_id, at, correlation)
    return handle(
        customer_stream(customer),
        customers.SERVICE,
        customers.ForgetCustomer(
            command_id=command_id, at=at, actor=actor_of(customer), customer=customer.hex
        ),
        correlation=correlation,
    )


def _release(customer: UUID, name: str, command_id: UUID, at: datetime, correlation: str) -> None:
    with suppress(Refused):
        handle(
            customer_name_stream(_hash_of(name)),
            customers.SERVICE,
            customers.ReleaseName(
                command_id=uuid5(command_id, "release"),
                at=at,
                actor=actor_of(customer),
                customer=customer.hex,
            ),
            correlation=correlation,
        )


def _hash_of(name: str) -> str:
    """Names that look alike are one name: no difference of case, width or composition."""
    alike = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hmac.new(pepper("customer-name"), alike.encode(), hashlib.sha256).hexdigest()
