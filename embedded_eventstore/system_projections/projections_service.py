"""The gRPC service Projections: the system projections; those in JavaScript are refused."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.client_library import projections_pb2, shared_pb2
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_MANY, ONE_TO_ONE, Method
from embedded_eventstore.system_projections.projector import Projector
from embedded_eventstore.system_projections.rules import NAMES

_SERVICE = "event_store.client.projections.Projections"
_REFUSED = ("Create", "Update", "Delete", "Reset", "State", "Result")
_pb = projections_pb2
_Details = projections_pb2.StatisticsResp.Details


class ProjectionsService:
    """Statistics, Enable and Disable of ``$by_category``, ``$by_event_type`` and ``$streams``."""

    def __init__(self, projector: Projector) -> None:
        self._projector = projector

    def methods(self) -> dict[str, Method]:
        role = RequiredRole.ACCOUNTS
        refused = Method(ONE_TO_ONE, self.refuse, bytes, is_listed=False, required_role=role)
        return {
            f"{_SERVICE}/Statistics": Method(
                ONE_TO_MANY,
                self.statistics,
                projections_pb2.StatisticsReq.FromString,
                projections_pb2.StatisticsResp.SerializeToString,
                required_role=role,
            ),
            f"{_SERVICE}/Enable": _switch(self.enable, _pb.EnableReq),
            f"{_SERVICE}/Disable": _switch(self.disable, _pb.DisableReq),
            f"{_SERVICE}/RestartSubsystem": _switch(self.restart, shared_pb2.Empty),
            **{f"{_SERVICE}/{name}": refused for name in _REFUSED},
        }

    async def statistics(
        self, request: projections_pb2.StatisticsReq, context: errors.Context
    ) -> None:
        for details in self._details(request.options):
            await context.write(projections_pb2.StatisticsResp(details=details))

    async def enable(self, request: _pb.EnableReq, context: errors.Context) -> _pb.EnableResp:
        await self._projector.enable(_known(request.options.name))
        return _pb.EnableResp()

    async def disable(self, request: _pb.DisableReq, context: errors.Context) -> _pb.DisableResp:
        await self._projector.disable(_known(request.options.name))
        return _pb.DisableResp()

    async def restart(self, request: shared_pb2.Empty, context: errors.Context) -> shared_pb2.Empty:
        await self._projector.restart()
        return shared_pb2.Empty()

    async def refuse(self, request: bytes, context: errors.Context) -> None:
        raise errors.CallRefusedError(
            grpc.StatusCode.UNIMPLEMENTED,
            "This server has the system projections only ($by_category, $by_event_type, $streams),"
            " which can be enabled and disabled. Projections in JavaScript need a full Eventstore.",
        )

    def _details(self, options: projections_pb2.StatisticsReq.Options) -> Iterator[_Details]:
        match options.WhichOneof("mode"):
            case "name":
                yield self._details_of(_known(options.name))
            case "all" | "continuous":
                yield from map(self._details_of, NAMES)

    def _details_of(self, name: str) -> _Details:
        projector = self._projector
        reached = projector.position_of(name)
        position = f"C:{reached}/P:{reached}"
        return _Details(
            name=name,
            effectiveName=name,
            mode="Continuous",
            status=projector.status_of(name),
            stateReason=projector.fault,
            position=position,
            lastCheckpoint=position,
            progress=100 * (reached + 1) / (projector.last_position + 1),
            eventsProcessedAfterRestart=projector.processed,
        )


def _known(name: str) -> str:
    """Raises CallRefusedError."""
    if name not in NAMES:
        raise errors.CallRefusedError(grpc.StatusCode.NOT_FOUND, f"Projection '{name}' not found")
    return name


def _switch(handler: Callable[..., Any], request: Any) -> Method:
    return Method(
        ONE_TO_ONE,
        handler,
        request.FromString,
        lambda response: bytes(response.SerializeToString()),
        required_role=RequiredRole.OPERATORS,
    )
