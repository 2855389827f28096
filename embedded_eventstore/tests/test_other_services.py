"""Gossip, features, and what is not there."""

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    FollowerNotFound,
    ReadOnlyReplicaNotFound,
)


def test_gossip_names_one_leader(embedded_uri: str) -> None:
    target = embedded_uri.removeprefix("esdb://").partition("?")[0]
    with EventStoreDBClient(embedded_uri) as client:
        (member,) = client.read_gossip()

    assert member.state == "NODE_STATE_LEADER"
    assert f"{member.address}:{member.port}" == target


@pytest.mark.parametrize(
    ("preference", "missing"),
    [("follower", FollowerNotFound), ("readonlyreplica", ReadOnlyReplicaNotFound)],
)
def test_there_is_nobody_but_the_leader(
    embedded_uri: str, preference: str, missing: type[Exception]
) -> None:
    discover = embedded_uri.replace("esdb://", "esdb+discover://")
    options = "&MaxDiscoverAttempts=1&DiscoveryInterval=0"
    with pytest.raises(missing):
        EventStoreDBClient(f"{discover}&NodePreference={preference}{options}")


def test_a_client_that_discovers_stays_here(embedded_uri: str) -> None:
    with EventStoreDBClient(embedded_uri.replace("esdb://", "esdb+discover://")) as client:
        assert client.get_commit_position() >= 0


@pytest.mark.parametrize(
    "method",
    [
        "kurrentdb.protocol.v2.streams.StreamsService/AppendSession",
        "kurrentdb.protocol.streams.v2.StreamsService/MultiStreamAppendSession",
    ],
)
def test_an_append_to_several_streams_is_said_not_to_be_there(
    embedded_uri: str, method: str
) -> None:
    target = embedded_uri.removeprefix("esdb://").partition("?")[0]
    with grpc.insecure_channel(target) as channel:
        append = channel.stream_unary(f"/{method}", None, None)
        with pytest.raises(grpc.RpcError) as refused:
            append(iter([b""]), timeout=5)

    assert isinstance(refused.value, grpc.Call)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_features_list_the_methods_that_exist(embedded_uri: str) -> None:
    target = embedded_uri.removeprefix("esdb://").partition("?")[0]
    with grpc.insecure_channel(target) as channel:
        ask = channel.unary_unary(
            "/event_store.client.server_features.ServerFeatures/GetSupportedMethods",
            request_serializer=None,
            response_deserializer=None,
        )
        response = ask(b"", timeout=5)

    assert b"batchappend" in response
    assert b"event_store.client.streams.streams" in response
    assert response.endswith(b"\x12\x0724.10.0")
