"""Customers: who wants to be known here by name, and who asked to be forgotten.

Two kinds of streams, one set of rules: the customer's own, and the reservation of a name, whose
stream is called after the name's keyed hash. Reserve first, then register. Decisions never read
a name: personal fields may be unreadable here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from orders.domain.command import Command, Service
from orders.domain.event import Event, Owner
from orders.domain.events import (
    CustomerForgotten,
    CustomerNameReleased,
    CustomerNameReserved,
    CustomerRegistered,
)
from orders.domain.limits import LONGEST_NAME
from orders.domain.refused import (
    AlreadyForgotten,
    AlreadyRegistered,
    BadInput,
    NameTaken,
    UnknownCommand,
)
from orders.domain.words import Words


@dataclass(frozen=True, kw_only=True)
class CustomerCommand(Command):
    """A command about one customer or one name."""

    @property
    def service(self) -> "Service[Customer]":
        """The service in this module."""
        return SERVICE


@dataclass(frozen=True, kw_only=True)
class ReserveName(CustomerCommand):
    """Claim the name behind this stream for one customer."""

    customer: str


@dataclass(frozen=True, kw_only=True)
class ReleaseName(CustomerCommand):
    """Give the name behind this stream back, if this customer holds it."""

    customer: str


@dataclass(frozen=True, kw_only=True)
class RegisterCustomer(CustomerCommand):
    """Be known here by a name that was reserved before."""

    begins_stream: ClassVar[bool] = True

    customer: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ForgetCustomer(CustomerCommand):
    """Destroy everything personal. Guests may ask for it too: they have a key as well."""

    customer: str


@dataclass(frozen=True)
class Customer:
    """What the decisions need to know of one customer, or of one reserved name."""

    registered: bool = False
    forgotten: bool = False
    name_held_by: str = ""


def evolve(customer: Customer, event: Event) -> Customer:
    """The customer, or the reservation, after this fact."""
    match event:
        case CustomerNameReserved(customer=holder):
            return replace(customer, name_held_by=holder)
        case CustomerNameReleased():
            return replace(customer, name_held_by="")
        case CustomerRegistered():
            return replace(customer, registered=True)
        case CustomerForgotten():
            return replace(customer, forgotten=True)
    return customer


def decide(customer: Customer, command: Command) -> Sequence[Event]:
    """The facts that follow from the command.

    Raises a `Refused`: `NameTaken`, `AlreadyRegistered`, `AlreadyForgotten`, `BadInput`.
    """
    match command:
        case ReserveName(customer=customer_id):
            if customer.name_held_by == customer_id:
                return []
            if customer.name_held_by:
                raise NameTaken
            return [CustomerNameReserved(customer=customer_id)]
        case ReleaseName(customer=holder):
            held = customer.name_held_by == holder
            return [CustomerNameReleased(customer=holder)] if held else []
        case RegisterCustomer():
            return _register(customer, command)
        case ForgetCustomer(customer=customer_id):
            return [] if customer.forgotten else [CustomerForgotten(customer=customer_id)]
    raise UnknownCommand


def _register(customer: Customer, command: RegisterCustomer) -> Sequence[Event]:
    if customer.forgotten:
        raise AlreadyForgotten
    if customer.registered:
        raise AlreadyRegistered
    name = command.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadInput(Words("Please give a name of 1 to %(most)s characters.", most=LONGEST_NAME))
    return [CustomerRegistered(customer=command.customer, name=name)]


SERVICE: Service[Customer] = Service(Owner.ORDERING, Customer(), evolve, decide)
