"""One BatchAppend call without a network: what it costs, and a writer that does not come back."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import uuid4

import grpc
import pytest
from google.protobuf import empty_pb2

from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.client_library import shared_pb2, streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.storage.operations import Append, Outcome, Written
from embedded_eventstore.storage.writer import DiskFullError, Writer
from embedded_eventstore.streams import batch_append_service
from embedded_eventstore.streams.batch_append_service import BatchAppendService
from embedded_eventstore.streams.proposed_events import DEFAULT_LIMITS
from embedded_eventstore.tests import given


def a_service(writer: "SlowWriter") -> BatchAppendService:
    return BatchAppendService(cast("Writer", writer), cast("Guard", OpenDoor()), DEFAULT_LIMITS)


class SlowWriter:
    """Leaves every append waiting until a test says what became of it."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Outcome]] = []

    def submit(self, append: Append, expires_at: float) -> asyncio.Future[Outcome]:
        self.waiting.append(asyncio.get_running_loop().create_future())
        return self.waiting[-1]


class OpenDoor:
    """Lets everybody write."""

    async def require(self, right: Right, stream: str) -> None: ...


class Call:
    """A client's end of the call."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[streams_pb2.BatchAppendReq | None] = asyncio.Queue()
        self.responses: asyncio.Queue[streams_pb2.BatchAppendResp] = asyncio.Queue()

    async def sent(self) -> AsyncIterator[streams_pb2.BatchAppendReq]:
        while (request := await self.requests.get()) is not None:
            yield request

    async def write(self, response: bytes) -> None:
        self.responses.put_nowait(streams_pb2.BatchAppendResp.FromString(response))

    def send(self, count: int = 1, stream: bytes = b"s-1") -> None:
        for _ in range(count):
            message = given.append_message().proposed_message
            self.requests.put_nowait(
                streams_pb2.BatchAppendReq(
                    correlation_id=shared_pb2.UUID(string=str(uuid4())),
                    options=streams_pb2.BatchAppendReq.Options(
                        stream_identifier=shared_pb2.StreamIdentifier(stream_name=stream),
                        any=empty_pb2.Empty(),
                    ),
                    proposed_messages=[
                        streams_pb2.BatchAppendReq.ProposedMessage(
                            id=message.id, metadata=message.metadata, data=message.data
                        )
                    ],
                    is_final=True,
                )
            )

    def half_close(self) -> None:
        self.requests.put_nowait(None)


class Shop:
    """A call that is going on."""

    def __init__(self) -> None:
        self.writer = SlowWriter()
        self.call = Call()
        context = cast("errors.Context", self.call)
        self.handling = asyncio.create_task(
            a_service(self.writer).batch_append(self.call.sent(), context)
        )

    async def taken_in(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.writer.waiting) < count:  # noqa: ASYNC110
                await asyncio.sleep(0)


async def test_an_append_in_an_open_call_takes_no_task_of_its_own() -> None:
    shop = Shop()
    await asyncio.sleep(0)
    tasks = 0

    def counting(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        nonlocal tasks
        tasks += 1
        return asyncio.Task(work, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(counting)
    shop.call.send(100)
    await shop.taken_in(100)
    for number, waiting in enumerate(shop.writer.waiting):
        waiting.set_result(Written(number, number + 10))
    responses = [await shop.call.responses.get() for _ in range(100)]
    asyncio.get_running_loop().set_task_factory(None)

    assert [response.success.current_revision for response in responses] == list(range(100))
    assert tasks == 0
    shop.call.half_close()
    await asyncio.wait_for(shop.handling, 10)


async def test_what_the_writer_does_not_come_back_with_is_answered_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch_append_service, "WRITE_TIMEOUT", 0.02)
    shop = Shop()
    shop.call.send()
    response = await asyncio.wait_for(shop.call.responses.get(), 10)
    assert response.error.message == "Timeout"

    shop.call.send()
    await shop.taken_in(2)
    shop.writer.waiting[1].set_result(Written(0, 10))
    assert (await shop.call.responses.get()).success.current_revision == 0
    shop.call.half_close()
    await asyncio.wait_for(shop.handling, 10)


async def test_no_more_is_taken_in_than_may_be_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_append_service, "MAX_IN_FLIGHT", 5)
    shop = Shop()
    shop.call.send(8)
    shop.call.half_close()
    await shop.taken_in(5)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(shop.writer.waiting) == 5

    shop.writer.waiting[3].set_result(Written(0, 10))
    await shop.taken_in(6)
    for waiting in shop.writer.waiting[:3] + shop.writer.waiting[4:]:
        waiting.set_result(Written(0, 10))
    await shop.taken_in(8)
    for waiting in shop.writer.waiting[6:]:
        waiting.set_result(Written(0, 10))
    await asyncio.wait_for(shop.handling, 10)
    assert shop.call.responses.qsize() == 8


async def test_a_call_ends_when_all_it_brought_was_written_or_refused() -> None:
    shop = Shop()
    shop.call.send(stream=b"\xff")
    shop.call.send()
    shop.call.half_close()
    await shop.taken_in(1)
    assert (await shop.call.responses.get()).error.message == "BadRequest"
    assert not shop.handling.done()

    shop.writer.waiting[0].set_result(Written(0, 10))
    await asyncio.wait_for(shop.handling, 10)
    assert shop.call.responses.qsize() == 1


async def test_a_full_disk_ends_the_call() -> None:
    shop = Shop()
    shop.call.send(2)
    await shop.taken_in(2)
    shop.writer.waiting[0].set_exception(DiskFullError())

    with pytest.raises(DiskFullError):
        await asyncio.wait_for(shop.handling, 10)
    await nothing_is_left()


async def test_a_client_that_hangs_up_ends_the_call() -> None:
    shop = Shop()
    shop.call.send(2)
    await shop.taken_in(2)
    shop.handling.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(shop.handling, 10)
    shop.writer.waiting[0].set_result(Written(0, 10))
    await nothing_is_left()


async def nothing_is_left() -> None:
    async with asyncio.timeout(10):
        while asyncio.all_tasks() != {asyncio.current_task()}:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_call_that_begins_while_the_server_stops_is_refused_at_once() -> None:
    service = a_service(SlowWriter())
    service.stop()

    with pytest.raises(errors.CallRefusedError) as refused:
        async with asyncio.timeout(5):
            await service.batch_append(Call().sent(), cast("errors.Context", None))
    assert refused.value.code is grpc.StatusCode.UNAVAILABLE


async def test_a_malformed_request_ends_the_call() -> None:
    async def broken() -> AsyncIterator[streams_pb2.BatchAppendReq]:
        raise grpc.aio.UsageError("broken")
        yield

    with pytest.raises(grpc.aio.UsageError):
        await a_service(SlowWriter()).batch_append(broken(), cast("errors.Context", Call()))
