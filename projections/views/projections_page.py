"""How the read side is: every projection, how far it is behind, and what it had to park."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from orders.domain.refused import BadInput
from projections.engine import parking
from projections.screens import read_side
from projections.views.query_parameters import live_state
from staff.names import actor_of
from staff.permissions import allowed, wants_json

LONGEST_REASON = 200

DECISIONS = {"retry": parking.retry, "skip": parking.skip}


@require_safe
@never_cache
@allowed("see_facts")
def projections_page(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    context: dict[str, Any] = {
        **live_state(read_side.NAME),
        "here": "projections",
        **read_side.state(),
        "notice": request.GET.get("notice", "")[:LONGEST_REASON],
    }
    return render(request, "manage/projections.html", context)


@require_POST
@allowed("repair")
def decide_parked(request: HttpRequest, parked: int, decision: str) -> HttpResponse:
    """Try a parked event again, or leave it out. Needs a reason; the projector carries it out."""
    decide = DECISIONS.get(decision)
    if decide is None:
        raise Http404
    reason = " ".join(request.POST.get("reason", "").split())[:LONGEST_REASON]
    if not reason:
        raise BadInput("Please say why.")
    try:
        decide(parked, actor_of(request.user.pk or 0), reason)
    except parking.AlreadyDecided as refusal:
        if wants_json(request):
            raise
        return _back(refusal.sentence)
    return JsonResponse({"decision": decision}) if wants_json(request) else _back("Noted.")


def _back(notice: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(f"{reverse('projections')}?{urlencode({'notice': notice})}")
    response.status_code = 303
    return response
