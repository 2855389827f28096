"""The gRPC service Projections: the state of the system projections; all else is refused."""

from collections.abc import Iterator

import grpc
from esdbclient.protos.Grpc import projections_pb2

from embedded_eventstore.access.authentication import RequiredRole
from embedded_eventstore.protocol import errors
from embedded_eventstore.protocol.method import ONE_TO_MANY, ONE_TO_ONE, Method
from embedded_eventstore.system_projections.projector import Projector
from embedded_eventstore.system_projections.rules import NAMES

_SERVICE = "event_store.client.projections.Projections"
_REFUSED = (
    *("Create", "Update", "Delete", "Enable", "Disable", "Reset"),
    *("State", "Result", "RestartSubsystem"),
)
_Details = projections_pb2.StatisticsResp.Details


class ProjectionsService:
    """Projections.Statistics for ``$by_category``, ``$by_event_type`` and ``$streams``."""

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
            **{f"{_SERVICE}/{name}": refused for name in _REFUSED},
        }

    async def statistics(
        self, request: projections_pb2.StatisticsReq, context: errors.Context
    ) -> None:
        for details in self._details(request.options):
            await context.write(projections_pb2.StatisticsResp(details=details))

    async def refuse(self, request: bytes, context: errors.Context) -> None:
        raise errors.CallRefusedError(
            grpc.StatusCode.UNIMPLEMENTED,
            "This server has the system projections only ($by_category, $by_event_type, $streams),"
            " switched on when it starts. Projections in JavaScript need a full Eventstore.",
        )

    def _details(self, options: projections_pb2.StatisticsReq.Options) -> Iterator[_Details]:
        match options.WhichOneof("mode"):
            case "name" if options.name not in NAMES:
                raise errors.CallRefusedError(
                    grpc.StatusCode.NOT_FOUND, f"Projection '{options.name}' not found"
                )
            case "name":
                yield self._details_of(options.name)
            case "all" | "continuous":
                yield from map(self._details_of, NAMES)

    def _details_of(self, name: str) -> _Details:
        projector = self._projector
        position = f"C:{projector.position}/P:{projector.position}"
        return _Details(
            name=name,
            effectiveName=name,
            mode="Continuous",
            status=projector.status,
            stateReason=projector.fault,
            position=position,
            lastCheckpoint=position,
            progress=100 * (projector.position + 1) / (projector.last_position + 1),
            eventsProcessedAfterRestart=projector.processed,
        )
