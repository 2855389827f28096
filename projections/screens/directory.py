"""The directory: a line for each stream, so that people find an order or a customer."""

from datetime import datetime
from typing import ClassVar, NamedTuple

from django.db import models
from django.db.models import F, QuerySet

from orders.domain.event import FORGOTTEN
from orders.domain.events import CustomerRegistered
from orders.domain.fact import Fact
from orders.domain.order_words import shown_number
from orders.domain.streams import CUSTOMER, ORDER, id_of
from projections.engine.checkpoints import active_rows
from projections.engine.projection import Projection
from projections.engine.read_row import ReadRow, unique_in_generation
from projections.engine.unit_of_work import UnitOfWork
from projections.folded_order import FoldedOrder
from projections.screen import Screen
from projections.search import numbered_or_named

NAME = "directory"
FOUND_AT_MOST = 50
"""A search shows so many streams and no more."""


class DirectoryEntry(ReadRow):
    """A line in the shop's address book: how people find a stream by number, name or id."""

    PROJECTION: ClassVar = NAME
    KEY: ClassVar = ("stream",)
    PERSONAL: ClassVar = ("name",)

    stream = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, help_text="order or customer")
    number = models.IntegerField(null=True, help_text="of an order")
    day = models.CharField(max_length=10, blank=True, help_text="of an order")
    name = models.CharField(max_length=200, blank=True)
    customer = models.CharField(max_length=64)
    first_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "directory entries"
        constraints: ClassVar = [unique_in_generation("directory_stream", "stream")]
        indexes: ClassVar = [
            models.Index(fields=["generation", "number", "first_at"], name="directory_number"),
            models.Index(fields=["generation", "name"], name="directory_name"),
            models.Index(
                fields=["generation", "customer", "first_at"], name="directory_of_customer"
            ),
            models.Index(fields=["generation", "first_at"], name="directory_first_at"),
        ]

    def __str__(self) -> str:
        return self.stream

    @property
    def number_text(self) -> str:
        """`041`: the number as people see it; empty for a customer."""
        return "" if self.number is None else shown_number(self.number)


def entry_of(order: FoldedOrder) -> DirectoryEntry | None:
    """The row of an order; None while nobody has ordered."""
    placed, ordered_at = order.state.placed, order.state.times.ordered
    if placed is None or ordered_at is None:
        return None
    return DirectoryEntry(
        stream=order.stream,
        kind=ORDER,
        number=placed.number,
        day=placed.day,
        name=placed.name,
        customer=placed.customer,
        first_at=ordered_at,
    )


def _registered(fact: Fact, _before: None, _after: None, work: UnitOfWork) -> None:
    event = fact.event
    assert isinstance(event, CustomerRegistered)
    work.put(
        DirectoryEntry(
            stream=fact.stream,
            kind=CUSTOMER,
            name=event.name,
            customer=event.customer,
            first_at=fact.occurred_at,
        )
    )


class Found(NamedTuple):
    """Some streams, the latest first; `more` if there are older ones that fit as well."""

    entries: list[DirectoryEntry]
    more: bool


Days = tuple[datetime, datetime]
"""From the first instant to the one behind the last."""


def find_streams(q: str, days: Days | None = None, before: str = "") -> Found:
    """Streams by order number, by id, or by the beginning of a name; the latest first.

    Of those that began on these days, and that come behind the stream `before` in this order.
    Raises `LookupError` for one that is not known.
    """
    typed = q.strip().lower()
    streams = [typed, f"{ORDER}-{typed}", f"{CUSTOMER}-{typed}"]
    rows = _begun(active_rows(DirectoryEntry), days)
    by_id = list(rows.filter(stream__in=streams)) if typed else []
    if by_id:
        return Found(by_id, more=False)
    found = list(_latest_first(_behind(rows, before), q)[: FOUND_AT_MOST + 1])
    return Found(found[:FOUND_AT_MOST], more=len(found) > FOUND_AT_MOST)


def find_orders(q: str, days: Days | None = None) -> list[str]:
    """The hexadecimal ids of orders, by number or by the beginning of a name; the latest first."""
    orders = _begun(active_rows(DirectoryEntry).filter(kind=ORDER), days)
    return [id_of(entry.stream) for entry in _latest_first(orders, q)[:FOUND_AT_MOST]]


def _begun(rows: QuerySet[DirectoryEntry], days: Days | None) -> QuerySet[DirectoryEntry]:
    return rows if days is None else rows.filter(first_at__gte=days[0], first_at__lt=days[1])


def _behind(rows: QuerySet[DirectoryEntry], stream: str) -> QuerySet[DirectoryEntry]:
    if not stream:
        return rows
    first_at = active_rows(DirectoryEntry).filter(stream=stream).values_list("first_at", flat=True)
    moment = first_at.first()
    if moment is None:
        raise LookupError(stream)
    return rows.filter(first_at__lte=moment).exclude(first_at=moment, stream__lte=stream)


def orders_of_customer(customer: str, by: datetime | None = None, most: int = 50) -> list[str]:
    """The hexadecimal ids of a customer's orders, of those placed by then; the latest first."""
    orders = active_rows(DirectoryEntry).filter(kind=ORDER, customer=customer)
    if by is not None:
        orders = orders.filter(first_at__lte=by)
    return [id_of(entry.stream) for entry in orders.order_by("-first_at", "stream")[:most]]


def _latest_first(rows: QuerySet[DirectoryEntry], q: str) -> QuerySet[DirectoryEntry]:
    return numbered_or_named(rows, q).order_by(F("first_at").desc(), "stream")


def name_of_customer(customer: str) -> str:
    """The name that a customer (a hexadecimal id) registered; "" for a guest or a forgotten one."""
    entries = active_rows(DirectoryEntry).filter(kind=CUSTOMER, customer=customer)
    name = entries.values_list("name", flat=True).first() or ""
    return "" if name == FORGOTTEN else name


SCREEN = Screen(
    view="",
    permission="see_facts",
    projection=Projection(
        name=NAME,
        version=2,
        tables=(DirectoryEntry,),
        row=entry_of,
        handlers={CustomerRegistered: _registered},
    ),
    page="streams",
    title="Facts",
)
