"""Changing an order while nobody has started it: the order opened as a basket, and sent again.

Who holds the order's link may. What is being changed stands in a basket of its own, in the browser,
with the number of the change that it began from; the order itself changes with one command.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orders.checkout.basket import (
    CHANGE_BASKET,
    MOST_BASKET_LINES,
    ORDER,
    REPLACES,
    Basket,
    BasketLine,
)
from orders.checkout.forms import ChangeForm
from orders.checkout.pick_up import refuse_too_much
from orders.checkout.placing import (
    NotToBeHad,
    PriceChanged,
    PricedLine,
    contained_in,
    cups_of,
    price,
    requested_text,
    total_of,
)
from orders.command_handler import Done, handle
from orders.customers.guests import actor_of, guest_of
from orders.domain.command import Envelope
from orders.domain.cups import Cup
from orders.domain.event import FORGOTTEN
from orders.domain.limits import LONGEST_ALLERGIES, LONGEST_NOTE, whole_number
from orders.domain.order_status import Channel, OrderStatus, fold
from orders.domain.order_words import shown_number
from orders.domain.ordering import AmendOrder
from orders.domain.refused import BadInput, Refused, TooLateToChange
from orders.domain.streams import order_stream
from orders.event_codec import decode, key_ring
from orders.event_store import event_store
from orders.forms import FieldError, field_errors, plain_text, typed_uuid
from orders.languages import translated
from orders.links import order_in, order_url
from orders.menu.cache import menu
from orders.menu.card import selection_of
from orders.menu.item_form import ItemForm
from orders.menu.views import Storefront, add, item_of, show_item
from orders.requests import envelope_of
from orders.responses import (
    AWAY,
    ProblemDetails,
    SeeOther,
    done_response,
    problem_of,
    problem_response,
)
from orders.shop_state import shop_now
from orders.wait import work_of
from staff.names import name_of
from staff.permissions import wants_json


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the order as a basket; `?start=1` begins anew from the order. POST: have it so."""
    order, status = _order_of(token)
    if request.method == "POST":
        return _change(request, token, order, status)
    if not status.can_amend:
        return _not_possible(request, TooLateToChange(status.barista), order_url(order))
    begun = None if "start" in request.GET else _basket_of(request, order, status)
    basket = begun or _opened(order, status)
    if basket is None or not CHANGE_BASKET.holds(basket):
        sentence = _("This order can only be changed by us. Please ask at the bar.")
        problem = ProblemDetails(409, TooLateToChange.code, sentence)
        return problem_response(request, problem, back=order_url(order))
    response: HttpResponse = (
        SeeOther(reverse("change_order", args=(token,)))
        if "start" in request.GET
        else _page(request, token, status, basket, _form(initial=_typed(basket)))
    )
    if begun is None:
        CHANGE_BASKET.write(response, basket)
    return response


@require_POST
def change_quantity(request: HttpRequest, token: str, n: int) -> HttpResponse:
    """That many of one line."""
    quantity = whole_number(request.POST.get("quantity"))
    basket = _kept(request, token)
    if quantity is not None:
        basket = basket.with_quantity(n, quantity)
    return _back(token, basket)


@require_POST
def remove_line(request: HttpRequest, token: str, n: int) -> HttpResponse:
    """Without one line; a line that is not there is no error."""
    return _back(token, _kept(request, token).without(n))


@require_safe
@never_cache
def change_item(request: HttpRequest, token: str, slug: str) -> HttpResponse:
    """The choices about an item that is added; `?line=`: about one that is in the order already."""
    _order_of(token)
    line = _line_of(CHANGE_BASKET.read(request), request.GET.get("line"))
    selection = line.selection if line and line.selection.item == slug else None
    return show_item(request, _storefront(token), ItemForm(item_of(slug), selection=selection))


@require_POST
@never_cache
def change_add(request: HttpRequest, token: str) -> HttpResponse:
    """Put what was chosen into the changed order, instead of a line where the form names one."""
    _order_of(token)
    return add(request, _storefront(token))


def _storefront(token: str) -> Storefront:
    return Storefront(
        basket=CHANGE_BASKET,
        item_template="ordering/item.html",
        menu_page="change_order",
        item_page="change_item",
        add_page="change_add",
        arguments=(token,),
    )


def _order_of(token: str) -> tuple[UUID, OrderStatus]:
    """The order of a link, as its own stream says. Raises `Http404` or `StoreUnavailable`."""
    order = order_in(token)
    if order is None:
        raise Http404
    return order, status_of(order)


def status_of(order: UUID) -> OrderStatus:
    """The order as its own stream says. Raises `Http404` or `StoreUnavailable`."""
    facts = (decode(e, key_ring()) for e in event_store().read_stream(order_stream(order)))
    status = fold(fact for fact in facts if fact is not None)
    if status.placed is None:
        raise Http404
    return status


def _line_of(basket: Basket, n: str | None) -> BasketLine | None:
    number = whole_number(n)
    return next((line for line in basket.lines if line.n == number), None)


# --- the basket ----------------------------------------------------------------------------------


def _opened(order: UUID, status: OrderStatus) -> Basket | None:
    """The order as a basket.

    None if its lines are not all on the menu, or too many for one; or if what its customer must not
    have was forgotten with them: sent again from here, it would be gone from the bar's card.
    """
    cups = status.cups
    selections = [selection_of(menu(), line, cups.get(line.line, Cup())) for line in status.lines]
    placed = status.placed
    if placed is None or len(selections) > MOST_BASKET_LINES:
        return None
    if FORGOTTEN in (placed.note, placed.allergies, placed.cups):
        return None
    lines = []
    for n, selection in enumerate(selections, start=1):
        if selection is None:
            return None
        lines.append(BasketLine(n, selection))
    draft = {
        ORDER: order.hex,
        REPLACES: str(status.order.amendments),
        "note": placed.note,
        "allergies": placed.allergies.replace(", ", ","),
    }
    return Basket(tuple(lines), draft)


def _basket_of(request: HttpRequest, order: UUID, status: OrderStatus) -> Basket | None:
    """What is being changed on this device; None if nothing is, or the order is another by now."""
    basket = CHANGE_BASKET.read(request)
    began_from = (basket.draft.get(ORDER), basket.draft.get(REPLACES))
    return basket if began_from == (order.hex, str(status.order.amendments)) else None


def _kept(request: HttpRequest, token: str) -> Basket:
    """The basket with what was typed beside it."""
    order = order_in(token)
    if order is None:
        raise Http404
    basket = CHANGE_BASKET.read(request)
    typed = {
        "note": plain_text(request.POST.get("note", ""))[:LONGEST_NOTE],
        "allergies": ",".join(request.POST.getlist("allergies"))[:LONGEST_ALLERGIES],
    }
    return replace(basket, draft={**basket.draft, **typed})


def _back(token: str, basket: Basket) -> HttpResponse:
    response = SeeOther(reverse("change_order", args=(token,)))
    CHANGE_BASKET.write(response, basket)
    return response


def _typed(basket: Basket) -> dict[str, Any]:
    note, allergies = basket.draft.get("note", ""), basket.draft.get("allergies", "")
    return {"note": note, "allergies": allergies.split(",") if allergies else []}


# --- having it so --------------------------------------------------------------------------------


def _form(*args: Any, **more: Any) -> ChangeForm:
    return ChangeForm(*args, allergens=shop_now().words("allergens"), **more)


def _change(request: HttpRequest, token: str, order: UUID, status: OrderStatus) -> HttpResponse:
    basket = CHANGE_BASKET.read(request)
    url = order_url(order)
    if basket.draft.get(ORDER) != order.hex:
        return SeeOther(url)  # sent again, and done already; or a browser that keeps no basket
    form, command_id = _form(request.POST), typed_uuid(request.POST.get("command_id"))
    if not form.is_valid() or command_id is None:
        return _refused(request, token, status, basket, form, *field_errors(form))
    if _is_as_before(basket, form, order, status):
        response: HttpResponse = SeeOther(url)
        CHANGE_BASKET.clear(response)
        return response
    guest = guest_of(request)
    actor = "customer-unknown" if guest is None else actor_of(guest)
    try:
        done = amend(
            order,
            status,
            price(basket.lines),
            envelope_of(request, actor, command_id),
            note=form.cleaned_data["note"],
            allergies=form.chosen_allergies,
            replaces=whole_number(basket.draft.get(REPLACES)) or 0,
            seen_total=form.cleaned_data["seen_total"],
        )
    except BadInput as refusal:
        wrong = FieldError("", translated(refusal.sentence))
        errors = () if isinstance(refusal, NotToBeHad) else (wrong,)
        return _refused(request, token, status, basket, form, *errors)
    except (*AWAY, Refused) as error:
        return _not_possible(request, error, url)
    response = done_response(request, done, url)
    CHANGE_BASKET.clear(response)
    return response


def amend(
    order: UUID,
    status: OrderStatus,
    rows: Sequence[PricedLine],
    envelope: Envelope,
    *,
    note: str,
    allergies: str,
    replaces: int,
    seen_total: int | None = None,
) -> Done:
    """Have the order so from now on: these lines instead of those that it has.

    `replaces` says which change of it somebody looked at, and `seen_total` which price, in cents.
    Raises a `Refused` (`NotToBeHad`, `PriceChanged`, `TooLateToChange` …), or what `handle` raises.
    """
    lines = tuple(row.line for row in rows if row.line)
    if len(lines) < len(rows):
        raise NotToBeHad(" ".join(row.error for row in rows if row.error))
    if seen_total not in (None, total_of(rows)):
        raise PriceChanged
    if status.placed is not None:
        from_the_web = status.channel is Channel.WEB
        refuse_too_much(status.placed, lines, from_the_web=from_the_web)
    command = AmendOrder(
        **envelope,
        lines=lines,
        note=note,
        allergies=allergies,
        replaces=replaces,
        added_seconds=max(0, ceil(work_of(lines) - work_of(status.lines))),
        cups=cups_of(rows),
        requested=requested_text(rows),
    )
    return handle(order_stream(order), command)


def _is_as_before(basket: Basket, form: ChangeForm, order: UUID, status: OrderStatus) -> bool:
    before = _opened(order, status)
    if before is None or basket.draft.get(REPLACES) != before.draft[REPLACES]:
        return False
    chosen = [line.selection for line in basket.lines]
    words = (form.cleaned_data["note"], form.chosen_allergies.replace(", ", ","))
    return (chosen, words) == (
        [line.selection for line in before.lines],
        (before.draft["note"], before.draft["allergies"]),
    )


def _not_possible(request: HttpRequest, error: Exception, url: str) -> HttpResponse:
    problem = problem_of(error)
    if problem is None:
        raise error
    if isinstance(error, TooLateToChange) and error.barista:
        who = name_of(error.barista)
        sentence = _("%(name)s has just started your order. Please ask at the bar.") % {"name": who}
        problem = replace(problem, detail=sentence)
    return problem_response(request, problem, back=url)


def _refused(
    request: HttpRequest,
    token: str,
    status: OrderStatus,
    basket: Basket,
    form: ChangeForm,
    *errors: FieldError,
) -> HttpResponse:
    if wants_json(request):
        wrong = [row.error for row in price(basket.lines) if row.error]
        raise BadInput(" ".join([*(error.sentence for error in errors), *wrong]))
    return _page(request, token, status, basket, form, 422, *errors)


def _page(
    request: HttpRequest,
    token: str,
    status: OrderStatus,
    basket: Basket,
    form: ChangeForm,
    code: int = 200,
    *errors: FieldError,
) -> HttpResponse:
    rows = price(basket.lines)
    wrong = [FieldError(f"line-{row.basket_line.n}", row.error) for row in rows if row.error]
    total = total_of(rows)
    lines = [row.line for row in rows if row.line]
    context: dict[str, Any] = {
        "token": token,
        "number_text": shown_number(status.number or 0),
        "rows": rows,
        "total": total,
        "before": status.balance.total,
        "more_to_pay": max(0, total - status.balance.settlement.settled) if status.paid else 0,
        "goes_back": max(0, status.balance.kept - total),
        "is_more": work_of(lines) > work_of(status.lines),
        "menu": menu(),
        "form": form,
        "contained": contained_in(rows),
        "errors": [*errors, *wrong],
        "command_id": typed_uuid(request.POST.get("command_id")) or uuid4(),
    }
    return render(request, "ordering/change.html", context, status=code)
