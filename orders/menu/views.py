"""The menu, the page of one item, and putting it into the basket.

The till orders at the counter from the same pages with a basket of its own: `Counterpart` says
which basket and which addresses. Nothing here prices an order for good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from orders.checkout.basket import GUEST_BASKET, MOST_WISHES, Basket, BasketCookie
from orders.checkout.placing import price, total_of
from orders.customers.guests import guest_or_new, remember
from orders.domain.money import in_words
from orders.menu.cache import menu
from orders.menu.card import Item
from orders.menu.item_form import Chosen, FieldError, Question, choose, questions
from orders.responses import SeeOther

USUAL_PICTURE = "coffee"


@dataclass(frozen=True)
class Counterpart:
    """Who orders from these pages: which basket is filled, and the names of the addresses."""

    cookie: BasketCookie
    menu_page: str
    item_page: str
    add_page: str
    basket_page: str
    template: str = "ordering/menu.html"
    item_template: str = "ordering/item.html"

    @property
    def addresses(self) -> dict[str, str]:
        """The names of the addresses, for the templates."""
        return {
            "menu_page": self.menu_page,
            "item_page": self.item_page,
            "add_page": self.add_page,
            "basket_page": self.basket_page,
        }


GUEST = Counterpart(GUEST_BASKET, "menu", "item", "basket", "basket")


def wait_minutes() -> int:
    """How long an order takes, as promised, in whole minutes."""
    return max(1, round(settings.PROMISE_SECONDS / 60))


@require_safe
def menu_page(request: HttpRequest) -> HttpResponse:
    """The whole menu on one page."""
    return show_menu(request, GUEST)


@require_safe
def item_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The questions about one item."""
    return show_item(request, GUEST, _item(slug))


def add_to_basket(request: HttpRequest) -> HttpResponse:
    """Put what was chosen into the basket; the device knows its customer from now on."""
    answer = add(request, GUEST)
    remember(answer, guest_or_new(request))
    return answer


def show_menu(request: HttpRequest, counterpart: Counterpart) -> HttpResponse:
    """The menu with what is in the basket of this counterpart."""
    basket = counterpart.cookie.read(request)
    page = render(
        request,
        counterpart.template,
        {
            "menu": menu(),
            "basket": basket,
            "total": total_of(price(basket.wishes)),
            "wait_minutes": wait_minutes(),
            **counterpart.addresses,
        },
    )
    patch_cache_control(page, private=True, no_cache=True)
    return page


def show_item(
    request: HttpRequest,
    counterpart: Counterpart,
    item: Item,
    form: Mapping[str, str] | None = None,
    problems: tuple[FieldError, ...] = (),
) -> HttpResponse:
    """The page of an item; with `problems` it answers a form that was refused (422)."""
    said = form or {}
    sentences = {problem.field: problem.sentence for problem in problems}
    prices = {one.price for one in item.sizes} | {
        one.price for group in item.groups for one in group.choices
    }
    words = {cents: in_words(cents, settings.CURRENCY) for cents in prices}
    asked = questions(item, words, said, sentences)
    base_price = item.price if len(item.sizes) < 2 else 0
    context: dict[str, Any] = {
        "item": item,
        "questions": asked,
        "problems": problems,
        "quantity": said.get("quantity", "1"),
        "quantity_wrong": "quantity" in sentences,
        "add_id": said.get("add_id") or str(uuid4()),
        "base_price": base_price,
        "shown_price": base_price + _price_of(asked),
        **counterpart.addresses,
    }
    page = render(request, counterpart.item_template, context, status=422 if problems else 200)
    patch_cache_control(page, private=True, no_cache=True)
    return page


def add(request: HttpRequest, counterpart: Counterpart) -> HttpResponse:
    """Put what was chosen into the counterpart's basket, or show again what is wrong."""
    item = _item(request.POST.get("item", ""))
    form = {name: str(value) for name, value in request.POST.items()}
    chosen = choose(item, form)
    basket = counterpart.cookie.read(request)
    problems = chosen.problems or _no_room(item, basket, chosen)
    if problems:
        return show_item(request, counterpart, item, form, problems)
    after = basket.with_wish(
        item.slug, chosen.size, chosen.options, chosen.quantity, form.get("add_id", "")
    )
    section = next((one.slug for one in menu().sections if item in one.items), "")
    answer = SeeOther(f"{reverse(counterpart.menu_page)}#{section}")
    counterpart.cookie.write(answer, after)
    return answer


def _no_room(item: Item, basket: Basket, chosen: Chosen) -> tuple[FieldError, ...]:
    if item.sold_out:
        return (FieldError("", f"{item.name} is sold out today."),)
    priced = price(basket.with_wish(item.slug, chosen.size, chosen.options, 1).wishes)
    wrong = [one.error for one in priced if one.wish.item == item.slug and one.error]
    if wrong:
        return (FieldError("", wrong[0]),)
    if len(basket.wishes) >= MOST_WISHES:
        sentence = f"Your basket is full: {MOST_WISHES} lines. For more, please talk to us."
        return (FieldError("", sentence),)
    return ()


def _price_of(asked: Sequence[Question]) -> int:
    answers = sum(one.price for question in asked for one in question.answers if one.chosen)
    extras = (extra for question in asked for extra in question.counts)
    return answers + sum(step.price for extra in extras for step in extra.steps if step.chosen)


def _item(slug: str) -> Item:
    item = menu().item(slug)
    if item is None:
        raise Http404
    return item
