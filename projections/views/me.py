"""My page: a customer's own orders, their data as a file, the way to another device.

Whose page it is follows from the signed cookie; nothing in the address chooses.
"""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders import event_codec
from orders.customers.guests import guest_of
from orders.domain.event import FORGOTTEN
from orders.domain.events import CustomerRegistered
from orders.domain.fact import Fact
from orders.domain.streams import CUSTOMER
from orders.event_store import StoreUnavailable
from orders.links import customer_token, order_token
from projections.past import facts_of
from projections.screens import directory, order_tracking
from projections.screens.order_tracking import TrackedOrder, orders_of_customer
from projections.views.own_writes import after_own_writes, has_own_writes

MOST_ORDERS_EXPORTED = 1_000


@dataclass(frozen=True)
class OwnOrder:
    """One line of the list."""

    row: TrackedOrder
    token: str


@after_own_writes(directory.NAME, order_tracking.NAME)
@require_safe
@never_cache
def me_page(request: HttpRequest) -> HttpResponse:
    """My orders. A stranger sees an empty list and the way to the menu."""
    seen = has_own_writes(request, directory.NAME, order_tracking.NAME)
    customer = guest_of(request)
    forgotten = "forgotten" in request.GET and customer is None
    context = {
        "orders": [] if customer is None else _orders(customer),
        "name": "" if customer is None else _name(customer, seen),
        "link": "" if customer is None else _link(request, customer),
        "command_id": uuid4(),
        "notice": gettext("You are forgotten. Thank you for your visits.") if forgotten else "",
    }
    return render(request, "ordering/me.html", context)


@require_safe
@never_cache
def me_export(request: HttpRequest) -> HttpResponse:
    """Everything the shop's log says about this device's customer, as a JSON file.

    Two readings, however many orders: their facts stand in the rows of the read model.
    """
    customer = guest_of(request)
    facts = [] if customer is None else _facts(customer)
    body = msgspec.json.format(msgspec.json.encode(event_codec.export(facts)), indent=2)
    response = HttpResponse(body, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-barstucks-data.json"'
    return response


def _orders(customer: UUID) -> list[OwnOrder]:
    return [
        OwnOrder(row, order_token(UUID(hex=row.order))) for row in orders_of_customer(customer.hex)
    ]


def _name(customer: UUID, seen: bool) -> str:
    """The registered name; empty for a guest. From the customer's stream when that is ahead."""
    name = directory.name_of_customer(customer.hex)
    if not seen:
        with suppress(StoreUnavailable):
            events = [fact.event for fact in facts_of(f"{CUSTOMER}-{customer.hex}")]
            names = [event.name for event in events if isinstance(event, CustomerRegistered)]
            name = names[0] if names else ""
    return "" if name == FORGOTTEN else name


def _facts(customer: UUID) -> list[Fact]:
    rows = orders_of_customer(customer.hex, limit=MOST_ORDERS_EXPORTED)
    of_orders = [fact for row in rows for fact in row.loaded_facts()]
    return facts_of(f"{CUSTOMER}-{customer.hex}") + of_orders


def _link(request: HttpRequest, customer: UUID) -> str:
    return request.build_absolute_uri(reverse("this_device", args=(customer_token(customer),)))
