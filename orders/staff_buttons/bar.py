"""The bar's buttons: take, tick, ready, release, bring back, stop, sold out.

They say what somebody wants; preparation decides. They must not know how the queue looks.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from orders.domain.command import Command
from orders.domain.events import BringBackReason, Disposition
from orders.domain.preparation import (
    SERVICE,
    BringBack,
    FinishPreparation,
    ReleasePreparation,
    StartPreparation,
    StopPreparation,
    TickLine,
    UntickLine,
)
from orders.domain.refused import AlreadyTaken, BadInput
from orders.menu.cache import menu, set_sold_out
from orders.responses import ProblemDetails, SeeOther, done, problem_response
from orders.staff_buttons.wishes import Press, press_of
from staff.names import name_of
from staff.permissions import allowed, wants_json

DESK = 1
"""The one serving desk of a small shop."""

Wish = Callable[[HttpRequest, Press], Command]


def _envelope(press: Press) -> dict[str, Any]:
    return {"command_id": press.command_id, "at": press.at, "actor": press.actor}


def _hands(press: Press) -> dict[str, Any]:
    return {**_envelope(press), "barista": press.actor}


def _line(request: HttpRequest) -> int:
    text = request.POST.get("line", "")
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        raise BadInput("Please say which line.")
    return int(text)


def _take(request: HttpRequest, press: Press) -> Command:
    return StartPreparation(**_hands(press), take_over=request.POST.get("take_over") == "1")


def _take_over(_request: HttpRequest, press: Press) -> Command:
    return StartPreparation(**_hands(press), take_over=True)


def _tick(request: HttpRequest, press: Press) -> Command:
    return TickLine(**_hands(press), line=_line(request))


def _untick(request: HttpRequest, press: Press) -> Command:
    return UntickLine(**_hands(press), line=_line(request))


def _ready(_request: HttpRequest, press: Press) -> Command:
    return FinishPreparation(**_hands(press), desk=DESK)


def _release(_request: HttpRequest, press: Press) -> Command:
    return ReleasePreparation(**_hands(press))


def _bring_back(request: HttpRequest, press: Press) -> Command:
    try:
        reason = BringBackReason(request.POST.get("reason", ""))
    except ValueError as error:
        raise BadInput("Please say why: called too early, or made again?") from error
    return BringBack(**_envelope(press), reason=reason)


def _stop(request: HttpRequest, press: Press) -> Command:
    try:
        disposition = Disposition(request.POST.get("disposition", ""))
    except ValueError as error:
        raise BadInput("Please say: stopped in time, or already made?") from error
    return StopPreparation(**_envelope(press), disposition=disposition)


WISHES: Mapping[str, Wish] = {
    "take": _take,
    "take-over": _take_over,
    "tick": _tick,
    "untick": _untick,
    "ready": _ready,
    "release": _release,
    "bring-back": _bring_back,
    "stop": _stop,
}
"""The last part of the address of every button."""


@require_POST
@allowed("prepare")
def bar_action(request: HttpRequest, order: str, action: str) -> HttpResponse:
    """Carry out one of the bar's buttons on one order."""
    wish = WISHES.get(action)
    if wish is None:
        raise Http404
    press = press_of(request, order)
    try:
        answer = press.carry_out(SERVICE, wish(request, press))
    except AlreadyTaken as refusal:
        sentence = f"{name_of(refusal.barista)} has this order."
        return problem_response(request, ProblemDetails(409, refusal.code, sentence))
    return done(request, answer.position, reverse("bar"), replayed=answer.replayed)


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
