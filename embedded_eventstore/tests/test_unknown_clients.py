"""A server with TLS and passwords: unknown clients learn the cluster members, and nothing else."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import grpc
import pytest

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    EventStoreDBClientException,
    NewEvent,
    NotFound,
    StreamState,
    shared_pb2,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess


def status(refused: pytest.ExceptionInfo[EventStoreDBClientException]) -> Any:
    error = given.call_behind(refused.value)
    return error.code(), given.trailers_of(error)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("application", "x" * 43),
        ("application", None),
        ("nobody", None),
        ("admin", "changeit"),
    ],
    ids=["wrong", "another's", "unknown name", "the original's default"],
)
def test_a_wrong_name_or_password_is_nobody(
    closed_server: ServerProcess, name: str, password: str | None
) -> None:
    start, _, rest = closed_server.uri_for("admin").partition("://admin:")
    of_admin, _, rest = rest.partition("@")
    with EventStoreDBClient(f"{start}://{name}:{password or of_admin}@{rest}") as client:
        for call in (
            lambda: client.append_event("s-1", current_version=StreamState.ANY, event=an_event()),
            lambda: client.get_stream("s-1"),
            lambda: client.read_gossip(),
            lambda: client.list_subscriptions(),
            lambda: client.delete_stream("s-1", current_version=StreamState.ANY),
        ):
            with pytest.raises(EventStoreDBClientException) as refused:
                call()
            assert status(refused)[0] is grpc.StatusCode.UNAUTHENTICATED
    with EventStoreDBClient(closed_server.uri) as client, pytest.raises(NotFound):
        client.get_stream("s-1")


def an_event() -> NewEvent:
    return given.an_event()


def anonymous(server: ServerProcess) -> grpc.Channel:
    """A connection without name and password, as other languages' clients open it."""
    authority = (server.data / "ca.crt").read_bytes()
    return grpc.secure_channel(f"localhost:{server.port}", grpc.ssl_channel_credentials(authority))


def test_without_a_name_one_may_ask_who_there_is_and_nothing_else(
    closed_server: ServerProcess,
) -> None:
    responses: dict[str, Any] = {}
    with anonymous(closed_server) as channel:
        for method in (
            "gossip.Gossip/Read",
            "server_features.ServerFeatures/GetSupportedMethods",
            "persistent_subscriptions.PersistentSubscriptions/List",
            "streams.Streams/Delete",
            "streams.Streams/Read",
        ):
            call = channel.unary_stream(f"/event_store.client.{method}", None, None)
            response = call(shared_pb2.Empty().SerializeToString(), timeout=5)
            with suppress(grpc.RpcError):
                list(response)
            responses[method.partition("/")[2]] = response.code()

    assert responses == {
        "Read": grpc.StatusCode.UNAUTHENTICATED,
        "GetSupportedMethods": grpc.StatusCode.OK,
        "List": grpc.StatusCode.UNAUTHENTICATED,
        "Delete": grpc.StatusCode.UNAUTHENTICATED,
    }


def test_unknown_clients_are_refused_before_they_have_sent_anything(
    closed_server: ServerProcess,
) -> None:
    say_something = threading.Event()

    def never() -> Iterator[bytes]:
        say_something.wait(30)
        yield b""

    with anonymous(closed_server) as channel:
        for method in ("Append", "BatchAppend", "Read", "Delete"):
            path = f"/event_store.client.streams.Streams/{method}"
            call = channel.stream_stream(path, None, None)(never(), timeout=10)
            with pytest.raises(grpc.RpcError):
                list(call)
            assert call.code() is grpc.StatusCode.UNAUTHENTICATED
        say_something.set()


def test_gossip_answers_everybody(closed_server: ServerProcess) -> None:
    with anonymous(closed_server) as channel:
        read = channel.unary_unary("/event_store.client.gossip.Gossip/Read", None, None)
        assert read(b"", timeout=5)


def test_who_does_not_trust_the_authority_does_not_connect(closed_server: ServerProcess) -> None:
    untrusting = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", closed_server.port), 5) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        untrusting.wrap_socket(plain, server_hostname="localhost")


def test_python_verifies_strictly(closed_server: ServerProcess) -> None:
    strict = ssl.create_default_context(cafile=str(closed_server.data / "ca.crt"))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    strict.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", closed_server.port), 5) as plain,
        strict.wrap_socket(plain, server_hostname="127.0.0.1") as connected,
    ):
        assert connected.selected_alpn_protocol() == "h2"
        assert connected.version() in ("TLSv1.2", "TLSv1.3")


def test_a_client_without_tls_is_not_answered(closed_server: ServerProcess) -> None:
    uri = f"esdb://127.0.0.1:{closed_server.port}?Tls=false"
    with EventStoreDBClient(uri) as client, pytest.raises(EventStoreDBClientException):
        client.get_stream("s-1", timeout=2)
