"""A live screen in several languages: each drawn once, each to those who read it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.db import connections
from django.utils.translation import get_language, override

from orders.domain.events import CoffeePrepared
from orders.links import order_token
from projections.live import broadcaster, snapshots
from projections.live.broadcaster import Broadcaster
from projections.live.routing import websocket_urlpatterns
from projections.live.staleness import Staleness
from projections.screen import Room
from projections.screens.pickup_board import READY_SHOWN
from projections.templatetags.sockets import socket_url
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import project
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

application = URLRouter(websocket_urlpatterns)
TRACKED = f"ws/order/{order_token(UUID(int=1))}/"
SENTENCES = {"en": "In the queue.", "de": "In der Warteschlange.", "ar": "في قائمة الانتظار."}
MORE = {"en": "and <b>2</b> more", "de": "und <b>2</b> weitere", "ar": "و<b>2</b> آخران"}


@pytest.fixture(autouse=True)
async def screens(settings: Any) -> AsyncIterator[Broadcaster]:
    """A broadcaster on an in-memory layer, gone after the test."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    running = broadcaster.broadcaster()
    yield running
    await running.stop()
    await sync_to_async(connections.close_all)()


async def viewer(path: str, language: str, query: str = "") -> WebsocketCommunicator:
    communicator = WebsocketCommunicator(application, f"{path}?lang={language}{query}")
    vars(communicator)["scope"].update(user=AnonymousUser())
    await communicator.connect()
    return communicator


async def received(communicator: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await communicator.receive_from(3))
        if message["kind"] == kind:
            return message


def some_ready(log: InMemoryLog, count: int) -> None:
    for number in range(1, count + 1):
        log.write(order_stream_number(number), ordered(number), CoffeePrepared(desk=1))
    project(log, [log.events])


async def test_each_viewer_gets_the_order_in_the_language_of_the_page() -> None:
    log = InMemoryLog()
    await sync_to_async(project)(log, [log.write(order_stream_number(1), ordered(1))])
    for language, sentence in SENTENCES.items():
        looking = await viewer(TRACKED, language)
        snapshot = await received(looking, "snapshot")
        assert sentence in snapshot["fragments"][0]["html"]
        await looking.disconnect()
    short = await viewer(TRACKED, "de", "&short=1")
    assert SENTENCES["de"] in (await received(short, "snapshot"))["fragments"][0]["html"]
    await short.disconnect()
    unknown = await viewer(TRACKED, "tlh")
    assert SENTENCES["en"] in (await received(unknown, "snapshot"))["fragments"][0]["html"]
    await unknown.disconnect()


async def test_a_change_is_drawn_once_for_each_language_however_many_look(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = InMemoryLog()
    await sync_to_async(project)(log, [log.write(order_stream_number(1), ordered(1))])
    spoken = ["en", "de", "ar"] * 5
    viewers = [await viewer(TRACKED, language) for language in spoken]
    for looking in viewers:
        await received(looking, "snapshot")
    await asyncio.sleep(0.1)
    drawn: list[str] = []
    snapshot = snapshots.snapshot

    def counted(view: str, room: Room) -> str:
        drawn.append(get_language() or "")
        return snapshot(view, room)

    monkeypatch.setattr(snapshots, "snapshot", counted)
    screens.receive({"frames": {}, "touched": [f"order:{order_hex(1)}"]})
    for looking, language in zip(viewers, spoken, strict=True):
        shown = await received(looking, "snapshot")
        assert SENTENCES[language] in shown["fragments"][0]["html"]
        await looking.disconnect()
    assert sorted(drawn) == ["ar", "de", "en"]


async def test_a_summary_too_is_drawn_once_for_each_language(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sync_to_async(some_ready)(InMemoryLog(), READY_SHOWN + 2)
    spoken = ["en", "de", "ar"] * 2
    viewers = [await viewer("ws/board/", language) for language in spoken]
    for looking in viewers:
        await received(looking, "snapshot")
    drawn: list[str] = []
    summary = snapshots.summary

    def counted(view: str) -> str:
        drawn.append(get_language() or "")
        return summary(view)

    monkeypatch.setattr(snapshots, "summary", counted)
    push = '{"kind":"push","view":"board"}'
    screens.receive({"frames": {"board": push}, "touched": []})
    for looking, language in zip(viewers, spoken, strict=True):
        summed = await received(looking, "summary")
        html = {fragment["id"]: fragment["html"] for fragment in summed["fragments"]}
        assert MORE[language] in html["more-ready"]
        await looking.disconnect()
    assert sorted(drawn) == ["ar", "de", "en"]


async def test_a_heartbeat_says_in_each_language_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def behind(_view: str) -> Staleness:
        return Staleness(words=get_language() or "", detail="", missing=1, seconds=9)

    monkeypatch.setattr(snapshots, "staleness_of", behind)
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.2)
    viewers = {language: await viewer("ws/board/", language) for language in SENTENCES}
    for language, looking in viewers.items():
        beat = await received(looking, "heartbeat")
        assert beat["stale"]["words"] == language
        await looking.disconnect()


def test_a_page_asks_for_its_own_language() -> None:
    assert socket_url("live_screen", "board") == "/ws/board/"
    with override("ar"):
        assert socket_url("live_screen", "board") == "/ws/board/?lang=ar"
