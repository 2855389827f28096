"""Consuming as the wire allows and the client library does not."""

import threading
from collections.abc import Iterator

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    StreamState,
    persistent_pb2,
    shared_pb2,
)
from embedded_eventstore.tests import given


def append(client: EventStoreDBClient, stream: str, count: int = 1, type_name: str = "T") -> None:
    client.append_to_stream(
        stream, current_version=StreamState.ANY, events=given.events(count, type_name)
    )


def raw_read(
    client: EventStoreDBClient, requests: Iterator[persistent_pb2.ReadReq]
) -> Iterator[persistent_pb2.ReadResp]:
    responses: Iterator[persistent_pb2.ReadResp]
    responses = client.persistent_subscriptions._stub.Read(requests, timeout=20)
    return responses


def test_ids_in_two_halves_work_both_ways(client: EventStoreDBClient, stream: str) -> None:
    append(client, stream, 2)
    client.create_subscription_to_stream("bar", stream)
    acknowledge: list[persistent_pb2.ReadReq] = []
    ready = threading.Semaphore(0)

    def requests() -> Iterator[persistent_pb2.ReadReq]:
        empty = shared_pb2.Empty()
        yield persistent_pb2.ReadReq(
            options=persistent_pb2.ReadReq.Options(
                stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream.encode()),
                group_name="bar",
                buffer_size=1,
                uuid_option=persistent_pb2.ReadReq.Options.UUIDOption(structured=empty),
            )
        )
        ready.acquire()
        yield acknowledge[0]
        ready.acquire()

    responses = raw_read(client, requests())
    assert next(responses).subscription_confirmation.subscription_id == f"{stream}::bar"
    first = next(responses).event
    assert first.WhichOneof("count") == "retry_count"
    assert first.event.id.WhichOneof("value") == "structured"
    acknowledge.append(persistent_pb2.ReadReq(ack=persistent_pb2.ReadReq.Ack(ids=[first.event.id])))
    ready.release()
    assert next(responses).event.event.stream_revision == 1
    ready.release()
    # The consumer has no more to say: the call ends, and the group is free of it.
    assert list(responses) == []


def test_a_call_that_does_not_begin_with_options_is_refused(
    client: EventStoreDBClient,
) -> None:
    request = persistent_pb2.ReadReq(ack=persistent_pb2.ReadReq.Ack())
    with pytest.raises(grpc.RpcError) as refused:
        next(raw_read(client, iter([request])))

    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.UNKNOWN
