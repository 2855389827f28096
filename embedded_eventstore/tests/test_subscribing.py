"""Catch-up subscriptions. Runs against a real Eventstore as well."""

import threading
from collections.abc import Iterator
from itertools import islice

import grpc
import pytest

from embedded_eventstore.client_library import (
    CaughtUp,
    Checkpoint,
    EventStoreDBClient,
    FailedPrecondition,
    RecordedEvent,
    StreamIsDeleted,
    StreamState,
    streams_pb2,
)
from embedded_eventstore.tests import given

Options = streams_pb2.ReadReq.Options
Subscription = Iterator[RecordedEvent]

pytestmark = pytest.mark.closed_too


def append(client: EventStoreDBClient, stream: str, count: int = 1, type_name: str = "T") -> int:
    return client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.events(count, type_name)
    )


def take(subscription: Subscription, count: int) -> list[int]:
    return [event.stream_position for event in islice(subscription, count)]


def until_caught_up(subscription: Subscription) -> list[RecordedEvent]:
    seen: list[RecordedEvent] = []
    for event in subscription:
        seen.append(event)
        if isinstance(event, CaughtUp):
            return seen
    raise AssertionError("the subscription ended")


def test_a_stream_is_followed_from_its_start_into_the_present(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 3)
    with client.subscribe_to_stream(stream, include_caught_up=True) as subscription:
        seen = until_caught_up(subscription)
        append(client, f"{stream}b", 2)
        append(client, stream, 2)
        live = take(subscription, 2)

    assert [event.stream_position for event in seen[:-1]] == [0, 1, 2]
    assert live == [3, 4]


def test_a_stream_is_followed_after_a_revision_or_from_its_end(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 3)
    with (
        client.subscribe_to_stream(stream, stream_position=1) as after_one,
        client.subscribe_to_stream(stream, from_end=True) as from_end,
    ):
        append(client, stream)
        assert take(after_one, 2) == [2, 3]
        assert take(from_end, 1) == [3]


@pytest.mark.parametrize("deleted", [False, True], ids=["missing", "soft-deleted"])
def test_a_stream_that_is_not_there_is_waited_for(
    client: EventStoreDBClient, stream: str, deleted: bool
) -> None:
    if deleted:
        append(client, stream)
        client.delete_stream(stream, current_version=StreamState.ANY)
    with client.subscribe_to_stream(stream) as subscription:
        append(client, stream)
        assert take(subscription, 1) == [1 if deleted else 0]


def test_a_tombstone_is_delivered_and_ends_the_subscription(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream)
    with client.subscribe_to_stream(stream, include_caught_up=True) as subscription:
        until_caught_up(subscription)
        client.tombstone_stream(stream, current_version=StreamState.ANY)
        assert next(subscription).type == "$streamDeleted"
        with pytest.raises(StreamIsDeleted):
            next(subscription)
    with pytest.raises((StreamIsDeleted, FailedPrecondition)):
        list(client.subscribe_to_stream(stream))


def test_everything_is_followed_after_a_position(client: EventStoreDBClient, stream: str) -> None:
    first = append(client, stream)
    append(client, stream)
    with client.subscribe_to_all(commit_position=first) as subscription:
        append(client, stream)
        assert take(subscription, 2) == [1, 2]


def test_everything_is_followed_from_the_end(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream)
    with client.subscribe_to_all(from_end=True) as subscription:
        append(client, stream)
        event = next(subscription)
    assert (event.stream_name, event.stream_position) == (stream, 1)


def test_a_filtered_subscription_sees_what_it_asked_for(
    client: EventStoreDBClient, category: str
) -> None:
    append(client, f"{category}-1")
    with client.subscribe_to_all(
        filter_include=[f"{category}-.*"], filter_by_stream_name=True
    ) as subscription:
        append(client, f"other{category}")
        append(client, f"{category}-2")
        streams = [event.stream_name for event in islice(subscription, 2)]
    assert streams == [f"{category}-1", f"{category}-2"]


def test_checkpoints_tell_how_far_a_filtered_subscription_has_looked(
    client: EventStoreDBClient, category: str
) -> None:
    start = client.get_commit_position()
    last = append(client, f"{category}-noise", 25)
    with client.subscribe_to_all(
        commit_position=start,
        filter_include=[f"{category}-wanted"],
        filter_by_stream_name=True,
        include_checkpoints=True,
        include_caught_up=True,
        window_size=10,
        checkpoint_interval_multiplier=1,
    ) as subscription:
        seen = until_caught_up(subscription)

    checkpoints = [event.commit_position or 0 for event in seen if isinstance(event, Checkpoint)]
    assert len(checkpoints) == 3
    assert checkpoints == sorted(set(checkpoints))
    assert checkpoints[-1] == last


def test_a_checkpoint_multiplier_of_zero_is_refused(client: EventStoreDBClient) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        list(
            given.raw_read(
                client,
                given.read_options(
                    subscription=Options.SubscriptionOptions(),
                    filter=Options.FilterOptions(
                        event_type=Options.FilterOptions.Expression(regex="x"), max=32
                    ),
                ),
            )
        )
    assert refused.value.code() is grpc.StatusCode.UNKNOWN
    assert "Exception was thrown by handler" in str(refused.value.details())


@pytest.mark.differs
def test_a_position_beyond_the_end_is_refused(client: EventStoreDBClient) -> None:
    beyond = Options.AllOptions(position=Options.Position(commit_position=10**15))
    options = given.read_options(all=beyond, subscription=Options.SubscriptionOptions())
    with pytest.raises(grpc.RpcError) as refused:
        list(given.raw_read(client, options))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_links_are_followed_live(client: EventStoreDBClient, category: str) -> None:
    append(client, f"{category}-target")
    with client.subscribe_to_stream(f"{category}-links", resolve_links=True) as subscription:
        link = given.an_event("$>", f"0@{category}-target".encode())
        client.append_to_stream(f"{category}-links", current_version=StreamState.ANY, events=link)
        event = next(subscription)
    assert (event.stream_name, event.ack_id) == (f"{category}-target", link.id)


def test_nothing_is_lost_or_doubled_where_the_past_meets_the_present(
    client: EventStoreDBClient, category: str
) -> None:
    """Subscribers that begin at any moment while others write see every event once, in order."""
    streams = [f"{category}-{number}" for number in range(4)]
    each, start = 150, client.get_commit_position()

    def write(stream: str) -> None:
        for _ in range(each):
            append(client, stream)

    seen: list[list[RecordedEvent]] = []

    def follow() -> None:
        with client.subscribe_to_all(
            commit_position=start, filter_include=[f"{category}-.*"], filter_by_stream_name=True
        ) as subscription:
            seen.append(list(islice(subscription, each * len(streams))))

    writers = [threading.Thread(target=write, args=(stream,)) for stream in streams]
    for writer in writers:
        writer.start()
    followers = [threading.Thread(target=follow) for _ in range(3)]
    for follower in followers:
        follower.start()
        append(client, f"x{category}", 5)
    with client.subscribe_to_stream(streams[0]) as subscription:
        one_stream = take(subscription, each)
    for thread in writers + followers:
        thread.join()

    log = [
        event.id
        for event in client.read_all(
            commit_position=start + 1,
            filter_include=[f"{category}-.*"],
            filter_by_stream_name=True,
        )
    ]
    assert len(log) == each * len(streams)
    assert [[event.id for event in follower] for follower in seen] == [log, log, log]
    assert one_stream == list(range(each))


def test_a_stopped_subscription_ends_quietly(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream)
    subscription = client.subscribe_to_stream(stream)
    assert take(subscription, 1) == [0]
    subscription.stop()
    assert list(subscription) == []


def test_a_hundred_subscriptions_leave_the_server_answering(
    client: EventStoreDBClient, stream: str
) -> None:
    subscriptions = [client.subscribe_to_stream(stream) for _ in range(100)]
    append(client, stream)
    assert [take(subscription, 1) for subscription in subscriptions] == [[0]] * 100
    for subscription in subscriptions:
        subscription.stop()
