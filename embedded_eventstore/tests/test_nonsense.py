"""Whatever bytes arrive, the server answers with a status, stays up, and keeps its memory."""

import random
import socket
import time
from collections.abc import Iterator, MutableSequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from embedded_eventstore.client_library import (
    EventStoreDBClient,
    StreamState,
    persistent_pb2,
    shared_pb2,
    streams_pb2,
)
from embedded_eventstore.tests import given
from embedded_eventstore.tests.server_process import ServerProcess
from embedded_eventstore.tests.test_connections import resident_bytes

SEED = 20_260_101
ROUNDS = 200
STREAMS = "/event_store.client.streams.Streams/"
REQUESTS: dict[str, type[Message]] = {
    "Append": streams_pb2.AppendReq,
    "BatchAppend": streams_pb2.BatchAppendReq,
    "Read": streams_pb2.ReadReq,
    "Delete": streams_pb2.DeleteReq,
    "Tombstone": streams_pb2.TombstoneReq,
}
OTHERS: dict[str, type[Message]] = {
    "/event_store.client.gossip.Gossip/Read": shared_pb2.Empty,
    "/event_store.client.server_features.ServerFeatures/GetSupportedMethods": shared_pb2.Empty,
    "/event_store.client.persistent_subscriptions.PersistentSubscriptions/List": (
        persistent_pb2.ListReq
    ),
    "/event_store.client.persistent_subscriptions.PersistentSubscriptions/Create": (
        persistent_pb2.CreateReq
    ),
    "/event_store.client.persistent_subscriptions.PersistentSubscriptions/Read": (
        persistent_pb2.ReadReq
    ),
    "/nothing.at.All/Nope": shared_pb2.Empty,
}
ALL = {STREAMS + name: request for name, request in REQUESTS.items()} | OTHERS
NUMBERS = (0, 1, 2, 7, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1, -1, -(2**63))
TEXTS = ("", "x", "$$", "$all", "$ce-x", "\x00", "☕" * 30, "(", "(a+)+$", "a{9999}", "x" * 5000)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """Must be as well afterwards as it was before, and have nothing to complain about."""
    with ServerProcess(tmp_path / "log") as running:
        with EventStoreDBClient(running.uri) as client:
            client.append_to_stream("s-1", current_version=StreamState.ANY, events=given.events(3))
            before = resident_bytes(running.process.pid)
            yield running
            # Two messages of 20 MB may be held, each as it came and as it is taken apart.
            assert resident_bytes(running.process.pid) - before < 120_000_000
            assert len(client.get_stream("s-1")) >= 3
            client.append_to_stream("s-2", current_version=StreamState.ANY, events=given.events(1))
        assert running.stop() == 0
        assert running.process.stderr is not None
        complaints = running.process.stderr.read()
        assert "Traceback" not in complaints, complaints


@pytest.fixture
def chance() -> random.Random:
    return random.Random(SEED)


def call(channel: grpc.Channel, method: str, *requests: bytes) -> grpc.StatusCode:
    """The status of a call; as all shapes look alike on the wire, one fits every method."""
    responses: Any = channel.stream_stream(method, None, None)(iter(requests), timeout=0.15)
    try:
        for answered, _ in enumerate(responses):
            if answered == 20:
                responses.cancel()
    except grpc.RpcError:
        pass  # Its code is asked for below.
    code: grpc.StatusCode = responses.code()
    # The original trips over some requests, and says so: but each must have been foreseen.
    unforeseen = responses.details() == "Exception was thrown by handler."
    assert not (code is grpc.StatusCode.UNKNOWN and unforeseen), (method, requests)
    return code


def absurd(message: type[Message], chance: random.Random, depth: int = 0) -> Message:
    """A message with some of its fields set, to the oddest values."""
    filled = message()
    fields: Any = message.DESCRIPTOR.fields
    for field in fields:
        if chance.random() < 0.35 or depth > 5:
            continue
        values = [value(field, chance, depth) for _ in range(chance.choice((1, 1, 3)))]
        if field.message_type and field.message_type.GetOptions().map_entry:
            getattr(filled, field.name)[chance.choice(("type", "content-type", ""))] = "T"
        elif isinstance(getattr(filled, field.name), MutableSequence):
            getattr(filled, field.name).extend(values)
        elif field.message_type:
            getattr(filled, field.name).CopyFrom(values[0])
        else:
            try:
                setattr(filled, field.name, values[0])
            except (ValueError, OverflowError):
                setattr(filled, field.name, 3)
    return filled


def value(field: Any, chance: random.Random, depth: int) -> object:
    if field.message_type:
        return absurd(field.message_type._concrete_class, chance, depth + 1)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        text = chance.choice(TEXTS)
        return text if field.type == FieldDescriptor.TYPE_STRING else chance.randbytes(20)
    if field.cpp_type == FieldDescriptor.CPPTYPE_ENUM:
        return chance.choice([number.number for number in field.enum_type.values])
    return chance.choice(NUMBERS)


def test_absurd_but_well_formed_requests_get_a_status(
    server: ServerProcess, chance: random.Random
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for _ in range(ROUNDS):
            method = chance.choice(list(ALL))
            requests = [absurd(ALL[method], chance) for _ in range(chance.choice((0, 1, 1, 2)))]
            call(channel, method, *(request.SerializeToString() for request in requests))


def test_random_and_truncated_bytes_get_a_status(
    server: ServerProcess, chance: random.Random
) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for number in range(ROUNDS):
            method = chance.choice(list(ALL))
            whole = absurd(ALL[method], chance).SerializeToString()
            garbage = whole[: chance.randint(0, len(whole))] + chance.randbytes(number % 3 * 20)
            call(channel, method, garbage)


def test_a_message_larger_than_any_limit_is_refused(server: ServerProcess) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        for method in ("Append", "BatchAppend"):
            code = call(channel, STREAMS + method, bytes(20 * 1024 * 1024))
            assert code in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED)


def test_random_bytes_on_the_wire_and_connections_left_open_are_survived(
    server: ServerProcess, chance: random.Random
) -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    beginnings = (b"", b"GET / HTTP/1.1\r\n\r\n", preface, preface + bytes(9), b"\x16\x03\x01")
    left_open = []
    for number in range(150):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        frame = chance.randbytes(3) + bytes([chance.randint(0, 12)]) + chance.randbytes(5)
        sent = chance.choice(beginnings) + frame + chance.randbytes(chance.randint(0, 400))
        try:
            connection.sendall(sent)
            if number % 3 == 0:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It has hung up already.
        if number % 5 == 0:
            left_open.append(connection)
        else:
            connection.close()
    time.sleep(0.2)
    with EventStoreDBClient(server.uri) as client:
        assert len(client.get_stream("s-1")) == 3
    for connection in left_open:
        connection.close()
