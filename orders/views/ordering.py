"""Placing and cancelling an order. Whatever goes wrong, the basket and what was typed are kept."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from orders.answers import RETRY_AFTER, done, problem_answer, problem_of, wants_json
from orders.basket import GUEST_BASKET, Basket
from orders.choosing import Problem
from orders.command_handler import Conflict, UnreadableFact, handle
from orders.domain import ordering
from orders.domain.refused import BadInput, CommandIdReused, Refused
from orders.domain.streams import order_stream
from orders.event_store import OutcomeUnknown, StoreUnavailable
from orders.forms import CheckoutForm, CommandForm, typed_uuid
from orders.guests import guest_of, guest_of_command, remember
from orders.links import order_in, order_url
from orders.payments.terminal import checked_card
from orders.placing import Placed, place, placed_before, price, start_card_payment, total_of
from orders.registration import actor_of
from orders.views.basket import checkout

AWAY = (StoreUnavailable, OutcomeUnknown, UnreadableFact, Conflict)
"""What may be over in a moment: the same form is worth sending again."""


@require_POST
@never_cache
def place_order(request: HttpRequest) -> HttpResponse:
    """Order what is in the basket. The same form sent again leads to the same order."""
    basket = GUEST_BASKET.read(request)
    form = CheckoutForm(request.POST)
    command_id = typed_uuid(request.POST.get("command_id"))
    try:
        return _place(request, basket, form, command_id)
    except AWAY as error:
        problem = problem_of(error)
        if problem is None or wants_json(request):
            raise
        answer = checkout(
            request,
            basket,
            form,
            status=problem.status,
            away=problem.detail,
            command_id=command_id,
        )
        answer["Retry-After"] = str(RETRY_AFTER)
        return answer


def _place(
    request: HttpRequest, basket: Basket, form: CheckoutForm, command_id: UUID | None
) -> HttpResponse:
    if not form.is_valid() or command_id is None:
        return _refused(request, basket, form, command_id, *_problems_in(form))
    customer = guest_of_command(request, command_id)
    said = form.cleaned_data
    priced = price(basket.wishes)
    total = total_of(priced)
    if not priced or any(one.error for one in priced):
        before = placed_before(customer, command_id)
        if before is not None:
            return _to_the_order(request, before, customer)
        empty = () if priced else (Problem("", "Your basket is empty."),)
        return _refused(request, basket, form, command_id, *empty)
    if said["seen_total"] not in (None, total):
        changed = Problem("", "A price or your basket has changed since you looked. This is new.")
        return _refused(request, basket, form, command_id, changed)
    try:
        card = checked_card(said["card_token"]) if said["pay"] == "card" else ""
        placed = place(
            priced,
            customer=customer,
            command_id=command_id,
            actor=actor_of(customer),
            name=said["name"],
            note=said["note"],
            correlation=correlation_of(request),
        )
    except CommandIdReused as error:
        # The form of an order that is already placed, with another basket: a new form is needed.
        return _refused(request, basket, form, None, Problem("", error.sentence), status=409)
    except BadInput as error:
        return _refused(request, basket, form, command_id, Problem("", error.sentence))
    if card:
        _pay(request, placed, command_id, customer, card)
    return _to_the_order(request, placed, customer)


def _pay(request: HttpRequest, placed: Placed, command_id: UUID, customer: UUID, card: str) -> None:
    """Start to pay. If that does not work, the order stands: its page offers to pay again."""
    try:
        start_card_payment(
            placed.order,
            command_id=command_id,
            actor=actor_of(customer),
            card_token=card,
            correlation=correlation_of(request),
        )
    except (*AWAY, Refused):
        return


def _to_the_order(request: HttpRequest, placed: Placed, customer: UUID) -> HttpResponse:
    answer = done(
        request,
        placed.position,
        order_url(placed.order),
        replayed=placed.replayed,
        created=not placed.replayed,
        more={"number": placed.number},
    )
    remember(answer, customer)
    GUEST_BASKET.clear(answer)
    return answer


def _refused(
    request: HttpRequest,
    basket: Basket,
    form: CheckoutForm,
    command_id: UUID | None,
    *problems: Problem,
    status: int = 422,
) -> HttpResponse:
    if wants_json(request):
        lines = [one.error for one in price(basket.wishes) if one.error]
        sentences = [*(problem.sentence for problem in problems), *lines]
        raise BadInput(" ".join(sentences))
    return checkout(request, basket, form, status=status, problems=problems, command_id=command_id)


def _problems_in(form: CheckoutForm) -> list[Problem]:
    return [
        Problem("" if field in ("command_id", "seen_total") else field, str(error))
        for field, errors in form.errors.items()
        for error in errors
    ]


@require_POST
@never_cache
def cancel_order(request: HttpRequest, token: str) -> HttpResponse:
    """Call the order off. Whoever has the link may, until the bar has started."""
    order = order_of(token)
    form = CommandForm(request.POST)
    url = order_url(order)
    try:
        if not form.is_valid():
            raise BadInput("This form came incomplete. Please reload the page and send it again.")
        answer = handle(
            order_stream(order),
            ordering.SERVICE,
            ordering.CancelOrder(
                command_id=form.cleaned_data["command_id"],
                at=timezone.now(),
                actor=actor_of_link(request),
                reason="",
                by_shop=False,
            ),
            correlation=correlation_of(request),
        )
    except (*AWAY, Refused) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        return problem_answer(request, problem, back=url)
    return done(request, answer.position, url, replayed=answer.replayed)


def order_of(token: str) -> UUID:
    """The order of a link. Raises `Http404`, the same for a wrong and for an unknown one."""
    order = order_in(token)
    if order is None:
        raise Http404
    return order


def actor_of_link(request: HttpRequest) -> str:
    """Who holds the link: the device's customer, or somebody whose device we do not know."""
    customer = guest_of(request)
    return "customer-unknown" if customer is None else actor_of(customer)


def correlation_of(request: HttpRequest) -> str:
    """The id of this request, for the events that follow from it."""
    return str(getattr(request, "correlation_id", ""))
