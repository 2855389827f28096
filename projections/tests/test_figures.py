"""What projector, pusher and sockets count, for those who watch the processes."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from prometheus_client import REGISTRY

from projections.engine.sequences import Committed
from projections.live import broadcaster, push
from projections.live.broadcaster import open_screens
from projections.live.push import Pusher
from projections.live.routing import websocket_urlpatterns
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import projector_of
from projections.tests.some_orders import order_stream_number, ordered

DATABASES = ["default", "read_models"]


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(databases=DATABASES)
def test_a_batch_of_the_live_rows_is_counted_apart_from_a_rebuild() -> None:
    log = InMemoryLog()
    batch = log.write(order_stream_number(1), ordered(1))
    facts = "barstucks_projected_facts_total"
    before = [counted(facts, rows=rows) for rows in ("live", "rebuilt")]

    projector_of(log, push=lambda _committed: None).handle(batch)

    assert [counted(facts, rows=rows) for rows in ("live", "rebuilt")] == [
        before[0] + len(batch),
        before[1],
    ]
    assert counted("barstucks_projection_batch_seconds_count", rows="live") > 0


class Layer:
    """A channel layer that is there, or away."""

    def __init__(self, *, is_away: bool) -> None:
        self._is_away = is_away

    async def new_channel(self, _prefix: str) -> str:
        return "projector"

    async def group_add(self, _group: str, _channel: str) -> None:
        pass

    async def receive(self, _channel: str) -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def group_send(self, _group: str, _message: dict[str, Any]) -> None:
        if self._is_away:
            raise ConnectionError


@pytest.mark.parametrize(
    ("is_away", "name"), [(False, "barstucks_pushes_total"), (True, "barstucks_pushes_lost_total")]
)
def test_a_push_is_sent_or_lost(is_away: bool, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counted(name)
    monkeypatch.setattr(push, "get_channel_layer", lambda: Layer(is_away=is_away))
    pusher = Pusher()
    pusher([Committed(1, {"board": 1}, {})])
    pusher.close()

    assert counted(name) == before + 1


@pytest.mark.django_db(databases=DATABASES, transaction=True)
async def test_a_screen_is_counted_while_it_is_open(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    running = broadcaster.broadcaster()
    viewer = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "ws/board/")
    vars(viewer)["scope"]["user"] = AnonymousUser()
    before = open_screens()["board"]
    await viewer.connect()
    await viewer.receive_from(3)
    during = open_screens()["board"]
    await viewer.disconnect()
    after = open_screens()["board"]
    await running.stop()
    await sync_to_async(connections.close_all)()

    assert (before, during, after) == (0, 1, 0)
