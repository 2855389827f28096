"""Groups through the asyncio client. Runs against a real Eventstore as well."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from embedded_eventstore.client_library import (
    AlreadyExists,
    AsyncEventStoreDBClient,
    NotFound,
    StreamState,
    SubscriptionInfo,
)
from embedded_eventstore.tests import given


async def eventually(
    ask: Callable[[], Awaitable[SubscriptionInfo]], holds: Callable[[SubscriptionInfo], bool]
) -> None:
    for _ in range(500):
        if holds(await ask()):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


async def test_create_consume_and_delete(
    asyncio_client: AsyncEventStoreDBClient, stream: str
) -> None:
    client = asyncio_client
    await client.append_to_stream(stream, current_version=StreamState.ANY, events=given.events(3))
    await client.create_subscription_to_stream("bar", stream)
    with pytest.raises(AlreadyExists):
        await client.create_subscription_to_stream("bar", stream)

    subscription = await client.read_subscription_to_stream("bar", stream, max_ack_delay=0.02)
    first = await anext(subscription)
    await subscription.ack(first)
    second = await anext(subscription)
    await subscription.nack(second, "retry")
    third, again = await anext(subscription), await anext(subscription)
    assert (third.stream_position, again.stream_position, again.retry_count) == (2, 1, 1)
    await subscription.nack(again, "park")
    await eventually(
        lambda: client.get_subscription_info("bar", stream),
        lambda info: info.parked_message_count == 1,
    )
    await client.replay_parked_events("bar", stream)
    replayed = await anext(subscription)
    assert (replayed.stream_position, replayed.retry_count) == (1, 0)
    await subscription.stop()

    assert len(await client.list_subscriptions_to_stream(stream)) == 1
    await client.delete_subscription("bar", stream)
    with pytest.raises(NotFound):
        await client.get_subscription_info("bar", stream)


async def test_many_consumers_share_a_group_without_doubling_anything(
    asyncio_client: AsyncEventStoreDBClient, stream: str
) -> None:
    client = asyncio_client
    await client.create_subscription_to_stream(
        "bar", stream, consumer_strategy="RoundRobin", max_subscriber_count=0
    )
    seen: list[int] = []
    all_seen = asyncio.Event()

    async def consume() -> None:
        subscription = await client.read_subscription_to_stream(
            "bar", stream, event_buffer_size=5, max_ack_delay=0.02
        )
        async for event in subscription:
            seen.append(event.stream_position)
            if len(seen) == 200:
                all_seen.set()
            await subscription.ack(event)

    consumers = [asyncio.create_task(consume()) for _ in range(8)]
    for _ in range(10):
        await client.append_to_stream(
            stream, current_version=StreamState.ANY, events=given.events(20)
        )
    async with asyncio.timeout(20):
        await all_seen.wait()
    for consumer in consumers:
        consumer.cancel()
    await asyncio.gather(*consumers, return_exceptions=True)

    assert sorted(seen) == list(range(200))
