"""The till's buttons: money in, money back, hand over, call off.

They say what somebody wants; payment and ordering decide, each for itself. They must not know how
the desk looks.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from orders.checkout.placing import PAYMENT, start_card_payment
from orders.command_handler import Done
from orders.domain import ordering, payment
from orders.domain.refused import BadInput, Refused
from orders.responses import done
from orders.staff_buttons.wishes import Press, press_of, reason_of
from staff.permissions import allowed, may

MOST_GIVEN = 100_000_00
"""Cents. More than that was a slip of the finger."""

_MONEY = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?", re.ASCII)

REFUND = "refund"
HAND_OVER = "hand over"


@dataclass(frozen=True)
class Button:
    """Which permission a button needs, and what it does."""

    permission: str
    press: Callable[[HttpRequest, Press], Done]


def cents_of(text: str) -> int:
    """`5`, `5.2`, `5.20` or `5,20` in cents. Raises `BadInput` for anything else."""
    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise BadInput("Please give the amount like 5.20.")
    cents = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if cents > MOST_GIVEN:
        raise BadInput("That is more money than this till believes.")
    return cents


def _envelope(press: Press, part: str = "") -> dict[str, Any]:
    command_id = uuid5(press.command_id, part) if part else press.command_id
    return {"command_id": command_id, "at": press.at, "actor": press.actor}


def _payment_id(press: Press) -> str:
    return uuid5(press.command_id, PAYMENT).hex


def _cash(request: HttpRequest, press: Press) -> Done:
    given = cents_of(request.POST.get("given", ""))
    command = payment.TakeCash(**_envelope(press), payment=_payment_id(press), given=given)
    return _and_hand_over(request, press, press.carry_out(payment.SERVICE, command))


def _card_by_hand(request: HttpRequest, press: Press) -> Done:
    command = payment.TakeCardByHand(**_envelope(press), payment=_payment_id(press))
    return _and_hand_over(request, press, press.carry_out(payment.SERVICE, command))


def _and_hand_over(request: HttpRequest, press: Press, paid: Done) -> Done:
    """The one-button end of a visit. The money counts whatever becomes of the handing over."""
    if request.POST.get("hand_over") != "1" or not may(request.user, "serve"):
        return paid
    try:
        return press.carry_out(ordering.SERVICE, ordering.ServeOrder(**_envelope(press, HAND_OVER)))
    except Refused:
        return paid


def _card(request: HttpRequest, press: Press) -> Done:
    return start_card_payment(
        press.order,
        command_id=press.command_id,
        actor=press.actor,
        card_token=request.POST.get("card_token", "")[:80],
        correlation=press.correlation,
    )


def _refund(request: HttpRequest, press: Press) -> Done:
    command = payment.StartRefund(
        **_envelope(press), refund=uuid5(press.command_id, REFUND).hex, reason=reason_of(request)
    )
    return press.carry_out(payment.SERVICE, command)


def _give_back(_request: HttpRequest, press: Press) -> Done:
    refund = uuid5(press.command_id, REFUND).hex
    return press.carry_out(payment.SERVICE, payment.GiveCashBack(**_envelope(press), refund=refund))


def _write_off(request: HttpRequest, press: Press) -> Done:
    command = payment.WriteOff(**_envelope(press), reason=reason_of(request))
    return press.carry_out(payment.SERVICE, command)


def _serve(_request: HttpRequest, press: Press) -> Done:
    return press.carry_out(ordering.SERVICE, ordering.ServeOrder(**_envelope(press)))


def _not_collected(_request: HttpRequest, press: Press) -> Done:
    return press.carry_out(ordering.SERVICE, ordering.MarkNotCollected(**_envelope(press)))


def _cancel(request: HttpRequest, press: Press) -> Done:
    command = ordering.CancelOrder(**_envelope(press), reason=reason_of(request), by_shop=True)
    return press.carry_out(ordering.SERVICE, command)


BUTTONS: Mapping[str, Button] = {
    "cash": Button("take_payment", _cash),
    "card": Button("take_payment", _card),
    "card-by-hand": Button("take_payment", _card_by_hand),
    "refund": Button("refund", _refund),
    "give-back": Button("refund", _give_back),
    "serve": Button("serve", _serve),
    "not-collected": Button("serve", _not_collected),
    "cancel": Button("cancel_any_order", _cancel),
    "write-off": Button("write_off", _write_off),
}
"""The last part of the address of every button."""


@require_POST
def till_action(request: HttpRequest, order: str, action: str) -> HttpResponse:
    """Carry out one of the till's buttons on one order."""
    button = BUTTONS.get(action)
    if button is None:
        raise Http404
    return allowed(button.permission)(_carry_out)(request, order, button)


def _carry_out(request: HttpRequest, order: str, button: Button) -> HttpResponse:
    press = press_of(request, order)
    answer = button.press(request, press)
    url = f"{reverse('till')}?order={press.order.hex}"
    return done(request, answer.position, url, replayed=answer.replayed)
