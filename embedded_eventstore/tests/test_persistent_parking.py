"""Parked messages and their replay. Runs against a real Eventstore as well."""

import json

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    NewEvent,
    StreamState,
    persistent_pb2,
    shared_pb2,
)
from embedded_eventstore.tests.test_persistent_consuming import append, read, seen, take
from embedded_eventstore.tests.test_persistent_groups import eventually


def parked(client: EventStoreDBClient, stream: str) -> int:
    return client.get_subscription_info("bar", stream).parked_message_count


def park(client: EventStoreDBClient, stream: str, count: int) -> None:
    """Let a consumer park the first ``count`` messages of a new group."""
    append(client, stream, count)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream) as subscription:
        for event in take(subscription, count):
            subscription.nack(event, "park")
        eventually(lambda: parked(client, stream) == count)


def test_a_parked_message_is_a_link_that_says_why(client: EventStoreDBClient, stream: str) -> None:
    park(client, stream, 1)

    (link,) = client.get_stream(f"$persistentsubscription-{stream}::bar-parked")
    assert (link.type, link.data) == ("$>", f"0@{stream}".encode())
    metadata = {key.lower(): value for key, value in json.loads(link.metadata).items()}
    assert metadata["reason"].startswith("Client explicitly NAK'ed message.")
    assert metadata["subscriptioneventnumber"] == 0


def test_parked_messages_come_back_when_they_are_replayed(
    client: EventStoreDBClient, stream: str
) -> None:
    park(client, stream, 3)
    client.replay_parked_events("bar", stream)
    with read(client, stream) as subscription:
        again = take(subscription, 3)
        for event in again:
            subscription.ack(event)

    assert seen(again) == [(0, 0), (1, 0), (2, 0)]
    assert all(event.link and event.ack_id == event.link.id for event in again)
    eventually(lambda: parked(client, stream) == 0)


def test_replaying_nothing_is_fine(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_stream("bar", stream)
    client.replay_parked_events("bar", stream)
    assert parked(client, stream) == 0


def test_a_replayed_message_can_be_parked_again_and_still_leads_to_the_event(
    client: EventStoreDBClient, stream: str
) -> None:
    park(client, stream, 1)
    client.replay_parked_events("bar", stream)
    with read(client, stream) as subscription:
        (event,) = take(subscription, 1)
        subscription.nack(event, "park")
        eventually(lambda: parked(client, stream) == 1)
    client.replay_parked_events("bar", stream)
    with read(client, stream) as subscription:
        (event,) = take(subscription, 1)

    assert (event.stream_name, event.stream_position) == (stream, 0)


def test_a_replay_may_be_limited(client: EventStoreDBClient, stream: str) -> None:
    park(client, stream, 3)
    options = persistent_pb2.ReplayParkedReq.Options(
        group_name="bar",
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        stop_at=2,
    )
    request = persistent_pb2.ReplayParkedReq(options=options)
    client.persistent_subscriptions._stub.ReplayParked(request, timeout=10)
    with read(client, stream) as subscription:
        assert seen(take(subscription, 2)) == [(0, 0), (1, 0)]
        eventually(lambda: parked(client, stream) == 1)


def test_a_message_is_parked_after_its_last_retry(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream, 2)
    client.create_subscription_to_stream("bar", stream, max_retry_count=1)
    with read(client, stream, event_buffer_size=1) as subscription:
        for _ in range(2):
            subscription.nack(next(subscription), "retry")
        assert seen(take(subscription, 1)) == [(1, 0)]
        eventually(lambda: parked(client, stream) == 1)
    (link,) = client.get_stream(f"$persistentsubscription-{stream}::bar-parked")
    assert b"Reached retry count of 1" in link.metadata


def test_the_event_behind_a_link_is_parked_not_the_link(
    client: EventStoreDBClient, category: str
) -> None:
    links = f"{category}-links"
    append(client, f"{category}-1", 1)
    link = NewEvent(type="$>", data=b"0@%s-1" % category.encode())
    client.append_to_stream(links, current_version=StreamState.ANY, events=link)
    client.create_subscription_to_stream("bar", links, resolve_links=True)
    with read(client, links) as subscription:
        subscription.nack(take(subscription, 1)[0], "park")
        eventually(lambda: parked(client, links) == 1)

    (kept,) = client.get_stream(f"$persistentsubscription-{links}::bar-parked")
    assert kept.data == b"0@%s-1" % category.encode()
