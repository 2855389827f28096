"""A site of a few views for the tests of the server: `ROOT_URLCONF` of those tests.

Run as a program it serves them, and one websocket, until SIGTERM: `python … PORT`.
"""

import asyncio
import sys
import threading
import time
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(request.body)
    response["X-Thread"] = threading.current_thread().name
    response["X-Path"] = request.path
    response.set_cookie("crumb", "1")
    response.set_cookie("crumbs", "2")
    return response


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the secret of the house")


SLOW_SECONDS = 1.0

noted: list[bytes] = []
"""What was sent to `/note/`."""


@csrf_exempt
def note(request: HttpRequest) -> HttpResponse:
    noted.append(request.body)
    return HttpResponse("noted")


@csrf_exempt
def slow(_request: HttpRequest) -> HttpResponse:
    time.sleep(SLOW_SECONDS)
    return HttpResponse("at last")


def stream(_request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter(("drip ", "drip ", "drop")))


async def from_async_view(_request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(0)
    return HttpResponse("async")


urlpatterns = [
    path("echo/", echo),
    path("broken/", broken),
    path("note/", note),
    path("slow/", slow),
    path("stream/", stream),
    path("async/", from_async_view),
]


async def socket(scope: Any, receive: Any, send: Any) -> None:
    """Responds with the bytes that wait; to `flood` with one prepared frame, written twice."""
    frames = scope["extensions"]["barstucks.frames"]
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "flood":
            prepared = frames.prepare("frame ☕")
            frames.write(prepared)
            frames.write(prepared)
        elif message["text"] == "sleep":
            await asyncio.sleep(60)
        else:
            await send({"type": "websocket.send", "text": str(frames.waiting_bytes())})


def main(port: int) -> None:
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = __name__

    from barstucks_site.web_server.listening import listen
    from barstucks_site.web_server.server import ShopServer
    from barstucks_site.web_server.threaded_handler import ThreadedHandler

    pages = ThreadedHandler()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await (pages if scope["type"] == "http" else socket)(scope, receive, send)

    def say_ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    listening = listen("127.0.0.1", port)
    ShopServer(application, listening, proxied=False, log_requests=True, when_ready=say_ready).run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
