"""The basket, the checkout, and what the holder of an order's link may do.

Basket and checkout are one page: changing a line sends the whole form, so that a name or a note
that was already typed is kept. Whatever goes wrong, the basket is kept too.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from orders.admission import NotAdmitted, ShopFull, admission, origin_of
from orders.checkout.basket import GUEST_BASKET, USUAL_BASKET, Basket
from orders.checkout.forms import DRAFT_FIELDS, CheckoutForm, draft_of
from orders.checkout.pick_up import NotThen, offer
from orders.checkout.placing import (
    NotToBeHad,
    Placed,
    contained_in,
    place,
    placed_before,
    price,
    total_of,
)
from orders.command_handler import handle
from orders.customers.guests import actor_of, guest_of, guest_of_command, guest_or_new, remember
from orders.domain.command import Command, Envelope
from orders.domain.limits import LONGEST_ALLERGIES, whole_number
from orders.domain.ordering import AskToStop, CancelOrder, SayHere, ServeOrder
from orders.domain.refused import BadInput, CommandIdReused, Refused, SlotFull
from orders.domain.streams import order_stream
from orders.forms import FieldError, field_errors, typed_uuid
from orders.languages import translated
from orders.links import order_in, order_url
from orders.menu.views import add_to_basket
from orders.payments.card_payment import card_payment
from orders.payments.terminal import checked_card
from orders.requests import envelope_of
from orders.responses import (
    AWAY,
    RETRY_AFTER,
    SeeOther,
    done_response,
    problem_of,
    problem_response,
)
from orders.shop_state import shop_now
from orders.wait import wait_for
from staff.permissions import wants_json


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def basket_page(request: HttpRequest) -> HttpResponse:
    """GET: the basket and the checkout. POST: put something in."""
    if request.method == "POST":
        return add_to_basket(request)
    basket = GUEST_BASKET.read(request)
    usual = USUAL_BASKET.read(request).draft
    remembered = {"name": usual.get("name") or None, "hide_name": bool(usual.get("hide_name"))}
    allergies = basket.draft.get("allergies", "").split(",")
    draft: dict[str, Any] = {**basket.draft, "allergies": allergies}
    if "hide_name" in draft:
        draft["hide_name"] = bool(draft["hide_name"])
    form = _form(initial={"pay": "counter", **remembered, **draft})
    return _checkout(request, basket, form)


@require_POST
def order_my_usual(request: HttpRequest) -> HttpResponse:
    """Put what was ordered last on this device into the basket again."""
    usual = USUAL_BASKET.read(request)
    basket = GUEST_BASKET.read(request).with_lines_of(usual, request.POST.get("add_id", ""))
    response = SeeOther(reverse("basket"))
    GUEST_BASKET.write(response, basket)
    remember(response, guest_or_new(request))
    return response


@require_POST
def change_quantity(request: HttpRequest, n: int) -> HttpResponse:
    """That many of one line."""
    basket = GUEST_BASKET.read(request)
    quantity = whole_number(request.POST.get("quantity"))
    if quantity is not None:
        basket = basket.with_quantity(n, quantity)
    return _back_to_the_basket(request, basket)


@require_POST
def remove_line(request: HttpRequest, n: int) -> HttpResponse:
    """Remove one line; a line that is not there is no error."""
    return _back_to_the_basket(request, GUEST_BASKET.read(request).without(n))


@require_POST
@never_cache
def place_order(request: HttpRequest) -> HttpResponse:
    """Order what is in the basket. The same form sent again leads to the same order."""
    basket = GUEST_BASKET.read(request)
    form = _form(request.POST)
    command_id = typed_uuid(request.POST.get("command_id"))
    try:
        return _place(request, basket, form, command_id)
    except (*AWAY, NotAdmitted) as error:
        problem = problem_of(error)
        if problem is None or wants_json(request):
            raise
        response = _checkout(
            request,
            basket,
            form,
            status=problem.status,
            away="" if isinstance(error, ShopFull) else problem.detail,
            command_id=command_id,
        )
        response["Retry-After"] = str(problem.retry_after or RETRY_AFTER)
        return response


def _form(*args: Any, **more: Any) -> CheckoutForm:
    return CheckoutForm(*args, allergens=shop_now().words("allergens"), **more)


def _place(
    request: HttpRequest, basket: Basket, form: CheckoutForm, command_id: UUID | None
) -> HttpResponse:
    if not form.is_valid() or command_id is None:
        return _refused(request, basket, form, command_id, *field_errors(form))
    customer = guest_of_command(request, command_id)
    typed = form.cleaned_data
    envelope = envelope_of(request, actor_of(customer), command_id)
    asked = {
        "customer": customer,
        "name": typed["name"],
        "note": typed["note"],
        "allergies": form.chosen_allergies,
    }
    try:
        card = checked_card(typed["card_token"]) if typed["pay"] == "card" else ""
        if not basket.lines:
            before = placed_before(command_id=command_id, **asked)
            if before is None:
                empty = FieldError("", gettext("Your basket is empty."))
                return _refused(request, basket, form, command_id, empty)
            return _to_the_order(request, before, customer)
        placed = place(
            price(basket.lines),
            envelope,
            **asked,
            payment=f"{typed['pay']} {card}",
            seen_total=typed["seen_total"],
            pick_up=form.wanted,
            on_board=not typed["hide_name"],
            origin=origin_of(request),
        )
    except CommandIdReused as error:
        if wants_json(request):
            raise
        # The form of an order that is already placed, with another basket: a new form is needed.
        return _refused(
            request, basket, form, None, FieldError("", translated(error.sentence)), status=409
        )
    except NotToBeHad:  # the page says it beside each line
        return _refused(request, basket, form, command_id)
    except (BadInput, SlotFull) as error:
        field = "slot" if isinstance(error, NotThen | SlotFull) else ""
        wrong = FieldError(field, translated(error.sentence))
        return _refused(request, basket, form, command_id, wrong)
    if card:
        _pay(placed, envelope, card)
    response = _to_the_order(request, placed, customer)
    kept = {"name": typed["name"], "hide_name": "on" if typed["hide_name"] else ""}
    USUAL_BASKET.write(response, Basket(basket.lines, kept))
    return response


def _pay(placed: Placed, envelope: Envelope, card: str) -> None:
    """Start to pay. If that does not work, the order stands: its page offers to pay again."""
    try:
        handle(order_stream(placed.order), card_payment(envelope, card))
    except (*AWAY, Refused):
        return


def _to_the_order(request: HttpRequest, placed: Placed, customer: UUID) -> HttpResponse:
    response = done_response(
        request,
        placed.done,
        order_url(placed.order),
        created=not placed.done.replayed,
        more={"number": placed.number},
    )
    remember(response, customer)
    GUEST_BASKET.clear(response)
    return response


def _refused(
    request: HttpRequest,
    basket: Basket,
    form: CheckoutForm,
    command_id: UUID | None,
    *errors: FieldError,
    status: int = 422,
) -> HttpResponse:
    if wants_json(request):
        lines = [line.error for line in price(basket.lines) if line.error]
        raise BadInput(" ".join([*(error.sentence for error in errors), *lines]))
    return _checkout(request, basket, form, status=status, errors=errors, command_id=command_id)


def _checkout(
    request: HttpRequest,
    basket: Basket,
    form: CheckoutForm,
    *,
    status: int = 200,
    errors: tuple[FieldError, ...] = (),
    away: str = "",
    command_id: UUID | None = None,
) -> HttpResponse:
    """The page; after a refusal with everything that was typed and what is wrong with it."""
    rows = price(basket.lines)
    lines = [row.line for row in rows if row.line]
    wrong = [FieldError(f"line-{row.basket_line.n}", row.error) for row in rows if row.error]
    context: dict[str, Any] = {
        "rows": rows,
        "total": total_of(rows),
        "form": form,
        "pay": form["pay"].value(),
        "errors": [*errors, *wrong],
        "away": away,
        "full": admission().full(),
        "wait": wait_for(lines),
        "offer": offer(lines, timezone.now()),
        "customer": guest_of(request),
        "command_id": command_id or uuid4(),
        "chosen_card": form["card_token"].value(),
        "contained": contained_in(rows),
    }
    return render(request, "ordering/basket.html", context, status=status)


def _back_to_the_basket(request: HttpRequest, basket: Basket) -> HttpResponse:
    response = SeeOther(reverse("basket"))
    typed = any(field in request.POST for field in DRAFT_FIELDS)
    chosen = ",".join(request.POST.getlist("allergies"))[:LONGEST_ALLERGIES]
    draft = draft_of(request.POST) | {"allergies": chosen}
    kept = Basket(basket.lines, draft, basket.adds) if typed else basket
    GUEST_BASKET.write(response, kept)
    return response


@require_POST
@never_cache
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    """Call the order off. The link's holder may, until the bar has started."""
    return carry_out_on_order_page(
        request, token, lambda envelope: CancelOrder(**envelope, reason="", by_shop=False)
    )


@require_POST
@never_cache
def ask_to_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask the bar to stop an order that it makes already. The bar says whether it still can."""
    return carry_out_on_order_page(request, token, lambda envelope: AskToStop(**envelope))


@require_POST
@never_cache
def say_here(request: HttpRequest, token: str) -> HttpResponse:
    """The customer says that they are here: the bar waits for them no longer."""
    return carry_out_on_order_page(request, token, lambda envelope: SayHere(**envelope))


@require_POST
@never_cache
def got_it(request: HttpRequest, token: str) -> HttpResponse:
    """The customer says that they have the order in their hands."""
    return carry_out_on_order_page(request, token, lambda envelope: ServeOrder(**envelope))


def carry_out_on_order_page(
    request: HttpRequest, token: str, command_of: Callable[[Envelope], Command]
) -> HttpResponse:
    """Carry out a command of the link's holder; a refusal leads back to its page."""
    order = order_in(token)
    if order is None:
        raise Http404
    guest = guest_of(request)
    actor = "customer-unknown" if guest is None else actor_of(guest)
    url = order_url(order)
    try:
        done = handle(order_stream(order), command_of(envelope_of(request, actor)))
    except (*AWAY, Refused) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return problem_response(request, problem, back=url)
    return done_response(request, done, url)
