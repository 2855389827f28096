"""A server with TLS and passwords: what each may do who gets in."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest

from embedded_eventstore.client_library import (
    AccessDeniedError,
    AsyncEventStoreDBClient,
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    NotFound,
    StreamState,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess


@pytest.fixture
def admin(closed_server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(closed_server.uri_for("admin")) as client:
        yield client


@pytest.fixture
def application(closed_server: ServerProcess) -> Iterator[EventStoreDBClient]:
    with EventStoreDBClient(closed_server.uri) as client:
        yield client


def append(client: EventStoreDBClient, stream: str, type_name: str = "T") -> None:
    client.append_event(
        stream, current_version=StreamState.ANY, event=given.an_event(type_name), timeout=5
    )


def limit(admin: EventStoreDBClient, stream: str, **rights: object) -> None:
    lists = {f"${right}": roles for right, roles in rights.items()}
    admin.set_stream_metadata(stream, metadata={"$acl": lists}, current_version=StreamState.ANY)


def status(refused: pytest.ExceptionInfo[EventStoreDBClientException]) -> Any:
    error = given.call_behind(refused.value)
    return error.code(), given.trailers_of(error)


def assert_denied(refused: pytest.ExceptionInfo[EventStoreDBClientException]) -> None:
    code, trailers = status(refused)
    assert code is grpc.StatusCode.PERMISSION_DENIED
    assert trailers["exception"] == "access-denied"


@pytest.mark.parametrize(
    "stream", ["$mine", "$ce-order", "$et-T", "$settings", "$$$mine", "$$$all"]
)
def test_system_streams_are_written_by_administrators_only(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str
) -> None:
    with pytest.raises(EventStoreDBClientException) as refused:
        append(application, stream)
    assert_denied(refused)
    with pytest.raises(AccessDeniedError):
        application.append_events(stream, current_version=StreamState.ANY, events=given.events(2))
    append(admin, stream, "$test")
    deletes: list[Callable[..., Any]] = [application.delete_stream, application.tombstone_stream]
    for delete in deletes:
        with pytest.raises(EventStoreDBClientException) as refused:
            delete(stream, current_version=StreamState.ANY, timeout=5)
        assert_denied(refused)


def test_users_streams_are_deleted_by_administrators_only(
    admin: EventStoreDBClient, application: EventStoreDBClient, category: str
) -> None:
    stream = f"{category}-1"
    append(application, stream)

    ways_to_take_away: tuple[Callable[[], object], ...] = (
        lambda: application.delete_stream(stream, current_version=StreamState.ANY, timeout=5),
        lambda: application.tombstone_stream(stream, current_version=StreamState.ANY, timeout=5),
        lambda: application.set_stream_metadata(
            stream, metadata={"$maxCount": 1}, current_version=StreamState.ANY, timeout=5
        ),
    )
    for take_away in ways_to_take_away:
        with pytest.raises(EventStoreDBClientException) as refused:
            take_away()
        assert_denied(refused)
    assert len(application.get_stream(stream)) == 1
    admin.tombstone_stream(stream, current_version=StreamState.ANY)


def test_system_streams_are_read_by_administrators_only(
    admin: EventStoreDBClient, application: EventStoreDBClient
) -> None:
    append(admin, "$secret")

    assert len(admin.get_stream("$secret")) == 1
    for read in (
        lambda: application.get_stream("$secret"),
        lambda: application.get_stream_metadata("$secret"),
        lambda: next(application.subscribe_to_stream("$secret")),
    ):
        with pytest.raises(EventStoreDBClientException) as refused:
            read()
        assert_denied(refused)


def test_the_whole_log_and_what_finds_events_are_read_by_everybody(
    admin: EventStoreDBClient, application: EventStoreDBClient, category: str
) -> None:
    append(application, f"{category}-1")
    append(admin, f"$ce-{category}")

    assert f"{category}-1" in {event.stream_name for event in application.read_all()}
    assert len(application.get_stream(f"$ce-{category}")) == 1
    with application.subscribe_to_all() as subscription:
        assert next(subscription).commit_position is not None


def test_persistent_subscriptions_are_administered_by_administrators(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str
) -> None:
    admin.create_subscription_to_stream("bar", stream)
    changes: tuple[Callable[[], object], ...] = (
        lambda: application.create_subscription_to_stream("till", stream),
        lambda: application.update_subscription_to_stream("bar", stream, max_retry_count=1),
        lambda: application.replay_parked_events("bar", stream),
        lambda: application.delete_subscription("bar", stream),
    )
    for change in changes:
        with pytest.raises(EventStoreDBClientException) as refused:
            change()
        assert_denied(refused)
    assert len(application.list_subscriptions_to_stream(stream)) == 1


def test_operators_manage_persistent_subscriptions_and_read_no_system_stream(
    tmp_path: Path,
) -> None:
    data = given.accounts_with(tmp_path / "log", operator=["$ops"])
    with (
        ServerProcess(data, closed=True) as server,
        EventStoreDBClient(server.uri_for("operator")) as operator,
    ):
        operator.create_subscription_to_stream("bar", "order-1")
        operator.update_subscription_to_stream("bar", "order-1", max_retry_count=1)
        operator.replay_parked_events("bar", "order-1")
        assert operator.get_subscription_info("bar", "order-1").max_retry_count == 1
        operator.delete_subscription("bar", "order-1")
        assert operator.list_subscriptions_to_stream("order-1") == []
        for beyond in (
            lambda: operator.get_stream("$settings"),
            lambda: append(operator, "$mine"),
            lambda: operator.delete_stream("order-1", current_version=StreamState.ANY),
        ):
            with pytest.raises(EventStoreDBClientException) as refused:
                beyond()
            assert_denied(refused)


def test_lists_of_groups_are_for_every_account(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str
) -> None:
    admin.create_subscription_to_stream("bar", stream)
    limit(admin, stream, r="$admins")

    assert application.get_subscription_info("bar", stream).group_name == "bar"
    assert len(application.list_subscriptions_to_stream(stream)) == 1


def test_who_may_read_a_stream_may_consume_from_its_groups(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str
) -> None:
    admin.create_subscription_to_stream("bar", stream)
    append(application, stream)
    with application.read_subscription_to_stream("bar", stream) as subscription:
        subscription.ack(next(subscription))
    limit(admin, stream, r="$admins")
    with pytest.raises(EventStoreDBClientException) as refused:
        application.read_subscription_to_stream("bar", stream)
    assert_denied(refused)


def test_an_access_list_tells_reading_writing_and_deleting_apart(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str
) -> None:
    append(application, stream)
    limit(admin, stream, w="$admins", d=["$admins"], mw=["admin"])

    assert len(application.get_stream(stream)) == 1
    assert application.get_stream_metadata(stream)[0]["$acl"]["$w"] == "$admins"
    writes: tuple[Callable[[], object], ...] = (
        lambda: append(application, stream),
        lambda: application.delete_stream(stream, current_version=StreamState.ANY),
        lambda: application.tombstone_stream(stream, current_version=StreamState.ANY),
        lambda: limit(application, stream),
    )
    for write in writes:
        with pytest.raises(EventStoreDBClientException) as refused:
            write()
        assert_denied(refused)
    append(admin, stream)
    limit(admin, stream, r="$admins", w="application")
    append(application, stream)
    with pytest.raises(EventStoreDBClientException) as refused:
        application.get_stream(stream)
    assert_denied(refused)
    limit(admin, stream)
    assert len(application.get_stream(stream)) == 3


def test_a_batch_append_responses_for_each_append(
    admin: EventStoreDBClient, application: EventStoreDBClient, stream: str, category: str
) -> None:
    limit(admin, stream, w="$admins")
    for _ in range(2):
        with pytest.raises(AccessDeniedError):
            application.append_events(
                stream, current_version=StreamState.NO_STREAM, events=given.events(2)
            )
        application.append_events(
            f"{category}-2", current_version=StreamState.ANY, events=given.events(2)
        )
    with pytest.raises(NotFound):
        application.get_stream(stream)


def test_the_settings_change_what_streams_without_a_list_allow(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "log", closed=True) as server,
        EventStoreDBClient(server.uri) as application,
        EventStoreDBClient(server.uri_for("admin")) as admin,
    ):
        append(application, "order-1")
        settings = {"$userStreamAcl": {"$w": "$admins"}, "$systemStreamAcl": {"$r": "$all"}}
        admin.append_event(
            "$settings",
            current_version=StreamState.ANY,
            event=NewEvent(type="update-default-acl", data=json.dumps(settings).encode()),
        )
        with pytest.raises(EventStoreDBClientException) as refused:
            append(application, "order-1")
        assert_denied(refused)
        assert len(application.get_stream("order-1")) == 1
        assert len(application.get_stream("$settings")) == 1
        limit(admin, "order-1", w="application")
        append(application, "order-1")


async def test_the_asyncio_client_gets_the_same(closed_server: ServerProcess) -> None:
    client = AsyncEventStoreDBClient(closed_server.uri)
    await client.connect()
    with pytest.raises(AccessDeniedError):
        await client.append_events("$mine", current_version=StreamState.ANY, events=given.events(2))
    with pytest.raises(EventStoreDBClientException):
        await client.get_stream("$secret")
    await client.close()


def test_a_header_is_accepted_and_ignored_when_the_door_is_open(embedded_uri: str) -> None:
    header = "Basic " + base64.b64encode(b"whoever:whatever").decode()
    target = embedded_uri.removeprefix("esdb://").partition("?")[0]
    with closing(grpc.insecure_channel(target)) as channel:
        read = channel.unary_unary("/event_store.client.gossip.Gossip/Read", None, None)
        assert read(b"", timeout=5, metadata=(("authorization", header),))
    with EventStoreDBClient(embedded_uri) as client:
        append(client, "$mine", "$test")
        assert client.get_stream("$mine")
