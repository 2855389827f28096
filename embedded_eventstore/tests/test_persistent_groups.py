"""Creating, changing, listing and deleting groups. Runs against a real Eventstore as well."""

import time
from collections.abc import Callable

import grpc
import pytest

from embedded_eventstore.client_library import (
    AlreadyExists,
    EventStoreDBClient,
    GrpcError,
    InternalError,
    NotFound,
    PersistentSubscription,
    StreamState,
    persistent_pb2,
    shared_pb2,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.test_persistent_consuming import ack, append, read, seen, take

_pb = persistent_pb2


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for what happens behind a call that has returned already."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_the_default_settings_come_back(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream)
    client.create_subscription_to_stream("bar", stream)
    eventually(lambda: client.get_subscription_info("bar", stream).status == "Live")
    info = client.get_subscription_info("bar", stream)

    assert (info.event_source, info.group_name, info.start_from) == (stream, "bar", "0")
    assert (info.message_timeout, info.max_retry_count, info.checkpoint_after) == (30.0, 10, 2.0)
    assert (info.min_checkpoint_count, info.max_checkpoint_count) == (10, 1000)
    assert (info.live_buffer_size, info.read_batch_size, info.history_buffer_size) == (
        *(500, 200),
        500,
    )
    assert (info.consumer_strategy, info.max_subscriber_count) == ("DispatchToSingle", 5)
    assert (info.resolve_links, info.extra_statistics) == (False, False)
    assert (info.last_known_event_position, info.last_checkpointed_event_position) == ("0", "")
    assert info.parked_message_count == 0


@pytest.mark.parametrize(
    ("start", "text"),
    [({}, "C:0/P:0"), ({"from_end": True}, "C:-1/P:-1"), ({"commit_position": 1}, "C:1/P:1")],
)
def test_the_start_of_a_group_on_all_is_said_in_positions(
    client: EventStoreDBClient, category: str, start: dict[str, int], text: str
) -> None:
    client.create_subscription_to_all(category, filter_include=[category], **start)  # type: ignore[call-overload]
    try:
        info = client.get_subscription_info(category)
        assert (info.event_source, info.start_from) == ("$all", text)
    finally:
        client.delete_subscription(category)


def test_groups_are_listed_by_stream_and_all_together(
    client: EventStoreDBClient, stream: str
) -> None:
    assert client.list_subscriptions_to_stream(stream) == []
    client.create_subscription_to_stream("bar", stream)
    client.create_subscription_to_stream("till", stream, from_end=True)

    names = [info.group_name for info in client.list_subscriptions_to_stream(stream)]
    assert sorted(names) == ["bar", "till"]
    mine = [info for info in client.list_subscriptions() if info.event_source == stream]
    assert len(mine) == 2


def test_a_group_exists_once(client: EventStoreDBClient, stream: str) -> None:
    client.create_subscription_to_stream("bar", stream)
    with pytest.raises(AlreadyExists, match=f"Subscription group bar on stream {stream} exists"):
        client.create_subscription_to_stream("bar", stream)


@pytest.mark.parametrize(
    "call",
    [
        EventStoreDBClient.get_subscription_info,
        EventStoreDBClient.delete_subscription,
        EventStoreDBClient.replay_parked_events,
        EventStoreDBClient.update_subscription_to_stream,
    ],
)
def test_what_does_not_exist_is_not_found(
    client: EventStoreDBClient, stream: str, call: Callable[[EventStoreDBClient, str, str], None]
) -> None:
    with pytest.raises(NotFound):
        call(client, "bar", stream)


def refusal_of(call: Callable[[], object]) -> tuple[grpc.StatusCode, str, dict[str, str]]:
    with pytest.raises(grpc.RpcError) as refused:
        call()
    error = refused.value
    assert isinstance(error, grpc.Call)
    return error.code(), error.details(), given.trailers_of(error)


def test_refusals_carry_what_other_clients_look_for(
    client: EventStoreDBClient, stream: str
) -> None:
    stub = client.persistent_subscriptions._stub
    options = _pb.DeleteReq.Options(
        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
        group_name="bar",
    )
    code, details, trailers = refusal_of(lambda: stub.Delete(_pb.DeleteReq(options=options)))

    assert code is grpc.StatusCode.NOT_FOUND
    assert details == f"Subscription group bar on stream {stream} does not exist."
    assert trailers["exception"] == "persistent-subscription-does-not-exist"
    assert (trailers["stream-name"], trailers["group-name"]) == (stream, "bar")


def test_names_may_be_in_any_language(client: EventStoreDBClient, stream: str) -> None:
    name = f"{stream}-café 咖啡"
    append(client, name)
    with pytest.raises(NotFound):
        client.get_subscription_info("bär", name)
    client.create_subscription_to_stream("bär", name)
    with pytest.raises(AlreadyExists):
        client.create_subscription_to_stream("bär", name)
    with client.read_subscription_to_stream("bär", name) as subscription:
        assert subscription.subscription_id == f"{name}::bär"
        assert next(subscription).stream_name == name


def create_request(stream: str, **settings: object) -> persistent_pb2.CreateReq:
    chosen = {"read_batch_size": 20, "history_buffer_size": 500} | settings
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    return _pb.CreateReq(
        options=_pb.CreateReq.Options(
            stream=_pb.CreateReq.StreamOptions(
                stream_identifier=identifier, start=shared_pb2.Empty()
            ),
            group_name="bar",
            settings=_pb.CreateReq.Settings(**chosen),  # type: ignore[arg-type]
        )
    )


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"read_batch_size": 500}, "ReadBatchSize may not be greater than or equal to BufferSize"),
        ({"consumer_strategy": "Nearest"}, "Consumer strategy Nearest does not exist."),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    client: EventStoreDBClient, stream: str, settings: dict[str, object], reason: str
) -> None:
    stub = client.persistent_subscriptions._stub
    request = create_request(stream, **settings)
    code, details, trailers = refusal_of(lambda: stub.Create(request))

    assert code is grpc.StatusCode.INTERNAL
    assert details.startswith(f"Subscription group bar on stream {stream} failed: '")
    assert reason in details
    assert trailers["exception"] == "persistent-subscription-failed"
    assert client.list_subscriptions_to_stream(stream) == []


def test_a_start_beyond_the_end_of_all_is_refused(
    client: EventStoreDBClient, category: str
) -> None:
    beyond = client.get_commit_position() + 1_000_000_000
    with pytest.raises(InternalError, match="Invalid Start From position"):
        client.create_subscription_to_all(category, commit_position=beyond)


def test_a_filter_that_cannot_be_used_is_refused(client: EventStoreDBClient, category: str) -> None:
    with pytest.raises(GrpcError):
        client.create_subscription_to_all(category, filter_include=["("])


def test_old_clients_name_the_stream_and_the_revision_elsewhere(
    client: EventStoreDBClient, stream: str
) -> None:
    request = create_request(stream, revision=2, message_timeout_ticks=70_000_000)
    request.options.ClearField("stream")
    request.options.stream_identifier.stream_name = stream.encode()
    client.persistent_subscriptions._stub.Create(request)

    info = client.get_subscription_info("bar", stream)
    assert (info.start_from, info.message_timeout) == ("2", 7.0)


def test_an_update_changes_the_settings_and_drops_the_consumers(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 2)
    client.create_subscription_to_stream("bar", stream, max_checkpoint_count=1)
    subscription = read(client, stream)
    ack(subscription, take(subscription, 2)[:1])
    eventually(
        lambda: client.get_subscription_info("bar", stream).last_checkpointed_event_position == "0"
    )
    client.update_subscription_to_stream(
        "bar", stream, max_retry_count=7, consumer_strategy="Pinned"
    )

    with pytest.raises(GrpcError, match=f"Subscription group bar on stream {stream} was dropped"):
        next(subscription)
    info = client.get_subscription_info("bar", stream)
    assert (info.max_retry_count, info.consumer_strategy) == (7, "Pinned")
    with read(client, stream) as again:
        assert seen(take(again, 1)) == [(1, 0)]


def test_an_updated_group_on_all_keeps_its_filter(
    client: EventStoreDBClient, category: str
) -> None:
    client.create_subscription_to_all(category, filter_include=[category], from_end=True)
    append(client, f"{category}-1", 1, category)
    client.update_subscription_to_all(category, max_retry_count=7)
    append(client, f"{category}-1", 1, "Other")
    append(client, f"{category}-1", 1, category)
    with client.read_subscription_to_all(category) as subscription:
        last = take(subscription, 1)[-1]

    assert last.type == category
    client.delete_subscription(category)


def test_a_deleted_group_drops_its_consumers_and_begins_anew(
    client: EventStoreDBClient, stream: str
) -> None:
    append(client, stream, 2)
    client.create_subscription_to_stream("bar", stream, max_checkpoint_count=1)
    subscription = read(client, stream)
    first, second = take(subscription, 2)
    ack(subscription, [first])
    subscription.nack(second, "park")
    eventually(lambda: client.get_subscription_info("bar", stream).parked_message_count == 1)
    client.delete_subscription("bar", stream)

    with pytest.raises(GrpcError, match=f"Subscription group bar on stream {stream} was dropped"):
        next(subscription)
    for kept in ("checkpoint", "parked"):
        with pytest.raises(NotFound):
            client.get_stream(f"$persistentsubscription-{stream}::bar-{kept}")
    client.create_subscription_to_stream("bar", stream)
    info = client.get_subscription_info("bar", stream)
    assert (info.parked_message_count, info.last_checkpointed_event_position) == (0, "")
    with read(client, stream) as again:
        assert isinstance(again, PersistentSubscription)
        assert seen(take(again, 2)) == [(0, 0), (1, 0)]


def test_groups_do_not_disturb_the_commit_position(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream)
    before = client.get_commit_position()
    client.create_subscription_to_stream("bar", stream)
    assert client.get_commit_position() == before


def test_the_subsystem_can_be_restarted(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream, 1)
    client.create_subscription_to_stream("bar", stream)
    client.persistent_subscriptions._stub.RestartSubsystem(shared_pb2.Empty(), timeout=10)

    def is_back() -> bool:
        return bool(client.list_subscriptions_to_stream(stream))

    eventually(is_back)
    with read(client, stream) as subscription:
        assert seen(take(subscription, 1)) == [(0, 0)]
    client.append_to_stream(stream, current_version=StreamState.ANY, events=given.an_event())
