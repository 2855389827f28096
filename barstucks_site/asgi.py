"""The web process as one ASGI application: probes, static files, pages, live screens."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
django.setup()

from channels.auth import AuthMiddlewareStack  # noqa: E402 - needs the apps loaded
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import re_path  # noqa: E402

from barstucks_site.admission.middleware import limited  # noqa: E402
from barstucks_site.admission.turns import Turns  # noqa: E402
from barstucks_site.collected_static import collect_if_changed  # noqa: E402
from barstucks_site.deadlines import Deadlines  # noqa: E402
from barstucks_site.health import Probes, monitor  # noqa: E402
from barstucks_site.refusals import Refusals  # noqa: E402
from barstucks_site.request_pools import POOLS, pool_of  # noqa: E402
from barstucks_site.web_server.request_origin import ClientAddress, OriginValidator  # noqa: E402
from barstucks_site.web_server.static_files import with_static_files  # noqa: E402
from barstucks_site.web_server.threaded_handler import ThreadedHandler  # noqa: E402
from projections.live.routing import websocket_urlpatterns  # noqa: E402
from projections.views.own_writes import OwnWrites  # noqa: E402


async def _no_such_screen(_scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4404})


_threads = ThreadedHandler(POOLS, pool_of, Refusals())
collect_if_changed()
_site = with_static_files(
    Deadlines(limited(OwnWrites(Turns(_threads)))),
    directory=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
)
_pages = Probes(_site, monitor)
_sockets = OriginValidator(
    AuthMiddlewareStack(
        URLRouter([*websocket_urlpatterns, re_path("", _no_such_screen)])  # type: ignore[list-item,arg-type]
    ),
    origins=settings.TRUSTED_ORIGINS,
    allowed_hosts=settings.ALLOWED_HOSTS,
    same_host=settings.DEMO,
)
application = ClientAddress(
    ProtocolTypeRouter({"http": _pages, "websocket": _sockets}), settings.PROXY_HOPS
)
