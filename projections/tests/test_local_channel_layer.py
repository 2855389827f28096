"""The channel layer of one machine: between processes, lossy, and never forgetting a member."""

import asyncio
import time
from pathlib import Path

import pytest

from projections.live.local_channel_layer import LocalChannelLayer


async def received(layer: LocalChannelLayer, channel: str) -> dict[str, object]:
    return dict(await asyncio.wait_for(layer.receive(channel), 2))


async def member(layer: LocalChannelLayer) -> str:
    channel = await layer.new_channel("screens")
    await layer.group_add("screens", channel)
    return str(channel)


def sockets_in(directory: str) -> list[Path]:
    return list(Path(directory).iterdir())


@pytest.fixture
def push_directory(tmp_path: Path) -> str:
    return str(tmp_path / "push")


async def test_a_message_reaches_the_members_in_this_process_and_in_others(
    push_directory: str,
) -> None:
    web, other_web, projector = (LocalChannelLayer(push_directory) for _ in range(3))
    channels = [(web, await member(web)), (other_web, await member(other_web))]
    await projector.group_send("screens", {"type": "changed", "text": "ü"})
    await web.group_send("screens", {"type": "changed", "text": "2"})
    for layer, channel in channels:
        said = {(await received(layer, channel))["text"] for _ in range(2)}
        assert said == {"ü", "2"}
    for layer in (web, other_web):
        await layer.close()


async def test_a_process_that_was_killed_leaves_a_socket_that_is_swept(
    push_directory: str,
) -> None:
    gone, projector = LocalChannelLayer(push_directory), LocalChannelLayer(push_directory)
    await member(gone)
    assert gone._socket is not None
    asyncio.get_running_loop().remove_reader(gone._socket)
    gone._socket.close()
    await projector.group_send("screens", {"type": "changed"})
    assert sockets_in(push_directory) == []


async def test_a_reader_that_does_not_read_holds_nobody_up(push_directory: str) -> None:
    stuck, web = LocalChannelLayer(push_directory), LocalChannelLayer(push_directory)
    await member(stuck)
    channel = await member(web)
    assert stuck._socket is not None
    asyncio.get_running_loop().remove_reader(stuck._socket)  # as if its process were frozen
    for number in range(20):
        await web.group_send("screens", {"number": number})
    assert [(await received(web, channel))["number"] for _ in range(20)] == list(range(20))
    for layer in (stuck, web):
        await layer.close()


async def test_membership_outlives_a_jump_of_the_clock_and_a_full_queue(
    push_directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = LocalChannelLayer(push_directory, capacity=3)
    channel = await member(web)
    for number in range(10):
        await web.group_send("screens", {"number": number})
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100_000)
    await web.group_send("screens", {"number": 10})
    assert [(await received(web, channel))["number"] for _ in range(3)] == [0, 1, 2]
    await web.group_send("screens", {"number": 11})
    assert (await received(web, channel))["number"] == 11
    await web.close()


async def test_a_message_too_large_for_a_datagram_is_dropped_quietly(push_directory: str) -> None:
    web, projector = LocalChannelLayer(push_directory), LocalChannelLayer(push_directory)
    channel = await member(web)
    await projector.group_send("screens", {"text": "x" * 300_000})
    await projector.group_send("screens", {"text": "y" * 100_000})
    assert str((await received(web, channel))["text"])[0] == "y"
    await web.close()


async def test_a_deep_directory_is_no_obstacle(tmp_path: Path) -> None:
    deep = str(tmp_path / ("d" * 60) / ("e" * 60))
    web, projector = LocalChannelLayer(deep), LocalChannelLayer(deep)
    channel = await member(web)
    await projector.group_send("screens", {"text": "hello"})
    assert (await received(web, channel))["text"] == "hello"
    await web.close()
