"""Ordering at the counter: the customers' menu and basket, for somebody of the staff.

The basket has its own cookie, so that a cashier's own coffee never lands in a guest's order. It
must not price anything: that is `orders.checkout.placing`.
"""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from orders.admission import admission
from orders.checkout.basket import COUNTER_BASKET
from orders.checkout.placing import known_allergies, place, placed_before, price, total_of
from orders.customers.guests import customer_of_command
from orders.domain.limits import LONGEST_NAME, LONGEST_NOTE, whole_number
from orders.domain.refused import BadInput, Refused
from orders.forms import plain_text
from orders.menu.cache import menu
from orders.menu.item_form import ItemForm
from orders.menu.views import COUNTER, add, item_of, show_item
from orders.requests import envelope_of
from orders.responses import SeeOther, done_response
from orders.shop_state import shop_now
from staff.names import actor_of
from staff.permissions import allowed, wants_json


@require_safe
@allowed("order_at_counter")
def counter(request: HttpRequest) -> HttpResponse:
    """The menu and what is in the counter's basket, side by side."""
    return _page(request)


@require_safe
@allowed("order_at_counter")
def counter_item(request: HttpRequest, slug: str) -> HttpResponse:
    """The choices about one item."""
    return show_item(request, COUNTER, ItemForm(item_of(slug)))


@require_POST
@allowed("order_at_counter")
def counter_add(request: HttpRequest) -> HttpResponse:
    """Put an item into the counter's basket: as usual, or as its page says."""
    return add(request, COUNTER)


@require_POST
@allowed("order_at_counter")
def counter_quantity(request: HttpRequest, n: int) -> HttpResponse:
    """That many of one line of the counter's basket; none takes it out."""
    quantity = whole_number(request.POST.get("quantity"))
    if quantity is None:
        raise BadInput("Please say how many.")
    response = SeeOther(reverse("counter"))
    COUNTER_BASKET.write(response, COUNTER_BASKET.read(request).with_quantity(n, quantity))
    return response


@require_POST
@allowed("order_at_counter")
def counter_place(request: HttpRequest) -> HttpResponse:
    """Order what is in the counter's basket; the desk then shows the order to be paid."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    name = plain_text(request.POST.get("name", ""))
    note = plain_text(request.POST.get("note", ""))
    chosen = request.POST.getlist("allergies")
    lines = COUNTER_BASKET.read(request).lines
    customer = customer_of_command(envelope["command_id"], salt="counter")
    try:
        cup: dict[str, Any] = {"name": name, "note": note, "allergies": known_allergies(chosen)}
        placed = (
            place(price(lines), envelope, customer=customer, **cup, origin=None)
            if lines
            else placed_before(customer, envelope["command_id"], **cup)
        )
    except Refused as refusal:
        return _refused(request, name, note, refusal)
    if placed is None:
        return _refused(request, name, note, BadInput("The basket is empty."))
    response = done_response(
        request,
        placed.done,
        f"{reverse('till')}?order={placed.order.hex}",
        created=not placed.done.replayed,
        more={"number": placed.number},
    )
    COUNTER_BASKET.clear(response)
    return response


def _refused(request: HttpRequest, name: str, note: str, refusal: Refused) -> HttpResponse:
    if wants_json(request):
        raise refusal
    status = 422 if isinstance(refusal, BadInput) else 409
    return _page(request, name, note, refusal.sentence, status)


def _page(
    request: HttpRequest, name: str = "", note: str = "", refusal: str = "", status: int = 200
) -> HttpResponse:
    rows = price(COUNTER_BASKET.read(request).lines)
    context: dict[str, Any] = {
        "menu": menu(),
        "rows": rows,
        "total": total_of(rows),
        "sellable": bool(rows) and not any(row.error for row in rows),
        "name": name,
        "note": note,
        "longest_name": LONGEST_NAME,
        "longest_note": LONGEST_NOTE,
        "allergens": shop_now().words("allergens"),
        "chosen_allergies": request.POST.getlist("allergies"),
        "refusal": refusal,
        "full": admission().full(),
        "command_id": uuid4(),
        "here": "till",
    }
    page = render(request, "till/new.html", context, status=status)
    patch_cache_control(page, private=True, no_store=True)
    return page
