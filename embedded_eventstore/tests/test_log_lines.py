"""What the server writes about itself: nothing of clients that hang up."""

import importlib
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

from embedded_eventstore.access.accounts import OpenToAll
from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.protocol import calls, errors
from embedded_eventstore.tests.server_process import ServerProcess

cygrpc = importlib.import_module(calls.GRPCS_LOGGER)

LARGEST_RESPONSE = 1000
"""Bytes: gRPC ends a call over anything larger, as over a line that is cut."""


def written(caplog: pytest.LogCaptureFixture, error: Exception) -> list[str]:
    logger = logging.getLogger(calls.GRPCS_LOGGER)
    logger.addFilter(calls.is_worth_a_line)
    try:
        logger.error("raised in core", exc_info=error)
    finally:
        logger.removeFilter(calls.is_worth_a_line)
    return [record.message for record in caplog.records]


def test_a_client_that_hangs_up_is_not_worth_a_line(caplog: pytest.LogCaptureFixture) -> None:
    line_broke = cygrpc.ExecuteBatchError('Failed "execute_batch": (SendStatusFromServer,)')
    assert written(caplog, line_broke) == []


def test_any_other_failure_of_grpc_is(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, cygrpc.InternalError("broken")) == ["raised in core"]


def test_a_status_that_grpc_cannot_even_begin_to_send_is(caplog: pytest.LogCaptureFixture) -> None:
    refused = cygrpc.ExecuteBatchError(
        "Failed grpc_call_start_batch: 10 with grpc_call_error value:"
        " 'GRPC_CALL_ERROR_INVALID_METADATA'"
    )
    assert written(caplog, refused) == ["raised in core"]


@pytest.fixture
async def failing_read() -> AsyncIterator[Any]:
    """A method whose response cannot be sent, on a real server."""

    async def read(request: bytes, context: errors.Context) -> None:
        await context.write(b"x" * LARGEST_RESPONSE * 2)

    handler = calls.Calls(OpenToAll()).handling(read, RequiredRole.ANYBODY, bytes)
    server = grpc.aio.server(options=(("grpc.max_send_message_length", LARGEST_RESPONSE),))
    server.add_generic_rpc_handlers(
        [
            grpc.method_handlers_generic_handler(
                "s", {"Read": grpc.unary_stream_rpc_method_handler(handler)}
            )
        ]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel.unary_stream("/s/Read", None, None)
    await server.stop(0)


async def test_after_a_response_that_failed_no_status_is_sent_in_vain(
    failing_read: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await failing_read(b"", timeout=10).read()

    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert [record.message for record in caplog.records] == []


@pytest.mark.parametrize("busy", [True, False])
def test_a_server_that_stops_with_open_batch_appends_says_nothing_of_them(
    tmp_path: Path, busy: bool
) -> None:
    stopped = False

    def appends(stream: str) -> Iterator[streams_pb2.BatchAppendReq]:
        yield an_append(stream)
        while not stopped:
            time.sleep(0.002)
            if busy:
                yield an_append(stream)

    with ServerProcess(tmp_path / "log") as server, ExitStack() as stack:
        open_calls = []
        for number in range(6):
            channel = grpc.insecure_channel(f"127.0.0.1:{server.port}", (_OWN_CONNECTION,))
            stack.enter_context(channel)
            open_calls.append(_batch_append(channel)(appends(f"s-{number}")))
        for call in open_calls:
            assert next(call).WhichOneof("result") == "success"
        assert server.stop() == 0
        stopped = True
        codes = {_code_at_the_end(call) for call in open_calls}
        assert server.process.stderr is not None
        said = server.process.stderr.read()

    assert codes == {grpc.StatusCode.UNAVAILABLE}
    assert len(said.splitlines()) == 1, said
    assert "--insecure" in said


_OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)


def _batch_append(channel: grpc.Channel) -> Any:
    return channel.stream_stream(
        "/event_store.client.streams.Streams/BatchAppend",
        streams_pb2.BatchAppendReq.SerializeToString,
        streams_pb2.BatchAppendResp.FromString,
    )


def an_append(stream: str) -> streams_pb2.BatchAppendReq:
    event_id = shared_pb2.UUID(string=str(uuid4()))
    request = streams_pb2.BatchAppendReq(correlation_id=event_id, is_final=True)
    request.options.stream_identifier.stream_name = stream.encode()
    request.options.any.SetInParent()
    request.proposed_messages.add(
        id=event_id, metadata={"type": "T", "content-type": "application/json"}, data=b"{}"
    )
    return request


def _code_at_the_end(call: Any) -> grpc.StatusCode:
    try:
        for _ in call:
            pass
    except grpc.RpcError:
        pass
    code: grpc.StatusCode = call.code()
    return code
