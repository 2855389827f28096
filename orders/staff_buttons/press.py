"""Carrying out one of the staff's buttons on one order, whether a page pressed it or a program.

Knows no single button. What it does to the order, the services decide.
"""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from orders.admission import admission
from orders.command_handler import Done, handle, repeat_of
from orders.domain.command import Command, Envelope, follow_up
from orders.domain.ordering import ServeOrder
from orders.domain.preparation import MakeAtOnce, PrioritiseOrder
from orders.domain.refused import AlreadyTaken, NotOneTap, Refused, TooManyInARush
from orders.domain.streams import order_stream
from orders.requests import envelope_of
from orders.responses import ProblemDetails, done_response, problem_response
from orders.shop_state import shop_now
from orders.staff_buttons.buttons import BUTTONS, Button, Form
from staff.names import actor_of, name_of
from staff.permissions import allowed, may


@require_POST
def press(request: HttpRequest, screen: str, order: str, action: str) -> HttpResponse:
    """Carry out one of the staff's buttons on one order."""
    button = BUTTONS[screen].get(action)
    try:
        order_id = UUID(hex=order)
    except ValueError as error:
        raise Http404 from error
    if button is None:
        raise Http404
    return allowed(button.permission)(_carry_out)(request, screen, order_id, button)


def _carry_out(request: HttpRequest, screen: str, order: UUID, button: Button) -> HttpResponse:
    envelope = envelope_of(request, actor_of(request.user.pk or 0))
    url = reverse(screen) if screen == "bar" else f"{reverse(screen)}?order={order.hex}"
    return carry_out(request, order, button, envelope, request.POST.dict(), url)


def carry_out(
    request: HttpRequest, order: UUID, button: Button, envelope: Envelope, form: Form, url: str
) -> HttpResponse:
    """Carry out a button, whoever pressed it; `url` shows what it did."""
    command = button.command(envelope, form)
    _refuse_unless_offered(order, command)
    try:
        done = handle(order_stream(order), command)
    except AlreadyTaken as refusal:
        sentence = f"{name_of(refusal.barista)} has this order."
        return problem_response(request, ProblemDetails(409, refusal.code, sentence))
    if button.hand_over and form.get("hand_over") == "1" and may(request.user, "serve"):
        done = _hand_over(order, envelope) or done
    return done_response(request, done, url)


def _refuse_unless_offered(order: UUID, command: Command) -> None:
    """Refuse what a rule of the shop as a whole is against: no rule of one order can know it.

    What was carried out already is no new press: it is answered as the first time.
    """
    match command:
        case PrioritiseOrder() if not admission().may_rush(order):
            refusal: Refused = TooManyInARush()
        case MakeAtOnce() if not shop_now().is_on("one_tap"):
            refusal = NotOneTap()
        case _:
            return
    if repeat_of(order_stream(order), command) is None:
        raise refusal


def _hand_over(order: UUID, envelope: Envelope) -> Done | None:
    """The end of a visit in one press. The money counts whatever becomes of the handing over."""
    try:
        return handle(order_stream(order), ServeOrder(**follow_up(envelope, "hand over")))
    except Refused:
        return None
