"""A change is drawn for those who look, once however many they are, and for nobody else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import connections

from projections.engine.sequences import Committed
from projections.live import broadcaster, push, watched_views
from projections.live.broadcaster import Broadcaster
from projections.live.connection import LiveConnection
from projections.live.watched_views import VIEWS_AT_ONCE, WATCHED_SECONDS, WatchedViews
from projections.tests.in_memory_log import InMemoryLog
from projections.tests.projecting import projector_of
from projections.tests.some_orders import order_hex, order_stream_number, ordered

pytestmark = pytest.mark.django_db(databases=["default", "read_models"], transaction=True)

VIEW = "barista-queue"


@pytest.fixture
async def screens(settings: Any) -> AsyncIterator[Broadcaster]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    running = broadcaster.broadcaster()
    yield running
    await running.stop()
    await sync_to_async(connections.close_all)()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The views that were drawn for a push."""
    views: list[str] = []
    draw = push._drawn

    def noting(view: str, seq: int, change: Committed) -> str | None:
        views.append(view)
        return draw(view, seq, change)

    monkeypatch.setattr(push, "_drawn", noting)
    return views


async def nowhere(_message: dict[str, Any]) -> None:
    pass


async def heard_by_a_projector(screens: Broadcaster, viewers: int) -> list[list[str]]:
    """What the broadcaster says to projectors while so many open the bar's screen."""
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(watched_views.GROUP, channel)
    for _ in range(viewers):
        await screens.join(LiveConnection(VIEW, nowhere))
    heard = []
    while True:
        try:
            async with asyncio.timeout(0.05):
                heard.append((await layer.receive(channel))["views"])
        except TimeoutError:
            return heard


def changes_of(*numbers: int) -> list[Committed]:
    """One commit with these new orders."""
    log = InMemoryLog()
    changes: list[Committed] = []
    for number in numbers:
        log.write(order_stream_number(number), ordered(number))
    projector_of(log, push=changes.extend).handle(log.events)
    return changes


@pytest.mark.parametrize("viewers", [1, 50])
async def test_a_view_is_drawn_once_however_many_look(
    screens: Broadcaster, drawn: list[str], viewers: int
) -> None:
    watched = WatchedViews()
    heard = await heard_by_a_projector(screens, viewers)
    assert heard == [[VIEW]]  # the first viewer is news, the others are not
    watched.note(heard[0])

    message = await sync_to_async(push.message_of)(await sync_to_async(changes_of)(1), watched)

    assert drawn == [VIEW]
    assert list(message["frames"]) == [VIEW]
    assert {"board", "cashier-desk", f"order:{order_hex(1)}", "sales"} <= set(message["touched"])


def test_without_a_viewer_nothing_is_drawn(drawn: list[str]) -> None:
    message = push.message_of(changes_of(1), WatchedViews())

    assert drawn == []
    assert message["frames"] == {}
    assert VIEW in message["touched"]


@pytest.mark.parametrize(("orders", "fragments"), [(30, 30), (100, 0)])
def test_a_burst_is_drawn_as_its_last_state_or_left_to_a_snapshot(
    orders: int, fragments: int
) -> None:
    watched = WatchedViews()
    watched.note([VIEW])

    frames = push.message_of(changes_of(*range(1, orders + 1)), watched)["frames"]

    assert frames.get(VIEW, "").count('"id":"ticket-') == fragments


async def test_a_web_process_says_again_and_again_what_is_watched(
    screens: Broadcaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(broadcaster, "STALENESS_SECONDS", 0.01)
    layer: Any = get_channel_layer()
    await screens.join(LiveConnection(VIEW, nowhere))
    channel = await layer.new_channel()
    await layer.group_add(watched_views.GROUP, channel)  # a projector that has just started

    async with asyncio.timeout(5):
        assert (await layer.receive(channel))["views"] == [VIEW]


def test_whom_nobody_names_any_more_is_not_watched() -> None:
    now = 0.0
    watched = WatchedViews(lambda: now)
    watched.note(["board", VIEW])
    now += WATCHED_SECONDS / 2
    watched.note([VIEW])
    now += WATCHED_SECONDS / 2

    assert VIEW in watched
    assert "board" not in watched
    watched.note([VIEW])
    assert list(watched._until) == [VIEW]  # memory holds only what is watched


def test_very_many_views_go_in_several_messages() -> None:
    views = [f"order:{order_hex(number)}" for number in range(VIEWS_AT_ONCE + 1)]

    messages = watched_views.messages_for(views)

    assert [len(list(message["views"])) for message in messages] == [VIEWS_AT_ONCE, 1]  # type: ignore[call-overload]
