"""Reads that make no sense: each is refused with a status and a sentence, and nothing breaks."""

from collections.abc import Callable

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.tests import given

pytestmark = pytest.mark.closed_too

Options = streams_pb2.ReadReq.Options


def _without(field: str) -> streams_pb2.ReadReq.Options:
    options = given.read_options()
    options.ClearField(field)  # type: ignore[arg-type]
    return options


def _subscribing_backwards() -> streams_pb2.ReadReq.Options:
    return given.read_options(
        subscription=Options.SubscriptionOptions(), read_direction=Options.Backwards
    )


def _filtering(regex: str, multiplier: int = 1) -> streams_pb2.ReadReq.Options:
    expression = Options.FilterOptions.Expression(regex=regex)
    return given.read_options(
        filter=Options.FilterOptions(
            event_type=expression, max=32, checkpointIntervalMultiplier=multiplier
        )
    )


def _of_streams(prefix: str) -> streams_pb2.ReadReq.Options:
    return given.read_options(
        filter=Options.FilterOptions(
            stream_identifier=Options.FilterOptions.Expression(prefix=[prefix]),
            max=32,
            checkpointIntervalMultiplier=1,
        )
    )


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(_without("all"), id="nothing to read"),
        pytest.param(_without("count"), id="no count"),
        pytest.param(_without("no_filter"), id="no filter option"),
        pytest.param(_without("uuid_option"), id="no form of ids"),
        pytest.param(_subscribing_backwards(), id="subscription backwards"),
    ],
)
def test_a_read_that_makes_no_sense_is_refused(
    client: EventStoreDBClient, options: streams_pb2.ReadReq.Options
) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        list(given.raw_read(client, options))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.differs
def test_a_filter_that_cannot_be_used_is_refused_with_a_reason(client: EventStoreDBClient) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        list(given.raw_read(client, _filtering("(")))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "The filter cannot be used" in str(refused.value.details())


def test_a_stream_cannot_be_filtered(client: EventStoreDBClient, stream: str) -> None:
    options = _filtering("x")
    options.stream.stream_identifier.stream_name = stream.encode()
    options.stream.start.CopyFrom(shared_pb2.Empty())
    with pytest.raises(grpc.RpcError) as refused:
        list(given.raw_read(client, options))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.differs
@pytest.mark.parametrize("kind", ["stream", "filter", "subscription", "group"])
def test_indexes_that_are_not_there_are_refused(client: EventStoreDBClient, kind: str) -> None:
    index = "$idx-ce-order"
    looks: dict[str, Callable[[], object]] = {
        "stream": lambda: client.get_stream(index),
        "filter": lambda: list(given.raw_read(client, _of_streams(index))),
        "subscription": lambda: client.subscribe_to_stream(index),
        "group": lambda: client.create_subscription_to_stream("bar", index),
    }
    with pytest.raises((EventStoreDBClientException, grpc.RpcError)) as refused:
        looks[kind]()

    error = given.call_behind(refused.value)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "no secondary indexes" in error.details()
