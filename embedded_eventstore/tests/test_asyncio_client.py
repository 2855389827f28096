"""The asyncio client, whose calls differ a little on the wire."""

import asyncio

import pytest

from embedded_eventstore.client_library import (
    AsyncEventStoreDBClient,
    NotFound,
    StreamIsDeleted,
    StreamState,
    WrongCurrentVersion,
)
from embedded_eventstore.tests import given

pytestmark = pytest.mark.closed_too


async def test_append_read_and_repeat(asyncio_client: AsyncEventStoreDBClient, stream: str) -> None:
    batch = given.events(3)
    first = await asyncio_client.append_to_stream(
        stream, current_version=StreamState.NO_STREAM, events=batch
    )
    again = await asyncio_client.append_to_stream(
        stream, current_version=StreamState.NO_STREAM, events=batch
    )

    assert again == first
    assert [event.id for event in await asyncio_client.get_stream(stream)] == [
        event.id for event in batch
    ]
    assert await asyncio_client.get_commit_position() >= first
    with pytest.raises(WrongCurrentVersion):
        await asyncio_client.append_to_stream(stream, current_version=7, events=given.events(1))
    with pytest.raises(NotFound):
        await asyncio_client.get_stream(f"{stream}b")


async def test_subscribe_and_stop(asyncio_client: AsyncEventStoreDBClient, stream: str) -> None:
    subscription = await asyncio_client.subscribe_to_stream(stream)
    await asyncio_client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.events(2)
    )

    assert [(await anext(subscription)).stream_position for _ in range(2)] == [0, 1]
    await subscription.stop()


async def test_delete_and_tombstone(asyncio_client: AsyncEventStoreDBClient, stream: str) -> None:
    await asyncio_client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.events(1)
    )
    await asyncio_client.delete_stream(stream, current_version=0)
    with pytest.raises(NotFound):
        await asyncio_client.get_stream(stream)
    await asyncio_client.tombstone_stream(stream, current_version=StreamState.ANY)
    with pytest.raises(StreamIsDeleted):
        await asyncio_client.get_stream(stream)


async def test_many_appends_at_once_each_have_one_winner(
    asyncio_client: AsyncEventStoreDBClient, stream: str
) -> None:
    async def claim() -> bool:
        try:
            await asyncio_client.append_to_stream(
                stream, current_version=StreamState.NO_STREAM, events=given.events(1)
            )
        except WrongCurrentVersion:
            return False
        return True

    claims = await asyncio.gather(*(claim() for _ in range(40)))

    assert claims.count(True) == 1
    assert len(await asyncio_client.get_stream(stream)) == 1
