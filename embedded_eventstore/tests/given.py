"""What the tests begin with: events to append, and calls the client library cannot express."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import grpc

from embedded_eventstore.access.accounts import FILE_NAME
from embedded_eventstore.access.connection_string import connection_string
from embedded_eventstore.client_library import (
    EventStoreDBClient,
    NewEvent,
    shared_pb2,
    streams_pb2,
    streams_pb2_grpc,
)
from embedded_eventstore.storage.operations import ProposedEvent


def an_event(type_name: str = "CoffeeOrdered", data: bytes = b"{}") -> NewEvent:
    return NewEvent(type=type_name, data=data)


def events(count: int, type_name: str = "CoffeeOrdered") -> list[NewEvent]:
    return [an_event(type_name) for _ in range(count)]


def proposed(type_name: str = "CoffeeOrdered", data: bytes = b"{}") -> ProposedEvent:
    return ProposedEvent(uuid4().bytes, type_name, True, b"", data)


class _CallsAs:
    """A stub whose calls carry the client's name and password, if the server wants any."""

    def __init__(self, client: EventStoreDBClient) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client.streams._stub, name)
        return partial(method, credentials=self._client._call_credentials)


def raw_stub(client: EventStoreDBClient) -> streams_pb2_grpc.StreamsStub:
    return cast(streams_pb2_grpc.StreamsStub, _CallsAs(client))


def read_options(**changes: object) -> streams_pb2.ReadReq.Options:
    """A counted read of ``$all`` from the start, complete but for ``changes``."""
    empty = shared_pb2.Empty()
    options = streams_pb2.ReadReq.Options(
        all=streams_pb2.ReadReq.Options.AllOptions(start=empty),
        count=10,
        no_filter=empty,
        uuid_option=streams_pb2.ReadReq.Options.UUIDOption(string=empty),
    )
    changed = streams_pb2.ReadReq.Options(**changes)  # type: ignore[arg-type]
    options.MergeFrom(changed)
    return options


def raw_read(
    client: EventStoreDBClient, options: streams_pb2.ReadReq.Options
) -> Iterator[streams_pb2.ReadResp]:
    request = streams_pb2.ReadReq(options=options)
    responses: Iterator[streams_pb2.ReadResp] = raw_stub(client).Read(request, timeout=10)
    return responses


def raw_append(
    client: EventStoreDBClient, requests: Iterable[streams_pb2.AppendReq]
) -> streams_pb2.AppendResp:
    response: streams_pb2.AppendResp = raw_stub(client).Append(iter(requests), timeout=10)
    return response


def append_options(stream: str, **expected: object) -> streams_pb2.AppendReq:
    identifier = shared_pb2.StreamIdentifier(stream_name=stream.encode())
    options = streams_pb2.AppendReq.Options(stream_identifier=identifier, **expected)  # type: ignore[arg-type]
    return streams_pb2.AppendReq(options=options)


def append_message(
    event_id: UUID | None = None, metadata: dict[str, str] | None = None, data: bytes = b"{}"
) -> streams_pb2.AppendReq:
    message = streams_pb2.AppendReq.ProposedMessage(
        id=shared_pb2.UUID(string=str(event_id or uuid4())),
        metadata={"type": "T", "content-type": "application/json"}
        if metadata is None
        else metadata,
        data=data,
    )
    return streams_pb2.AppendReq(proposed_message=message)


def accounts_with(data: Path, **roles: list[str]) -> Path:
    """A directory for a closed server whose accounts are the usual ones and these."""
    connection_string(data, 0)
    path = data / FILE_NAME
    accounts = json.loads(path.read_text())
    accounts |= {name: {"password": uuid4().hex, "roles": given} for name, given in roles.items()}
    path.write_text(json.dumps(accounts))
    return data


def call_behind(refusal: BaseException) -> Any:
    """The refused call itself: what the client raised, what it carries, or what it came from."""
    step: BaseException | None = refusal
    while step is not None:
        for error in (step, *step.args):
            if isinstance(error, grpc.Call):
                return error
        step = step.__context__
    raise AssertionError(f"no call is behind {refusal!r}")


def trailers_of(error: grpc.RpcError) -> dict[str, str]:
    assert isinstance(error, grpc.Call)
    return {key: str(value) for key, value in error.trailing_metadata() or ()}
