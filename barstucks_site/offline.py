"""The shop as an app that can be installed, and what it shows without a connection.

A manifest for the browser; a service worker, which keeps the files of customers' pages and shows a
page as it was last seen when the shop cannot be reached; and the page for all that was not kept.
Pages keep themselves (`static/js/offline.js`). Knows which files they need, not what they show.
"""

import hashlib
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from barstucks_site.templatetags.modules import imports_of

FILES = ("css/shop.css", "img/favicon.svg", "img/cup.svg", "img/drawings.svg", "img/icon-192.png")
MODULES = ("js/offline.js", "js/order_form.js", "js/news.js", "js/live.js", "js/tracking.js")
"""What customers' pages show and run; what the modules import comes with them."""

WORKER = "offline/service_worker.js"
NO_WORKER = "offline/no_service_worker.js"

PAPER = "#fbf8f3"
BROWN = "#7a3e1d"
"""`--paper` and `--brand` of `tokens.css`, in its light look."""

SIZES = (192, 512)
"""Of the icons, in pixels: what a home screen and a splash screen ask for."""


@require_safe
def manifest(_request: HttpRequest) -> HttpResponse:
    """What a browser has to know to put the shop on a home screen."""
    icons = [
        {"src": static("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
        *({**_icon(size), "purpose": "any maskable"} for size in SIZES),
    ]
    written = {
        "id": reverse("menu"),
        "name": "Barstucks",
        "short_name": "Barstucks",
        "description": gettext("Order your coffee, and see when it is ready."),
        "lang": get_language() or settings.LANGUAGE_CODE,
        "start_url": reverse("menu"),
        "scope": reverse("menu"),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": BROWN,
        "icons": icons,
        "shortcuts": [{"name": gettext("My orders"), "url": reverse("me")}],
    }
    response = JsonResponse(written, content_type="application/manifest+json")
    patch_cache_control(response, private=True, max_age=3600)
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker of today's files; where it is switched off, one that takes itself away.

    Browsers look here again with every visit: that is how a deploy reaches those that have one.
    """
    context = {"cache": cache_name(), "files": kept_files(), "page": reverse("offline")}
    template = WORKER if settings.SERVICE_WORKER else NO_WORKER
    response = render(request, template, context, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
@never_cache
def offline_page(request: HttpRequest) -> HttpResponse:
    """Shown in place of a page that was not kept; the worker asks for it once, when it starts."""
    return render(request, "offline/page.html")


@cache
def kept_files() -> tuple[str, ...]:
    """The addresses of all files that customers' pages need, each once."""
    imported = (name for module in MODULES for name in imports_of(module))
    return tuple(static(name) for name in dict.fromkeys((*FILES, *MODULES, *imported)))


@cache
def cache_name() -> str:
    """The name of the browser's cache: another for other files, or another worker."""
    source = get_template(WORKER).template.source  # type: ignore[attr-defined]
    digest = hashlib.sha256("\n".join((source, *kept_files())).encode())
    return f"barstucks-{digest.hexdigest()[:12]}"


def _icon(size: int) -> dict[str, str]:
    address = static(f"img/icon-{size}.png")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png"}
