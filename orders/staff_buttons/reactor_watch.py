"""How the reactor is, drawn anew every few seconds, and the decision about what it parked."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.domain.limits import LONGEST_REASON
from orders.domain.refused import BadInput
from orders.forms import plain_text
from orders.reactions import parking
from orders.reactions.progress import reactor_progress
from orders.responses import ProblemDetails, SeeOther, problem_response
from staff.names import actor_of
from staff.permissions import allowed, wants_json

DECISIONS = {"retry": parking.retry, "skip": parking.skip}


def notice() -> dict[str, Any]:
    """The context of `till/_reactor.html`."""
    return {"progress": reactor_progress(timezone.now())}


def section() -> dict[str, Any]:
    """The context of `manage/_reactor.html`."""
    return {**notice(), "parked": parking.parked_reactions()}


@require_safe
@never_cache
@allowed("see_desk")
def till_notice(request: HttpRequest) -> HttpResponse:
    """What the till has to know of the reactor: overdue payments, and that it is behind.

    Apart from the till's page, which does not need the log.
    """
    return render(request, "till/_reactor.html", notice())


@require_safe
@never_cache
@allowed("see_facts")
def manager_section(request: HttpRequest) -> HttpResponse:
    """Everything about the reactor, without the page around it."""
    return render(request, "manage/_reactor.html", section())


@require_POST
@allowed("repair")
def decide_parked_reaction(request: HttpRequest, parked: int, decision: str) -> HttpResponse:
    """Have a parked event tried again, or left out. Needs a reason; the reactor carries it out."""
    decide = DECISIONS.get(decision)
    if decide is None:
        raise Http404
    reason = plain_text(request.POST.get("reason", ""))[:LONGEST_REASON]
    if not reason:
        raise BadInput("Please say why.")
    try:
        decide(parked, actor_of(request.user.pk or 0), reason)
    except parking.AlreadyDecided as refusal:
        if wants_json(request):
            return problem_response(request, ProblemDetails(409, refusal.code, refusal.sentence))
        return _back(refusal.sentence)
    return JsonResponse({"decision": decision}) if wants_json(request) else _back("Noted.")


def _back(sentence: str) -> HttpResponse:
    return SeeOther(f"{reverse('projections')}?{urlencode({'notice': sentence})}")
