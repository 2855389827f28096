"""PersistentSubscriptions: the calls about groups, and the long one that consumes from them.

Knows the groups and protobuf; knows neither rules nor log.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from embedded_eventstore.access import authentication
from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.client_library import persistent_pb2, shared_pb2
from embedded_eventstore.persistent import content, refusals, requests
from embedded_eventstore.persistent.group import Rejection
from embedded_eventstore.persistent.group_info import info_of
from embedded_eventstore.persistent.groups import Groups
from embedded_eventstore.persistent.running_group import Connection, Peer, RunningGroup
from embedded_eventstore.persistent.settings import ALL
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import MANY_TO_MANY, ONE_TO_ONE, Method
from embedded_eventstore.protocol.slow_readers import send
from embedded_eventstore.storage.recorded_event import uuid_bytes

SERVICE = "event_store.client.persistent_subscriptions.PersistentSubscriptions"

_pb = persistent_pb2
_Nack = _pb.ReadReq.Nack
_REJECTIONS: dict[int, Rejection] = {
    _Nack.Unknown: "retry",
    _Nack.Retry: "retry",
    _Nack.Park: "park",
    _Nack.Skip: "skip",
    # The original means to stop the group, one day; until then it forgets the message.
    _Nack.Stop: "skip",
}


class PersistentSubscriptionsService:
    """Implements all methods of PersistentSubscriptions."""

    def __init__(self, groups: Groups, guard: Guard) -> None:
        self._groups = groups
        self._guard = guard

    def methods(self) -> dict[str, Method]:
        sources = ("stream", "all")
        accounts = RequiredRole.ACCOUNTS
        return {
            f"{SERVICE}/Create": _one_to_one(self.create, _pb.CreateReq, sources),
            f"{SERVICE}/Update": _one_to_one(self.update, _pb.UpdateReq, sources),
            f"{SERVICE}/Delete": _one_to_one(self.delete, _pb.DeleteReq, sources),
            f"{SERVICE}/GetInfo": _one_to_one(self.get_info, _pb.GetInfoReq, sources, accounts),
            f"{SERVICE}/ReplayParked": _one_to_one(self.replay, _pb.ReplayParkedReq, sources),
            f"{SERVICE}/List": _one_to_one(self.list, _pb.ListReq, sources, accounts),
            f"{SERVICE}/RestartSubsystem": _one_to_one(self.restart, shared_pb2.Empty, ()),
            f"{SERVICE}/Read": Method(
                MANY_TO_MANY,
                self.read,
                _pb.ReadReq.FromString,
                features=sources,
                required_role=accounts,
            ),
        }

    async def create(self, request: _pb.CreateReq, context: errors.Context) -> _pb.CreateResp:
        name = requests.parse_group(request.options)
        end = await self._groups.end_of(name.stream)
        await self._groups.create(requests.parse_entry(request.options, end))
        return _pb.CreateResp()

    async def update(self, request: _pb.UpdateReq, context: errors.Context) -> _pb.UpdateResp:
        name = requests.parse_group(request.options)
        self._groups.find(name.stream, name.group)
        end = await self._groups.end_of(name.stream)
        await self._groups.update(requests.parse_entry(request.options, end))
        return _pb.UpdateResp()

    async def delete(self, request: _pb.DeleteReq, context: errors.Context) -> _pb.DeleteResp:
        name = requests.parse_group(request.options)
        await self._groups.delete(name.stream, name.group)
        return _pb.DeleteResp()

    async def get_info(self, request: _pb.GetInfoReq, context: errors.Context) -> _pb.GetInfoResp:
        return _pb.GetInfoResp(subscription_info=info_of(self._find(request)))

    async def list(self, request: _pb.ListReq, context: errors.Context) -> _pb.ListResp:
        stream: str | None = None
        if request.options.WhichOneof("list_option") == "list_for_stream":
            listed = request.options.list_for_stream
            is_all = listed.WhichOneof("stream_option") == "all"
            stream = ALL if is_all else listed.stream.stream_name.decode(errors="replace")
        found = self._groups.of_stream(stream)
        if stream is not None and not found:
            raise refusals.does_not_exist(stream, "")
        return _pb.ListResp(subscriptions=[info_of(group) for group in found])

    async def replay(
        self, request: _pb.ReplayParkedReq, context: errors.Context
    ) -> _pb.ReplayParkedResp:
        limited = request.options.WhichOneof("stop_at_option") == "stop_at"
        self._find(request).replay_parked(request.options.stop_at if limited else None)
        return _pb.ReplayParkedResp()

    async def restart(self, request: shared_pb2.Empty, context: errors.Context) -> shared_pb2.Empty:
        await self._groups.restart()
        return shared_pb2.Empty()

    async def read(self, incoming: AsyncIterator[_pb.ReadReq], context: errors.Context) -> None:
        first = await anext(incoming, None)
        if first is None:
            return
        if first.WhichOneof("content") != "options":
            raise errors.thrown_by_handler("A consumer begins with its options.")
        name = requests.parse_group(first.options)
        await self._guard.require(Right.READ, name.stream)
        group = self._groups.find(name.stream, name.group)
        structured = first.options.uuid_option.WhichOneof("content") != "string"
        connection = group.join(first.options.buffer_size, _peer(context))
        messages = _messages(group, connection, structured)
        sending = asyncio.ensure_future(send(messages, context))
        receiving = asyncio.ensure_future(_receive(group, connection, incoming))
        try:
            await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
            for ended in (sending, receiving):
                if ended.done():
                    ended.result()
        finally:
            sending.cancel()
            receiving.cancel()
            group.leave(connection)
            await asyncio.gather(sending, receiving, return_exceptions=True)

    def _find(self, request: _pb.GetInfoReq | _pb.ReplayParkedReq) -> RunningGroup:
        name = requests.parse_group(request.options)
        return self._groups.find(name.stream, name.group)


async def _messages(
    group: RunningGroup, connection: Connection, structured_ids: bool
) -> AsyncGenerator[list[bytes], None]:
    """A confirmation, then messages for as long as the consumer stays."""
    confirmation = _pb.ReadResp.SubscriptionConfirmation(subscription_id=group.entry.key)
    yield [_pb.ReadResp(subscription_confirmation=confirmation).SerializeToString()]
    while True:
        yield [content.to_send(await connection.next(), structured_ids=structured_ids)]


async def _receive(
    group: RunningGroup, connection: Connection, incoming: AsyncIterator[_pb.ReadReq]
) -> None:
    """Handle the consumer's acknowledgements until it sends no more."""
    async for request in incoming:
        match request.WhichOneof("content"):
            case "ack":
                group.group.acknowledge(connection.consumer, _ids(request.ack.ids))
            case "nack":
                group.group.reject(
                    connection.consumer,
                    _ids(request.nack.ids),
                    _REJECTIONS.get(request.nack.action, "skip"),
                    request.nack.reason,
                )
        group.settle()


def _ids(ids: Any) -> list[bytes]:
    try:
        return [uuid_bytes(event_id) for event_id in ids]
    except ValueError as error:
        raise errors.thrown_by_handler("An id is not a UUID.") from error


def _peer(context: errors.Context) -> Peer:
    given = dict(context.invocation_metadata() or ()).get("connection-name", "<unknown>")
    name = given if isinstance(given, str) else given.decode(errors="replace")
    account = authentication.current_account()
    return Peer(context.peer(), name, account.name if account else "anonymous")


def _one_to_one(
    handler: Callable[..., Any],
    request: Any,
    features: tuple[str, ...],
    required_role: RequiredRole = RequiredRole.OPERATORS,
) -> Method:
    return Method(
        ONE_TO_ONE,
        handler,
        request.FromString,
        lambda response: bytes(response.SerializeToString()),
        features,
        required_role=required_role,
    )
