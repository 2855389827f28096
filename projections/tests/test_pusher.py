"""How often the projector sends: at once where somebody looks, seldom where nobody does."""

import asyncio
from typing import Any

import pytest

from projections.engine.sequences import Committed
from projections.live import push, watched_views
from projections.live.push import Pusher


class Layer:
    """A channel layer that keeps what is sent, and says which views are watched."""

    def __init__(self, *watched: str) -> None:
        self.sent: list[dict[str, Any]] = []
        self._watched = list(watched)

    async def new_channel(self, _prefix: str) -> str:
        return "projector"

    async def group_add(self, group: str, _channel: str) -> None:
        assert group == watched_views.GROUP

    async def receive(self, _channel: str) -> dict[str, Any]:
        if self._watched:
            views, self._watched = self._watched, []
            return {"views": views}
        await asyncio.Event().wait()
        raise AssertionError

    async def group_send(self, _group: str, message: dict[str, Any]) -> None:
        self.sent.append(message)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "_drawn", lambda view, seq, _change: f"{view} {seq}")


def commit(seq: int, *views: str) -> list[Committed]:
    return [Committed(1, dict.fromkeys(views, seq), {})]


def pusher_with(layer: Layer, monkeypatch: pytest.MonkeyPatch) -> Pusher:
    monkeypatch.setattr(push, "get_channel_layer", lambda: layer)
    pusher = Pusher()
    asyncio.run_coroutine_threadsafe(asyncio.sleep(0.02), pusher._loop).result(5)
    return pusher


def test_views_that_nobody_watches_are_named_together(
    drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = Layer()
    pusher = pusher_with(layer, monkeypatch)
    monkeypatch.setattr(push, "PAUSE_SECONDS", 60.0)
    for number in range(100):
        pusher(commit(number, "board", f"order:{number}"))
    pusher.close()

    named = {view for message in layer.sent for view in message["touched"]}
    assert named == {"board", *(f"order:{number}" for number in range(100))}
    assert len(layer.sent) <= 3
    assert all(message["frames"] == {} for message in layer.sent)


def test_what_somebody_watches_is_sent_commit_by_commit(
    drawn: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = Layer("board")
    pusher = pusher_with(layer, monkeypatch)
    monkeypatch.setattr(push, "PAUSE_SECONDS", 60.0)
    for number in range(20):
        pusher(commit(number, "board", f"order:{number}"))
    pusher.close()

    assert [message["frames"] for message in layer.sent] == [
        {"board": f"board {number}"} for number in range(20)
    ]
    assert [message["touched"] for message in layer.sent] == [
        [f"order:{number}"] for number in range(20)
    ]


def test_a_view_that_is_to_be_drawn_anew_is_named_before_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = Layer()
    pusher = pusher_with(layer, monkeypatch)
    pusher.redraw("sales")
    pusher.close()

    assert [message["touched"] for message in layer.sent] == [["sales"]]
