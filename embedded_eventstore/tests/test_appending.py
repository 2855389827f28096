"""Appending, as a client sees it. Runs against a real Eventstore as well."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    ExceptionThrownByHandler,
    GrpcDeadlineExceeded,
    GrpcError,
    MaximumAppendSizeExceededError,
    NewEvent,
    StreamState,
    WrongCurrentVersion,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import MODULE, ServerProcess

MEBIBYTE = 1024 * 1024

pytestmark = pytest.mark.closed_too


def test_what_is_appended_can_be_read_back_unchanged(
    client: EventStoreDBClient, stream: str
) -> None:
    json_event = NewEvent(type="Ordered", data=b'{"n": 1}', metadata=b'{"m": 2}')
    binary = NewEvent(type="Scan", data=b"\x00\xff", content_type="application/octet-stream")

    position = client.append_to_stream(
        stream, current_version=StreamState.NO_STREAM, events=[json_event, binary]
    )

    first, second = client.get_stream(stream)
    assert (first.id, first.type, first.data, first.metadata) == (
        json_event.id,
        "Ordered",
        b'{"n": 1}',
        b'{"m": 2}',
    )
    assert first.content_type == "application/json"
    assert first.recorded_at is not None
    assert (second.content_type, second.data) == ("application/octet-stream", b"\x00\xff")
    assert (first.stream_position, second.stream_position) == (0, 1)
    assert first.commit_position is not None
    assert 0 < first.commit_position < position == second.commit_position


@pytest.mark.parametrize("in_batch", [False, True], ids=["append", "batch append"])
def test_a_wrong_expected_version_is_refused(
    client: EventStoreDBClient, stream: str, in_batch: bool
) -> None:
    def append(version: int | StreamState) -> int:
        event = given.an_event()
        return client.append_to_stream(
            stream, current_version=version, events=[event] if in_batch else event
        )

    for version in (0, StreamState.EXISTS):
        with pytest.raises(WrongCurrentVersion, match="does not exist"):
            append(version)
    append(StreamState.NO_STREAM)
    for version in (1, StreamState.NO_STREAM):
        with pytest.raises(WrongCurrentVersion, match="is 0 not"):
            append(version)
    append(0)
    append(StreamState.EXISTS)
    append(StreamState.ANY)
    assert client.get_current_version(stream) == 3


@pytest.mark.parametrize("version", [StreamState.NO_STREAM, StreamState.ANY])
def test_a_repeated_append_writes_nothing_and_answers_as_the_first_time(
    client: EventStoreDBClient, stream: str, version: StreamState
) -> None:
    repeated = given.events(2)
    first = client.append_to_stream(stream, current_version=version, events=repeated)
    client.append_to_stream(stream, current_version=1, events=given.an_event())

    again = client.append_to_stream(stream, current_version=version, events=repeated)

    assert again == first
    assert client.get_current_version(stream) == 2


def test_a_repeat_that_adds_something_is_refused(client: EventStoreDBClient, stream: str) -> None:
    repeated = given.events(2)
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=repeated)

    for version in (StreamState.NO_STREAM, StreamState.ANY):
        with pytest.raises(WrongCurrentVersion):
            client.append_to_stream(
                stream, current_version=version, events=[*repeated, given.an_event()]
            )


def test_the_same_event_id_may_be_used_in_another_stream(
    client: EventStoreDBClient, stream: str
) -> None:
    event = given.an_event()
    client.append_to_stream(stream, current_version=StreamState.ANY, events=event)
    client.append_to_stream(f"{stream}b", current_version=StreamState.ANY, events=event)

    assert client.get_stream(f"{stream}b")[0].id == event.id


def test_an_append_of_more_than_a_mebibyte_is_refused_whole(
    client: EventStoreDBClient, stream: str
) -> None:
    half = NewEvent(type="T", data=b"x" * (MEBIBYTE // 2))
    whole = NewEvent(type="T", data=b"x" * MEBIBYTE)
    with pytest.raises(MaximumAppendSizeExceededError, match="1048576"):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=[half, half])
    with pytest.raises(GrpcError, match="Maximum Append Size of 1048576 Exceeded"):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=whole)
    # The type counts twice.
    fits = NewEvent(type="T", data=b"x" * (MEBIBYTE - 2))
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=fits)


def test_an_append_may_hold_any_number_of_events_as_long_as_they_are_small(
    client: EventStoreDBClient, stream: str
) -> None:
    many = [NewEvent(type="T", data=b"") for _ in range(10_001)]
    client.append_to_stream(stream, current_version=StreamState.NO_STREAM, events=many)

    assert client.get_current_version(stream) == 10_000


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[EventStoreDBClient]:
    """Connected to a server with small limits."""
    limits = ("--max-append-size", "1000", "--max-append-event-size", "500")
    with (
        ServerProcess(tmp_path / "log", python=(*MODULE, *limits)) as server,
        EventStoreDBClient(server.uri) as connected,
    ):
        yield connected


def test_the_limits_on_appends_and_on_events_are_options(limited: EventStoreDBClient) -> None:
    def append(*sizes: int) -> None:
        batch = [NewEvent(type="T", data=b"x" * size) for size in sizes]
        limited.append_to_stream("s-1", current_version=StreamState.ANY, events=batch)

    append(498, 498)
    with pytest.raises(MaximumAppendSizeExceededError, match="1000"):
        append(400, 400, 400)
    large = given.append_message(data=b"x" * 499)
    with pytest.raises(grpc.RpcError) as refused:
        given.raw_append(limited, [given.append_options("s-1", any=shared_pb2.Empty()), large])

    event_id = large.proposed_message.id.string
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.details() == (
        f"Event with Id: {event_id}, Size: 501, exceeds Maximum Append Event Size of 500."
    )
    trailers = given.trailers_of(refused.value)
    assert trailers["exception"] == "maximum-append-event-size-exceeded"
    with pytest.raises(EventStoreDBClientException, match="MaximumAppendEventSizeExceeded"):
        append(499)


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ([], grpc.StatusCode.UNKNOWN),
        ([given.append_message()], grpc.StatusCode.UNKNOWN),
        ([given.append_options("s", any=shared_pb2.Empty())] * 2, grpc.StatusCode.UNKNOWN),
        ([given.append_options("s")], grpc.StatusCode.INVALID_ARGUMENT),
        ([given.append_options("", any=shared_pb2.Empty())], grpc.StatusCode.UNKNOWN),
    ],
    ids=["nothing", "no options", "options twice", "no expected version", "no stream"],
)
def test_an_append_that_makes_no_sense_is_refused(
    client: EventStoreDBClient, requests: list[streams_pb2.AppendReq], code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        given.raw_append(client, requests)
    assert refused.value.code() is code


def test_a_request_larger_than_grpc_allows_by_default_gets_a_real_response(
    client: EventStoreDBClient, stream: str
) -> None:
    large = [NewEvent(type="T", data=b"x" * 5 * MEBIBYTE)]
    with pytest.raises(MaximumAppendSizeExceededError):
        client.append_to_stream(stream, current_version=StreamState.ANY, events=large)


@pytest.mark.parametrize("in_batch", [False, True], ids=["append", "batch append"])
def test_an_append_that_arrives_too_late_is_not_stored(
    client: EventStoreDBClient, stream: str, in_batch: bool
) -> None:
    # Connected first: gRPC's client may hang for ever when it is closed while it shakes hands.
    client.get_commit_position()
    event = given.an_event()
    with pytest.raises(GrpcDeadlineExceeded):
        client.append_to_stream(
            stream,
            current_version=StreamState.ANY,
            events=[event] if in_batch else event,
            timeout=0,
        )
    assert client.get_current_version(stream) is StreamState.NO_STREAM


@pytest.mark.parametrize("name", ["", "$$"])
def test_a_stream_needs_a_name(client: EventStoreDBClient, name: str) -> None:
    with pytest.raises(ExceptionThrownByHandler):
        client.append_to_stream(name, current_version=StreamState.ANY, events=given.an_event())


def test_stream_names_may_be_anything_else(client: EventStoreDBClient, category: str) -> None:
    for name in (f"{category} café ☕", f"$${category}", f"{category}\x00end", category * 100):
        client.append_to_stream(name, current_version=StreamState.ANY, events=given.an_event())
        assert client.get_stream(name)[0].stream_name == name


@pytest.mark.parametrize("missing", ["type", "content-type"])
def test_an_event_without_a_required_property_is_refused(
    client: EventStoreDBClient, stream: str, missing: str
) -> None:
    metadata = {"type": "T", "content-type": "application/json"}
    del metadata[missing]
    requests = [
        given.append_options(stream, any=shared_pb2.Empty()),
        given.append_message(metadata=metadata),
    ]
    with pytest.raises(grpc.RpcError) as refused:
        given.raw_append(client, requests)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert f"'{missing}' is missing" in str(refused.value.details())
    trailers = given.trailers_of(refused.value)
    assert trailers["exception"] == "missing-required-metadata-property"


def test_an_empty_event_id_is_refused(client: EventStoreDBClient, stream: str) -> None:
    requests = [
        given.append_options(stream, any=shared_pb2.Empty()),
        given.append_message(event_id=uuid.UUID(int=0)),
    ]
    with pytest.raises(grpc.RpcError) as refused:
        given.raw_append(client, requests)
    assert refused.value.code() is grpc.StatusCode.UNKNOWN


def test_a_wrong_version_is_answered_in_the_old_words_too(
    client: EventStoreDBClient, stream: str
) -> None:
    client.append_to_stream(stream, current_version=StreamState.ANY, events=given.an_event())
    options = given.append_options(stream, no_stream=shared_pb2.Empty())

    wrong = given.raw_append(client, [options, given.append_message()]).wrong_expected_version

    assert wrong.WhichOneof("current_revision_option") == "current_revision"
    assert wrong.WhichOneof("expected_revision_option") == "expected_no_stream"
    assert wrong.current_revision == wrong.current_revision_20_6_0 == 0
    assert wrong.expected_revision_20_6_0 == 2**64 - 1


def test_an_append_of_nothing_only_checks_the_version(
    client: EventStoreDBClient, stream: str
) -> None:
    nothing = [given.append_options(stream, no_stream=shared_pb2.Empty())]

    success = given.raw_append(client, nothing).success

    assert success.WhichOneof("current_revision_option") == "no_stream"
    assert success.WhichOneof("position_option") == "no_position"
    at_seven = given.append_options(stream, revision=7)
    assert given.raw_append(client, [at_seven]).WhichOneof("result") == "wrong_expected_version"
