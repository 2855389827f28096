"""Streams.Delete and Streams.Tombstone.

Here a wrong expected version is a status, unlike for appends. Knows the writer; knows no storage.
"""

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.access.stream_rights import Right
from embedded_eventstore.client_library import streams_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_ONE, STREAMS, Method
from embedded_eventstore.storage.operations import (
    Delete,
    StreamIsGone,
    Tombstone,
    Written,
    WrongVersion,
)
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.streams.append_service import parse_expected, parse_stream, write


class DeleteService:
    """Implements Streams.Delete and Streams.Tombstone."""

    def __init__(self, writer: Writer, guard: Guard) -> None:
        self._writer = writer
        self._guard = guard

    def methods(self) -> dict[str, Method]:
        return {
            f"{STREAMS}/Delete": Method(
                ONE_TO_ONE,
                self.delete,
                streams_pb2.DeleteReq.FromString,
                streams_pb2.DeleteResp.SerializeToString,
                required_role=RequiredRole.ACCOUNTS,
            ),
            f"{STREAMS}/Tombstone": Method(
                ONE_TO_ONE,
                self.tombstone,
                streams_pb2.TombstoneReq.FromString,
                streams_pb2.TombstoneResp.SerializeToString,
                required_role=RequiredRole.ACCOUNTS,
            ),
        }

    async def delete(
        self, request: streams_pb2.DeleteReq, context: errors.Context
    ) -> streams_pb2.DeleteResp:
        position = await self._execute(Delete(*_target(request.options)), context)
        response = streams_pb2.DeleteResp()
        response.position.commit_position = response.position.prepare_position = position
        return response

    async def tombstone(
        self, request: streams_pb2.TombstoneReq, context: errors.Context
    ) -> streams_pb2.TombstoneResp:
        position = await self._execute(Tombstone(*_target(request.options)), context)
        response = streams_pb2.TombstoneResp()
        response.position.commit_position = response.position.prepare_position = position
        return response

    async def _execute(self, operation: Delete | Tombstone, context: errors.Context) -> int:
        await self._guard.require(Right.DELETE, operation.stream)
        match await write(self._writer, operation, context.time_remaining()):
            case Written(_, position):
                assert position is not None
                return position
            case WrongVersion() as wrong:
                raise errors.wrong_version_of_deletion(operation.stream, wrong)
            case StreamIsGone(stream):
                raise errors.stream_deleted(stream)


def _target(
    options: streams_pb2.DeleteReq.Options | streams_pb2.TombstoneReq.Options,
) -> tuple[str, int]:
    return parse_stream(options.stream_identifier), parse_expected(options)
