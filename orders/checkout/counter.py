"""Ordering at the counter: the customers' menu and basket, for somebody of the staff.

The basket has its own cookie, so that a cashier's own coffee never lands in a guest's order. It
must not price anything: that is `orders.checkout.placing`.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_POST, require_safe

from orders.checkout.basket import COUNTER_BASKET, Wish
from orders.checkout.placing import place, price, total_of
from orders.domain.ordering import LONGEST_NAME, LONGEST_NOTE
from orders.domain.refused import BadInput, Refused
from orders.forms import plain_text
from orders.menu.cache import menu
from orders.menu.card import Item
from orders.menu.views import Counterpart, add, show_item
from orders.responses import SeeOther, done
from orders.staff_buttons.wishes import command_id_of
from staff.names import actor_of
from staff.permissions import allowed

COUNTER = Counterpart(
    COUNTER_BASKET,
    menu_page="counter",
    item_page="counter_item",
    add_page="counter_add",
    basket_page="counter",
    template="till/new.html",
    item_template="till/item.html",
)


@dataclass(frozen=True)
class Key:
    """One big key of the counter's menu, with what the item costs as it usually comes."""

    item: Item
    price: int  # cents

    @property
    def has_questions(self) -> bool:
        """Whether there is something to choose."""
        return len(self.item.sizes) > 1 or bool(self.item.groups)


@require_safe
@allowed("order_at_counter")
def counter(request: HttpRequest) -> HttpResponse:
    """The menu and what is in the counter's basket, side by side."""
    return _page(request)


@require_safe
@allowed("order_at_counter")
def counter_item(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions about one item."""
    item = menu().item(slug)
    if item is None:
        raise Http404
    return show_item(request, COUNTER, item)


@require_POST
@allowed("order_at_counter")
def counter_add(request: HttpRequest) -> HttpResponse:
    """Put an item into the counter's basket: as usual, or as its page says."""
    return add(request, COUNTER)


@require_POST
@allowed("order_at_counter")
def counter_quantity(request: HttpRequest, n: int) -> HttpResponse:
    """That many of one line of the counter's basket; none takes it out."""
    text = request.POST.get("quantity", "")
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise BadInput("Please say how many.")
    answer = SeeOther(reverse("counter"))
    COUNTER_BASKET.write(answer, COUNTER_BASKET.read(request).with_quantity(n, int(text)))
    return answer


@require_POST
@allowed("order_at_counter")
def counter_place(request: HttpRequest) -> HttpResponse:
    """Order what is in the counter's basket; the desk then shows the order to be paid."""
    command_id = command_id_of(request)
    name = plain_text(request.POST.get("name", ""))
    note = plain_text(request.POST.get("note", ""))
    wishes = COUNTER_BASKET.read(request).wishes
    if not wishes:
        return _page(request, name, note, "The basket is empty.")
    try:
        placed = place(
            price(wishes),
            customer=_somebody(command_id),
            command_id=command_id,
            actor=actor_of(request.user.pk or 0),
            name=name,
            note=note,
            correlation=str(getattr(request, "correlation_id", "")),
        )
    except Refused as refusal:
        return _page(request, name, note, refusal.sentence)
    url = f"{reverse('till')}?order={placed.order.hex}"
    answer = done(request, placed.position, url, replayed=placed.replayed, created=True)
    COUNTER_BASKET.clear(answer)
    return answer


def _somebody(command_id: UUID) -> UUID:
    """The customer of one order at the counter: nobody known, and the same for the same form."""
    digest = salted_hmac("counter", command_id.hex, algorithm="sha256").digest()
    return UUID(bytes=digest[:16])


def _shelves() -> list[tuple[str, str, list[Key]]]:
    """Slug, name and keys of every section."""
    usual = price(
        [Wish(0, item.slug, "", (), 1) for section in menu().sections for item in section.items]
    )
    prices = {one.wish.item: one.price for one in usual}
    return [
        (section.slug, section.name, [Key(item, prices[item.slug]) for item in section.items])
        for section in menu().sections
    ]


def _page(request: HttpRequest, name: str = "", note: str = "", refusal: str = "") -> HttpResponse:
    rows = price(COUNTER_BASKET.read(request).wishes)
    context: dict[str, Any] = {
        "shelves": _shelves(),
        "rows": rows,
        "total": total_of(rows),
        "sellable": bool(rows) and not any(row.error for row in rows),
        "name": name,
        "note": note,
        "longest_name": LONGEST_NAME,
        "longest_note": LONGEST_NOTE,
        "refusal": refusal,
        "command_id": uuid4(),
        "here": "till",
        **COUNTER.addresses,
    }
    page = render(request, COUNTER.template, context, status=422 if refusal else 200)
    patch_cache_control(page, private=True, no_store=True)
    return page
