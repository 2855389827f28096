"""/metrics of the shop's own address: the figures of the web process that answers."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from barstucks_site.telemetry import metrics_token
from barstucks_site.web_server.listening import LOOPBACK


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """This process's figures; for this machine, for managers, and for whoever bears the token."""
    user: Any = request.user
    may_read = (
        request.META.get("REMOTE_ADDR", "") in LOOPBACK
        or metrics_token.carries(request.headers.get("Authorization", ""), settings.METRICS_TOKEN)
        or (user.is_authenticated and user.has_perm("staff.see_facts"))
    )
    if not may_read:
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
