"""BatchAppend as other clients use it: one call kept open for many appends."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from google.protobuf import duration_pb2, empty_pb2

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    StreamState,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess

Request = streams_pb2.BatchAppendReq
Response = streams_pb2.BatchAppendResp

pytestmark = pytest.mark.closed_too


class BatchCall:
    """A BatchAppend call that stays open."""

    def __init__(self, client: EventStoreDBClient) -> None:
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._responses: Iterator[Response] = given.raw_stub(client).BatchAppend(
            iter(self._requests.get, None), timeout=20
        )

    def send(self, request: Request) -> None:
        self._requests.put(request)

    def half_close(self) -> None:
        self._requests.put(None)

    def response(self) -> Response:
        return next(self._responses)

    def rest(self) -> list[Response]:
        return list(self._responses)


@pytest.fixture
def call(client: EventStoreDBClient) -> Iterator[BatchCall]:
    opened = BatchCall(client)
    yield opened
    opened.half_close()


def a_message(data: bytes = b"{}") -> streams_pb2.BatchAppendReq.ProposedMessage:
    return Request.ProposedMessage(
        id=shared_pb2.UUID(string=str(uuid4())),
        metadata={"type": "T", "content-type": "application/json"},
        data=data,
    )


def a_request(
    stream: str | None,
    correlation: str,
    *messages: streams_pb2.BatchAppendReq.ProposedMessage,
    is_final: bool = True,
    seconds: int = 10,
) -> Request:
    request = Request(
        correlation_id=shared_pb2.UUID(string=correlation),
        proposed_messages=messages,
        is_final=is_final,
    )
    if stream is not None:
        request.options.stream_identifier.stream_name = stream.encode()
        request.options.no_stream.CopyFrom(empty_pb2.Empty())
        request.options.deadline.CopyFrom(duration_pb2.Duration(seconds=seconds))
    return request


def test_each_append_is_answered_without_waiting_for_the_end_of_the_call(
    call: BatchCall, category: str
) -> None:
    for number in range(3):
        correlation = str(uuid4())
        call.send(a_request(f"{category}-{number}", correlation, a_message()))

        response = call.response()

        assert response.correlation_id.string == correlation
        assert response.stream_identifier.stream_name.decode() == f"{category}-{number}"
        assert response.success.current_revision == 0


def test_one_append_may_come_in_pieces_between_those_of_another(
    client: EventStoreDBClient, call: BatchCall, category: str
) -> None:
    one, other = str(uuid4()), str(uuid4())
    call.send(a_request(f"{category}-1", one, a_message(), is_final=False))
    call.send(a_request(f"{category}-2", other, a_message(), is_final=False))
    call.send(a_request(None, one, a_message(), is_final=False))
    call.send(a_request(None, other, is_final=True))
    assert call.response().correlation_id.string == other
    call.send(a_request(None, one, a_message(), is_final=True))

    response = call.response()

    assert (response.correlation_id.string, response.success.current_revision) == (one, 2)
    assert len(client.get_stream(f"{category}-1")) == 3


def test_a_structured_correlation_id_comes_back_as_it_was_sent(
    call: BatchCall, stream: str
) -> None:
    structured = shared_pb2.UUID.Structured(most_significant_bits=-5, least_significant_bits=9)
    request = a_request(stream, "", a_message())
    request.correlation_id.structured.CopyFrom(structured)
    call.send(request)

    assert call.response().correlation_id.structured == structured


def test_a_refused_append_leaves_the_call_open(call: BatchCall, stream: str) -> None:
    call.send(a_request(stream, str(uuid4()), a_message()))
    call.response()
    call.send(a_request(stream, str(uuid4()), a_message()))

    error = call.response().error

    assert (error.code, error.message) == (6, "WrongExpectedVersion")
    wrong = shared_pb2.WrongExpectedVersion()
    assert error.details.Unpack(wrong)
    assert wrong.current_stream_revision == 0
    assert wrong.WhichOneof("expected_stream_position_option") == "expected_no_stream"
    call.send(a_request(f"{stream}b", str(uuid4()), a_message()))
    assert call.response().WhichOneof("result") == "success"


def test_an_append_that_grows_too_large_is_answered_at_once(
    client: EventStoreDBClient, call: BatchCall, stream: str
) -> None:
    correlation = str(uuid4())
    half = a_message(b"x" * 600 * 1024)
    call.send(a_request(stream, correlation, half, is_final=False))
    call.send(a_request(None, correlation, half, is_final=False))

    error = call.response().error

    assert error.message == "MaximumAppendSizeExceeded"
    # The rest of it is passed over in silence.
    call.send(a_request(None, correlation, a_message(), is_final=True))
    call.send(a_request(f"{stream}b", str(uuid4()), a_message()))
    assert call.response().WhichOneof("result") == "success"
    assert client.get_current_version(stream) is StreamState.NO_STREAM


def test_an_append_without_a_stream_or_in_the_past_is_refused(call: BatchCall, stream: str) -> None:
    call.send(a_request("", str(uuid4()), a_message()))
    assert call.response().error.message == "BadRequest"
    call.send(a_request(stream, str(uuid4()), a_message(), seconds=0))
    assert call.response().error.message == "Timeout"


def test_an_append_that_is_never_finished_is_answered_in_time(
    client: EventStoreDBClient, call: BatchCall, stream: str
) -> None:
    correlation = str(uuid4())
    call.send(a_request(stream, correlation, a_message(), is_final=False, seconds=1))

    response = call.response()

    assert (response.correlation_id.string, response.error.message) == (correlation, "Timeout")
    call.send(a_request(None, correlation, a_message(), is_final=True))
    call.send(a_request(f"{stream}b", str(uuid4()), a_message()))
    assert call.response().WhichOneof("result") == "success"
    assert client.get_current_version(stream) is StreamState.NO_STREAM


def test_after_half_close_every_append_is_still_answered(call: BatchCall, category: str) -> None:
    correlations = {str(uuid4()) for _ in range(300)}
    for number, correlation in enumerate(correlations):
        call.send(a_request(f"{category}-{number}", correlation, a_message()))
    call.half_close()

    responses = call.rest()

    assert {response.correlation_id.string for response in responses} == correlations
    assert all(response.WhichOneof("result") == "success" for response in responses)


@pytest.mark.differs
def test_a_client_that_reads_no_responses_is_not_read_any_further(
    client: EventStoreDBClient, category: str
) -> None:
    asked = 0

    def requests() -> Iterator[Request]:
        nonlocal asked
        for asked in range(1, 3001):
            # The responses repeat the name, and fill what gRPC buffers.
            yield a_request(f"{category}-{asked}" + "x" * 5000, str(uuid4()), a_message())

    responses = given.raw_stub(client).BatchAppend(requests(), timeout=60)
    next(responses)
    before = -1
    while before < asked:
        before = asked
        time.sleep(0.5)

    written = list(client.read_all(filter_include=[f"{category}-.*"], filter_by_stream_name=True))
    assert len(written) < 2500
    assert 1 + len(list(responses)) == 3000


def test_a_tombstoned_stream_is_a_response_here(
    client: EventStoreDBClient, call: BatchCall, stream: str
) -> None:
    client.tombstone_stream(stream, current_version=StreamState.ANY)
    call.send(a_request(stream, str(uuid4()), a_message()))

    error = call.response().error

    assert (error.code, error.message) == (5, "StreamDeleted")


def test_a_call_that_stays_open_does_not_hold_up_the_end_of_the_server(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "log") as server, EventStoreDBClient(server.uri) as client:
        call = BatchCall(client)
        call.send(a_request("s-1", str(uuid4()), a_message()))
        assert call.response().HasField("success")

        assert server.stop() == 0
        with pytest.raises(grpc.RpcError, match="it is stopping"):
            call.response()
        assert server.process.stderr is not None
        assert "still in progress" not in server.process.stderr.read()
