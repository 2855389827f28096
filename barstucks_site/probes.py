"""The addresses for machines: /livez, /readyz, /metrics.

The first two are answered before Django, on the event loop: they work when every thread is busy,
and say nothing but yes or no. The same answers exist as views for other servers and for tests.
"""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from barstucks_site.health import watch
from barstucks_site.mode_rules import LOOPBACK
from barstucks_site.web_server.request_body import Receive, Scope, Send
from barstucks_site.web_server.request_origin import Application

PLAIN = "text/plain; charset=utf-8"


def answer_to(path: str) -> tuple[int, str] | None:
    """Status and text for a probe's path; None for any other path."""
    match path:
        case "/livez":
            return 200, "alive\n"
        case "/readyz":
            return (200, "ready\n") if watch.ready() else (503, "not ready\n")
        case _:
            return None


class Probes:
    """Answers probes on the event loop and passes on everything else."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        answer = answer_to(scope["path"]) if scope["method"] in {"GET", "HEAD"} else None
        if answer is None:
            await self._inner(scope, receive, send)
            return
        status, text = answer
        headers = [(b"Content-Type", PLAIN.encode()), (b"Cache-Control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})


@require_safe
def probe(request: HttpRequest) -> HttpResponse:
    """The same answers as a view."""
    status, text = answer_to(request.path) or (404, "")
    return HttpResponse(text, status=status, content_type=PLAIN)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """This process's figures for Prometheus; for this machine and for managers only."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    if request.META.get("REMOTE_ADDR", "") in LOOPBACK:
        return True
    user: Any = request.user
    return bool(user.is_authenticated and user.has_perm("staff.see_facts"))
