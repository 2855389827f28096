"""Soft deletion, tombstones and truncation. Runs against a real Eventstore as well."""

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    FailedPrecondition,
    NotFound,
    StreamIsDeleted,
    StreamState,
    WrongCurrentVersion,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.storage.operations import TOMBSTONE
from embedded_eventstore.tests import given

ANY, NO_STREAM, EXISTS = StreamState.ANY, StreamState.NO_STREAM, StreamState.EXISTS

pytestmark = pytest.mark.closed_too


@pytest.fixture
def three(client: EventStoreDBClient, stream: str) -> str:
    """A stream of three events."""
    client.append_to_stream(stream, current_version=NO_STREAM, events=given.events(3))
    return stream


def revisions(client: EventStoreDBClient, stream: str) -> list[int]:
    return [event.stream_position for event in client.get_stream(stream)]


def streams_in_all(client: EventStoreDBClient, stream: str) -> list[int]:
    everything = client.read_all(filter_include=[stream], filter_by_stream_name=True)
    return [event.stream_position for event in everything]


def test_a_deleted_stream_is_not_found_but_still_in_all(
    client: EventStoreDBClient, three: str
) -> None:
    client.delete_stream(three, current_version=2)

    with pytest.raises(NotFound):
        client.get_stream(three)
    with pytest.raises(NotFound):
        client.get_stream(three, backwards=True)
    assert streams_in_all(client, three) == [0, 1, 2]
    assert client.get_stream_metadata(three) == ({"$tb": TOMBSTONE}, 0)


@pytest.mark.parametrize("version", [NO_STREAM, ANY, 2])
def test_a_deleted_stream_that_is_written_to_goes_on_with_its_numbers(
    client: EventStoreDBClient, three: str, version: int | StreamState
) -> None:
    client.set_stream_metadata(three, metadata={"mine": 1})
    client.delete_stream(three, current_version=ANY)

    client.append_to_stream(three, current_version=version, events=given.events(2))

    # Deleting dropped the other keys; coming back keeps what the deletion left.
    assert revisions(client, three) == [3, 4]
    assert client.get_stream_metadata(three) == ({"$tb": 3}, 2)


def test_a_stream_deleted_by_hand_keeps_its_metadata_when_it_comes_back(
    client: EventStoreDBClient, three: str
) -> None:
    client.set_stream_metadata(three, metadata={"$tb": TOMBSTONE, "mine": 1})
    with pytest.raises(NotFound):
        client.get_stream(three)

    client.append_to_stream(three, current_version=NO_STREAM, events=given.an_event())

    assert revisions(client, three) == [3]
    assert client.get_stream_metadata(three) == ({"$tb": 3, "mine": 1}, 1)


def test_a_deleted_stream_refuses_a_wrong_version_and_does_not_exist(
    client: EventStoreDBClient, three: str
) -> None:
    client.delete_stream(three, current_version=ANY)

    with pytest.raises(WrongCurrentVersion, match="is 2 not 1"):
        client.append_to_stream(three, current_version=1, events=given.events(1))
    with pytest.raises(StreamIsDeleted):
        client.append_to_stream(three, current_version=EXISTS, events=given.events(1))
    with pytest.raises(FailedPrecondition, match="is deleted"):
        client.append_to_stream(three, current_version=EXISTS, events=given.an_event())


@pytest.mark.parametrize("version", [ANY, 2])
def test_a_deleted_stream_may_be_deleted_again(
    client: EventStoreDBClient, three: str, version: int | StreamState
) -> None:
    client.delete_stream(three, current_version=2)
    client.delete_stream(three, current_version=version)
    with pytest.raises(StreamIsDeleted):
        client.delete_stream(three, current_version=EXISTS)
    with pytest.raises(WrongCurrentVersion):
        client.delete_stream(three, current_version=1)


@pytest.mark.parametrize("version", [ANY, NO_STREAM, EXISTS])
def test_a_stream_that_never_was_cannot_be_deleted(
    client: EventStoreDBClient, stream: str, version: StreamState
) -> None:
    with pytest.raises(NotFound):
        client.delete_stream(stream, current_version=version)


def test_a_deletion_at_the_wrong_version_is_a_status_with_trailers(
    client: EventStoreDBClient, three: str
) -> None:
    with pytest.raises(WrongCurrentVersion):
        client.delete_stream(three, current_version=1)
    identifier = shared_pb2.StreamIdentifier(stream_name=three.encode())
    options = streams_pb2.DeleteReq.Options(stream_identifier=identifier, revision=7)
    with pytest.raises(grpc.RpcError) as refused:
        given.raw_stub(client).Delete(streams_pb2.DeleteReq(options=options), timeout=5)

    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    trailers = given.trailers_of(refused.value)
    assert trailers["exception"] == "wrong-expected-version"
    assert (trailers["expected-version"], trailers["actual-version"]) == ("7", "2")


def test_metadata_written_to_a_deleted_stream_brings_it_back(
    client: EventStoreDBClient, three: str
) -> None:
    client.delete_stream(three, current_version=ANY)

    client.set_stream_metadata(three, metadata={"mine": 1}, current_version=0)

    # The server adds an event of its own, so the version jumps by two.
    assert client.get_stream_metadata(three) == ({"mine": 1, "$tb": 3}, 2)
    assert client.get_stream(three) == ()


@pytest.mark.parametrize("version", [ANY, NO_STREAM])
def test_a_stream_that_never_was_can_be_tombstoned(
    client: EventStoreDBClient, stream: str, version: StreamState
) -> None:
    with pytest.raises(NotFound):
        client.tombstone_stream(stream, current_version=EXISTS)
    client.tombstone_stream(stream, current_version=version)
    with pytest.raises(StreamIsDeleted):
        client.get_stream(stream)


def test_a_tombstoned_stream_is_gone_for_ever(client: EventStoreDBClient, three: str) -> None:
    client.set_stream_metadata(three, metadata={"mine": 1})
    client.tombstone_stream(three, current_version=2)

    for version in (ANY, NO_STREAM, EXISTS, 2):
        with pytest.raises(StreamIsDeleted):
            client.append_to_stream(three, current_version=version, events=given.events(1))
        with pytest.raises(FailedPrecondition, match="is deleted"):
            client.append_to_stream(three, current_version=version, events=given.an_event())
        with pytest.raises(StreamIsDeleted):
            client.delete_stream(three, current_version=version)
        with pytest.raises(StreamIsDeleted):
            client.tombstone_stream(three, current_version=version)
    for backwards in (False, True):
        with pytest.raises(StreamIsDeleted):
            client.get_stream(three, backwards=backwards)
    assert streams_in_all(client, three) == [0, 1, 2, TOMBSTONE]


def test_metadata_of_a_tombstoned_stream_can_be_written_but_not_read(
    client: EventStoreDBClient, three: str
) -> None:
    client.delete_stream(three, current_version=ANY)
    client.tombstone_stream(three, current_version=ANY)

    client.set_stream_metadata(three, metadata={"mine": 1})

    with pytest.raises(StreamIsDeleted):
        client.get_stream_metadata(three)


def test_metadata_has_versions_and_only_its_last_one_is_read(
    client: EventStoreDBClient, stream: str
) -> None:
    assert client.get_stream_metadata(stream) == ({}, NO_STREAM)
    client.set_stream_metadata(stream, metadata={"a": 1}, current_version=NO_STREAM)
    client.set_stream_metadata(stream, metadata={"b": 2, "$acl": {}}, current_version=0)
    with pytest.raises(WrongCurrentVersion):
        client.set_stream_metadata(stream, metadata={}, current_version=0)

    assert client.get_stream_metadata(stream) == ({"b": 2, "$acl": {}}, 1)
    assert revisions(client, f"$${stream}") == [1]


def test_a_stream_with_only_metadata_exists_but_is_not_found(
    client: EventStoreDBClient, stream: str
) -> None:
    client.set_stream_metadata(stream, metadata={"$maxCount": 2})
    with pytest.raises(NotFound):
        client.get_stream(stream)
    client.append_to_stream(stream, current_version=EXISTS, events=given.events(5))

    assert revisions(client, stream) == [3, 4]


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ({"$tb": 1}, [1, 2]),
        ({"$maxCount": 1}, [2]),
        ({"$maxCount": 2, "$tb": 2}, [2]),
        ({"$tb": 3}, []),
        ({"$maxAge": 1000}, [0, 1, 2]),
        ({"$tb": "two"}, [0, 1, 2]),
    ],
    ids=str,
)
def test_truncated_events_are_hidden_from_the_stream_only(
    client: EventStoreDBClient, three: str, metadata: dict[str, object], kept: list[int]
) -> None:
    client.set_stream_metadata(three, metadata=metadata)

    assert revisions(client, three) == kept
    backwards = client.get_stream(three, backwards=True)
    assert [event.stream_position for event in backwards] == kept[::-1]
    assert streams_in_all(client, three) == [0, 1, 2]
