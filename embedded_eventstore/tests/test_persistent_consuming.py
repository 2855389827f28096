"""Consuming from persistent subscriptions. Runs against a real Eventstore as well."""

import threading
from collections.abc import Iterator
from itertools import islice

import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    MaximumSubscriptionsReached,
    NewEvent,
    NotFound,
    PersistentSubscription,
    RecordedEvent,
    StreamState,
)
from embedded_eventstore.tests import given

QUICKLY = {"max_ack_delay": 0.02, "stopping_grace": 0.1}


def append(client: EventStoreDBClient, stream: str, count: int = 1, type_name: str = "T") -> None:
    client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.events(count, type_name)
    )


def read(client: EventStoreDBClient, stream: str, **options: int) -> PersistentSubscription:
    found = client.read_subscription_to_stream("bar", stream, **QUICKLY, **options)  # type: ignore[arg-type]
    assert isinstance(found, PersistentSubscription)
    return found


def take(subscription: Iterator[RecordedEvent], count: int) -> list[RecordedEvent]:
    return list(islice(subscription, count))


def seen(events: list[RecordedEvent]) -> list[tuple[int, int | None]]:
    return [(event.stream_position, event.retry_count) for event in events]


def ack(subscription: PersistentSubscription, events: list[RecordedEvent]) -> None:
    for event in events:
        subscription.ack(event)


def test_a_group_follows_its_stream_from_the_past_into_the_present(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 3)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream) as subscription:
        assert subscription.subscription_id == f"{stream}::bar"
        past = take(subscription, 3)
        append(client, f"{stream}b", 2)
        append(client, stream, 2)
        present = take(subscription, 2)

    assert seen(past + present) == [(position, 0) for position in range(5)]


@pytest.mark.parametrize(
    ("start", "expected"),
    [({"stream_position": 1}, [1, 2, 3]), ({"from_end": True}, [3]), ({}, [0, 1, 2, 3])],
    ids=["inclusive", "end", "start"],
)
def test_a_group_begins_where_it_was_asked_to(
    client: EventStoreDBClient, stream: str, start: dict[str, int], expected: list[int]
) -> None:
    append(client, stream, 3)
    client.create_subscription_to_stream("bar", stream, **start)  # type: ignore[call-overload]
    append(client, stream)
    with read(client, stream) as subscription:
        events = take(subscription, len(expected))

    assert [event.stream_position for event in events] == expected


def test_a_group_on_all_gets_what_its_filter_wants(
    client: EventStoreDBClient, category: str
) -> None:
    append(client, f"{category}-1", 1, f"{category}A")
    client.create_subscription_to_all(category, filter_include=[f"{category}A", f"{category}B"])
    append(client, f"{category}-2", 1, "Other")
    append(client, f"{category}-2", 1, f"{category}B")
    with client.read_subscription_to_all(category, **QUICKLY) as subscription:  # type: ignore[arg-type]
        events = take(subscription, 2)

    assert subscription.subscription_id == f"$all::{category}"
    assert [event.type for event in events] == [f"{category}A", f"{category}B"]
    assert all(event.commit_position for event in events)
    client.delete_subscription(category)


def test_a_group_on_all_filters_by_stream_name_from_a_position(
    client: EventStoreDBClient, category: str
) -> None:
    append(client, f"{category}-1", 3)
    position = client.get_stream(f"{category}-1")[1].commit_position
    assert position is not None
    client.create_subscription_to_all(
        category,
        commit_position=position,
        filter_include=[f"{category}-.*"],
        filter_by_stream_name=True,
    )
    with client.read_subscription_to_all(category, **QUICKLY) as subscription:  # type: ignore[arg-type]
        events = take(subscription, 2)

    assert [event.stream_position for event in events] == [1, 2]
    client.delete_subscription(category)


def test_a_consumer_gets_no_more_than_its_buffer_takes(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 5)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream, event_buffer_size=2) as subscription:
        first = take(subscription, 2)
        assert client.get_subscription_info("bar", stream).total_in_flight_messages == 2
        ack(subscription, first[:1])
        assert seen(take(subscription, 1)) == [(2, 0)]


def test_what_a_consumer_did_not_acknowledge_goes_to_the_next(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 3)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream) as subscription:
        ack(subscription, take(subscription, 3)[:1])
    with read(client, stream) as subscription:
        assert seen(take(subscription, 2)) == [(1, 1), (2, 1)]


@pytest.mark.parametrize("action", ["retry", "unknown"])
def test_what_is_to_be_retried_comes_again(
    client: EventStoreDBClient, stream: str, action: str
) -> None:
    append(client, stream, 1)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream) as subscription:
        (event,) = take(subscription, 1)
        subscription.nack(event, action)  # type: ignore[arg-type]
        assert seen(take(subscription, 1)) == [(0, 1)]


@pytest.mark.parametrize("action", ["skip", "stop"])
def test_what_is_skipped_is_forgotten(client: EventStoreDBClient, stream: str, action: str) -> None:
    append(client, stream, 2)
    client.create_subscription_to_stream("bar", stream)
    with read(client, stream, event_buffer_size=1) as subscription:
        (event,) = take(subscription, 1)
        subscription.nack(event, action)  # type: ignore[arg-type]
        assert seen(take(subscription, 1)) == [(1, 0)]
    assert client.get_subscription_info("bar", stream).parked_message_count == 0


def test_what_is_held_too_long_comes_again(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream, 1)
    client.create_subscription_to_stream("bar", stream, message_timeout=0.2)
    with read(client, stream) as subscription:
        assert seen(take(subscription, 2)) == [(0, 0), (0, 1)]


def test_two_consumers_share_the_work_in_turn(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_stream("bar", stream, consumer_strategy="RoundRobin")
    with read(client, stream) as one, read(client, stream) as other:
        append(client, stream, 4)
        shares = [[event.stream_position for event in take(each, 2)] for each in (one, other)]

    assert sorted(shares) == [[0, 2], [1, 3]]


def test_one_consumer_gets_everything_until_it_is_full(
    client: EventStoreDBClient, stream: str
) -> None:
    client.create_subscription_to_stream("bar", stream, consumer_strategy="DispatchToSingle")
    with (
        read(client, stream, event_buffer_size=2) as one,
        read(client, stream, event_buffer_size=2) as other,
    ):
        append(client, stream, 4)
        shares = [[event.stream_position for event in take(each, 2)] for each in (one, other)]

    assert sorted(shares) == [[0, 1], [2, 3]]


@pytest.mark.parametrize("strategy", ["Pinned", "PinnedByCorrelation"])
def test_what_belongs_together_goes_to_one_consumer(
    client: EventStoreDBClient, category: str, strategy: str
) -> None:
    """Pinned by the stream, or by the correlation id, of which each stream here has one."""
    client.create_subscription_to_all(  # type: ignore[call-overload]
        category, consumer_strategy=strategy, filter_include=[category]
    )
    got: list[set[str]] = [set(), set()]
    enough = threading.Semaphore(0)

    def consume(mine: set[str], subscription: PersistentSubscription) -> None:
        for event in subscription:
            mine.add(event.stream_name)
            subscription.ack(event)
            enough.release()

    readers = [client.read_subscription_to_all(category, **QUICKLY) for _ in got]  # type: ignore[arg-type]
    threads = [
        threading.Thread(target=consume, args=arguments)
        for arguments in zip(got, readers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for number in range(40):
        name = number % 10
        event = NewEvent(type=category, data=b"{}", metadata=b'{"$correlationId":"%d"}' % name)
        client.append_to_stream(f"{category}-{name}", current_version=StreamState.ANY, events=event)
    for _ in range(40):
        assert enough.acquire(timeout=10)
    for reader in readers:
        reader.stop()
    for thread in threads:
        thread.join()

    assert len(got[0] | got[1]) == 10
    assert not got[0] & got[1]
    assert all(got)
    client.delete_subscription(category)


def test_links_are_followed_and_acknowledged_by_their_own_ids(
    client: EventStoreDBClient, category: str
) -> None:
    target, links = f"{category}-1", f"{category}-links"
    append(client, target, 2)
    for revision in (1, 0):
        link = NewEvent(type="$>", data=b"%d@%s" % (revision, target.encode()))
        client.append_to_stream(links, current_version=StreamState.ANY, events=link)
    client.create_subscription_to_stream("bar", links, resolve_links=True)
    with read(client, links, event_buffer_size=1) as subscription:
        first = next(subscription)
        subscription.ack(first)
        second = next(subscription)

    assert [(event.stream_name, event.stream_position) for event in (first, second)] == [
        (target, 1),
        (target, 0),
    ]
    assert first.link is not None
    assert first.link.stream_name == links
    assert first.ack_id == first.link.id != first.id
    assert first.commit_position == first.link.commit_position


def test_nobody_consumes_from_a_group_that_does_not_exist(
    client: EventStoreDBClient, stream: str
) -> None:
    with pytest.raises(NotFound):
        read(client, stream)


def test_a_group_takes_only_so_many_consumers(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_stream("bar", stream, max_subscriber_count=1)
    with read(client, stream), pytest.raises(MaximumSubscriptionsReached):
        read(client, stream)
    with read(client, stream):
        pass
