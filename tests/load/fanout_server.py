"""The server of `fanout.py`: the shop's web server with three ways to reach the same viewers.

`/ws/board/` is the shop's own live socket behind its broadcaster. `/plain/` is the way the
tutorials show: every socket a Channels consumer and a member of the group. `/bare/` is the floor:
an application that keeps its sockets in a set and writes to them. `/publish/` publishes.
"""

import json
import os
import socket
from typing import Any

import django
from daphne.server import Server  # noqa: F401 - first: installs Twisted's asyncio reactor

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barstucks_site.settings")
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import (  # noqa: E402
    InMemoryChannelLayer,
    channel_layers,
    get_channel_layer,
)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import path  # noqa: E402

from barstucks_site.web_server.server import ShopServer  # noqa: E402
from barstucks_site.web_server.socket_frames import EXTENSION, SocketFrames  # noqa: E402
from projections.live import push  # noqa: E402
from projections.live.routing import websocket_urlpatterns  # noqa: E402

PLAIN_GROUP = "plain"
BARE: set[SocketFrames] = set()
"""The open sockets of the bare way."""


class PlainConsumer(AsyncWebsocketConsumer):
    """One group member per socket."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(PLAIN_GROUP, self.channel_name)
        await self.accept()
        await self.send("joined")

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(PLAIN_GROUP, self.channel_name)

    async def plain_changed(self, message: dict[str, Any]) -> None:
        await self.send(message["text"])


async def bare(scope: Any, receive: Any, send: Any) -> None:
    """One socket of the bare way."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "joined"})
    frames: SocketFrames = scope["extensions"][EXTENSION]
    BARE.add(frames)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    BARE.discard(frames)


class PublishConsumer(AsyncWebsocketConsumer):
    """Publishes a text in one of the ways."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        request = json.loads(text_data or "{}")
        text = request["mark"] + "x" * request["size"]
        layer: Any = get_channel_layer()
        if request["way"] == "plain":
            await layer.group_send(PLAIN_GROUP, {"type": "plain.changed", "text": text})
        elif request["way"] == "bare":
            prepared = SocketFrames.prepare(text)
            for socket_frames in BARE:
                socket_frames.write(prepared)
        else:
            message = {"type": "screens.changed", "frames": {"board": text}, "touched": {}}
            await layer.group_send(push.GROUP, message)


def main() -> None:
    """Serve on a free port and say which."""
    for database in ("default", "read_models"):
        call_command("migrate", database=database, verbosity=0)
    channel_layers.set("default", InMemoryChannelLayer())
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(listening.getsockname()[1], flush=True)
    plain: Any = PlainConsumer.as_asgi()
    publish: Any = PublishConsumer.as_asgi()
    without_group: Any = bare
    patterns: Any = [
        path("plain/", plain),
        path("publish/", publish),
        path("bare/", without_group),
        *websocket_urlpatterns,
    ]
    application = ProtocolTypeRouter({"websocket": URLRouter(patterns)})
    ShopServer(application, listening, proxied=True, log_requests=False).run()


if __name__ == "__main__":
    main()
