"""The menu, the page of one item, putting it into the basket, and what is sold out.

The counter orders from the same menu with a basket of its own: `Storefront` says which basket and
which pages. Nothing here prices an order for good.
"""

from dataclasses import dataclass
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from orders.admission import admission
from orders.checkout.basket import COUNTER_BASKET, GUEST_BASKET, MOST_BASKET_LINES, BasketCookie
from orders.checkout.placing import price, total_of
from orders.customers.guests import guest_or_new, remember
from orders.domain.refused import BadInput
from orders.forms import field_errors
from orders.menu.cache import menu, set_sold_out
from orders.menu.card import Item
from orders.menu.item_form import ItemForm
from orders.responses import SeeOther
from staff.permissions import allowed, wants_json


@dataclass(frozen=True)
class Storefront:
    """Where somebody orders: the basket that is filled, the item's template, the menu's address."""

    basket: BasketCookie
    item_template: str
    menu_page: str


GUEST = Storefront(GUEST_BASKET, "ordering/item.html", "menu")
COUNTER = Storefront(COUNTER_BASKET, "till/item.html", "counter")


@require_safe
def menu_page(request: HttpRequest) -> HttpResponse:
    """The whole menu on one page."""
    basket = GUEST_BASKET.read(request)
    page = render(
        request,
        "ordering/menu.html",
        {
            "menu": menu(),
            "basket": basket,
            "total": total_of(price(basket.lines)),
            "full": admission().full(),
        },
    )
    patch_cache_control(page, private=True, no_cache=True)
    return page


@require_safe
def item_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The choices about one item."""
    return show_item(request, GUEST, ItemForm(item_of(slug)))


def add_to_basket(request: HttpRequest) -> HttpResponse:
    """Put what was chosen into the basket; the device knows its customer from now on."""
    response = add(request, GUEST)
    remember(response, guest_or_new(request))
    return response


def show_item(request: HttpRequest, storefront: Storefront, form: ItemForm) -> HttpResponse:
    """The page of an item; for a form with errors with what is wrong (422)."""
    context = {
        "item": form.item,
        "form": form,
        "errors": field_errors(form),
        "add_id": request.POST.get("add_id") or uuid4(),
    }
    page = render(request, storefront.item_template, context, status=422 if form.errors else 200)
    patch_cache_control(page, private=True, no_cache=True)
    return page


def add(request: HttpRequest, storefront: Storefront) -> HttpResponse:
    """Put what was chosen into the storefront's basket, or show again what is wrong."""
    item = item_of(request.POST.get("item", ""))
    form = ItemForm(item, request.POST.dict())
    basket = storefront.basket.read(request)
    if form.is_valid() and len(basket.lines) >= MOST_BASKET_LINES:
        form.add_error(
            None,
            f"Your basket is full: {MOST_BASKET_LINES} lines. For more, please talk to us.",
        )
    if form.errors:
        if wants_json(request):
            raise BadInput(" ".join(error.sentence for error in field_errors(form)))
        return show_item(request, storefront, form)
    basket = basket.with_line(form.selection, add_id=request.POST.get("add_id", ""))
    section = next((section.slug for section in menu().sections if item in section.items), "")
    response = SeeOther(f"{reverse(storefront.menu_page)}#{section}")
    storefront.basket.write(response, basket)
    return response


def item_of(slug: str) -> Item:
    """The item of that slug. Raises `Http404`."""
    item = menu().item(slug)
    if item is None:
        raise Http404
    return item


@require_safe
@allowed("sell_out")
def sold_out_page(request: HttpRequest) -> HttpResponse:
    """The whole menu, to be marked."""
    return render(request, "bar/sold_out.html", {"menu": menu(), "here": "bar"})


@require_POST
@allowed("sell_out")
def sold_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark an item of the menu as sold out, or as back in stock."""
    wanted = request.POST.get("sold_out", "")
    if wanted not in {"0", "1"}:
        raise BadInput("Please say: sold out, or back in stock?")
    set_sold_out(slug, wanted == "1")
    if wants_json(request):
        return JsonResponse({"item": slug, "sold_out": wanted == "1"})
    return SeeOther(reverse("sold_out_page"))
