"""The basket and the checkout: one page, where lines may still change and the order is placed.

Changing a line sends the whole form, so that a name or a note that was already typed is kept.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.answers import SeeOther
from orders.basket import GUEST_BASKET, Basket
from orders.choosing import Problem
from orders.event_store import StoreUnavailable
from orders.forms import DRAFT_FIELDS, CheckoutForm, draft_of
from orders.guests import guest_of
from orders.placing import PricedWish, price, total_of
from orders.registration import registered_name
from orders.views.menu import add_to_basket, wait_minutes


@dataclass(frozen=True)
class Row:
    """One line as the page shows it. Amounts in cents."""

    n: int
    name: str
    size: str
    options: tuple[str, ...]
    quantity: int
    price: int
    error: str

    @property
    def fewer(self) -> int:
        """The quantity behind the minus button; 0 takes the line out."""
        return self.quantity - 1

    @property
    def more(self) -> int:
        """The quantity behind the plus button."""
        return self.quantity + 1


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def basket_page(request: HttpRequest) -> HttpResponse:
    """GET: the basket and the checkout. POST: put something in."""
    if request.method == "POST":
        return add_to_basket(request)
    basket = GUEST_BASKET.read(request)
    name = _greeting(request)
    draft = {"name": name, "pay": "counter", **basket.draft}
    return checkout(request, basket, CheckoutForm(initial=draft), greeting=name)


@require_POST
def change_quantity(request: HttpRequest, n: int) -> HttpResponse:
    """That many of one line."""
    said = request.POST.get("quantity", "")
    basket = GUEST_BASKET.read(request)
    if said.isascii() and said.isdigit() and len(said) <= 4:
        basket = basket.with_quantity(n, int(said))
    return _back_to_the_basket(request, basket)


@require_POST
def remove_line(request: HttpRequest, n: int) -> HttpResponse:
    """Take one line out. Twice is as good as once."""
    return _back_to_the_basket(request, GUEST_BASKET.read(request).without(n))


def checkout(
    request: HttpRequest,
    basket: Basket,
    form: CheckoutForm,
    *,
    status: int = 200,
    problems: tuple[Problem, ...] = (),
    away: str = "",
    greeting: str = "",
    command_id: UUID | None = None,
) -> HttpResponse:
    """The page; after a refusal with everything that was typed and what is wrong with it."""
    priced = price(basket.wishes)
    pay = form["pay"].value()
    context: dict[str, Any] = {
        "rows": [_row(one) for one in priced],
        "total": total_of(priced),
        "form": form,
        "pay": pay,
        "problems": [*problems, *_wrong_lines(priced)],
        "away": away,
        "greeting": greeting,
        "command_id": command_id or uuid4(),
        "chosen_card": form["card_token"].value(),
        "wait_minutes": wait_minutes(),
    }
    return render(request, "ordering/basket.html", context, status=status)


def _wrong_lines(priced: list[PricedWish]) -> list[Problem]:
    return [Problem(f"line-{one.wish.n}", one.error) for one in priced if one.error]


def _row(one: PricedWish) -> Row:
    return Row(
        n=one.wish.n,
        name=one.name,
        size=one.line.size if one.line else "",
        options=one.line.options if one.line else (),
        quantity=one.wish.quantity,
        price=one.price,
        error=one.error,
    )


def _greeting(request: HttpRequest) -> str:
    """The registered name of this device's customer. The page does not need the log to be there."""
    customer = guest_of(request)
    if customer is None:
        return ""
    try:
        return registered_name(customer)
    except StoreUnavailable:
        return ""


def _back_to_the_basket(request: HttpRequest, basket: Basket) -> HttpResponse:
    answer = SeeOther(reverse("basket"))
    typed = any(field in request.POST for field in DRAFT_FIELDS)
    kept = Basket(basket.wishes, draft_of(request.POST), basket.adds) if typed else basket
    GUEST_BASKET.write(answer, kept)
    return answer
