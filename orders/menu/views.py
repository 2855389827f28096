"""The menu, the page of one item, putting it into the basket, and what is sold out.

The counter orders from the same menu with a basket of its own: `Storefront` says which basket and
which pages. Nothing here prices an order for good.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.admission import admission
from orders.checkout.basket import (
    COUNTER_BASKET,
    GUEST_BASKET,
    MOST_BASKET_LINES,
    USUAL_BASKET,
    BasketCookie,
)
from orders.checkout.placing import price, total_of
from orders.command_handler import Done
from orders.customers.guests import guest_or_new, remember
from orders.domain.command import Envelope
from orders.domain.events import StockKind
from orders.domain.limits import whole_number
from orders.domain.refused import BadInput
from orders.domain.stock import Restock, SellOut
from orders.forms import field_errors
from orders.menu.cache import back_in_stock, menu
from orders.menu.card import Item
from orders.menu.item_form import ItemForm
from orders.requests import envelope_of
from orders.responses import SeeOther, done_response
from orders.shop_state import shop_now, tell_the_shop
from staff.names import actor_of
from staff.permissions import allowed, wants_json


@dataclass(frozen=True)
class Storefront:
    """Where somebody orders: the basket that is filled, the item's template, and the addresses.

    `menu_page` is where items are chosen, `item_page` has the choices about one, `add_page` takes
    what was chosen; all with `arguments`.
    """

    basket: BasketCookie
    item_template: str
    menu_page: str
    item_page: str
    add_page: str
    arguments: tuple[str, ...] = ()

    @property
    def menu_url(self) -> str:
        """The address of the page where items are chosen."""
        return reverse(self.menu_page, args=self.arguments)

    def item_url(self, slug: str) -> str:
        """The address of the page about an item."""
        return reverse(self.item_page, args=(*self.arguments, slug))

    @property
    def add_url(self) -> str:
        """The address that takes what was chosen."""
        return reverse(self.add_page, args=self.arguments)


GUEST = Storefront(GUEST_BASKET, "ordering/item.html", "menu", "item", "basket")
COUNTER = Storefront(COUNTER_BASKET, "till/item.html", "counter", "counter_item", "counter_add")


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
            "usual": price(USUAL_BASKET.read(request).lines),
            "add_id": uuid4(),
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
        "item_url": storefront.item_url(form.item.slug),
        "storefront": storefront,
        "line": whole_number(request.POST.get("line") or request.GET.get("line")),
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
    line = whole_number(request.POST.get("line"))
    if form.is_valid() and line is None and len(basket.lines) >= MOST_BASKET_LINES:
        form.add_error(
            None,
            gettext("Your basket is full: %(most)s lines. For more, please talk to us.")
            % {"most": MOST_BASKET_LINES},
        )
    if form.is_valid():
        basket = (
            basket.with_line(form.selection, add_id=request.POST.get("add_id", ""))
            if line is None
            else basket.with_selection(line, form.selection)
        )
        if not storefront.basket.holds(basket):
            form.add_error(None, gettext("Your basket is full. For more, please talk to us."))
    if form.errors:
        if wants_json(request):
            raise BadInput(" ".join(error.sentence for error in field_errors(form)))
        return show_item(request, storefront, form)
    section = next((section.slug for section in menu().sections if item in section.items), "")
    response = SeeOther(f"{storefront.menu_url}#{section}" if line is None else storefront.menu_url)
    storefront.basket.write(response, basket)
    return response


def item_of(slug: str) -> Item:
    """The item of that slug. Raises `Http404`."""
    item = menu().item(slug)
    if item is None:
        raise Http404
    return item


@require_safe
@never_cache
@allowed("sell_out")
def sold_out_page(request: HttpRequest) -> HttpResponse:
    """The whole menu and every option, to be marked; what is off, first."""
    whole = menu()
    groups = {group.slug: group for s in whole.sections for i in s.items for group in i.groups}
    context = {"menu": whole, "groups": groups.values(), "shop": shop_now(), "here": "bar"}
    return render(request, "bar/sold_out.html", context)


@require_safe
@never_cache
@allowed("see_queue")
def sold_out_now(request: HttpRequest) -> HttpResponse:
    """What has run out, for a screen that marks the orders with it."""
    return render(request, "bar/_sold_out_now.html")


@require_safe
@never_cache
@allowed("see_queue")
def about_item(request: HttpRequest, slug: str) -> HttpResponse:
    """How the bar makes an item, and its switches for what has run out.

    `?with=` names the choices of one line (slugs), which come first; `?order=` whose line it is.
    """
    item = item_of(slug)
    chosen = request.GET.get("with", "").split(",")
    choices = [choice for group in item.groups for choice in group.choices]
    context = {
        "item": item,
        "order": request.GET.get("order", ""),
        "chosen": [choice for choice in choices if choice.slug in chosen],
        "others": [choice for choice in choices if choice.slug not in chosen],
        "here": "bar",
    }
    return render(request, "bar/about.html", context)


@require_POST
@allowed("sell_out")
def sold_out(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Mark an item or an option as sold out for a while, or as back in stock."""
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    done = mark(StockKind(kind), slug, request.POST.get("sold_out", ""), envelope)
    return done_response(request, done, reverse("sold_out_page"))


def mark(kind: StockKind, slug: str, how_long: str, envelope: Envelope) -> Done:
    """Mark something for so long: "hour", "today", "until I say", or "no": it is back.

    Raises `BadInput`, or what `tell_the_shop` raises.
    """
    if not _is_on_the_menu(kind, slug):
        raise BadInput("There is no such thing on the menu.")
    if how_long == "no":
        if kind is StockKind.ITEM:
            back_in_stock(slug)
        return tell_the_shop(Restock(**envelope, kind=kind, slug=slug))
    minutes = _minutes(how_long, envelope["at"])
    command = SellOut(**envelope, kind=kind, slug=slug, for_minutes=minutes, how_long=how_long)
    return tell_the_shop(command)


def _is_on_the_menu(kind: StockKind, slug: str) -> bool:
    if kind is StockKind.ITEM:
        return menu().item(slug) is not None
    items = (item for section in menu().sections for item in section.items)
    return any(choice.slug == slug for i in items for group in i.groups for choice in group.choices)


def _minutes(how_long: str, at: datetime) -> int:
    """For how long: "today", "hour" or "until I say"."""
    match how_long:
        case "hour":
            return 60
        case "today":
            local = timezone.localtime(at)
            midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0)
            return max(1, int((midnight - local).total_seconds() // 60))
        case "until I say":
            return 0
    raise BadInput("Please say for how long it is sold out, or that it is back.")
