"""One running event store: its parts put together, started, and stopped in the right order.

Knows every part; the parts know as little of one another as they can.
"""

from collections.abc import Sequence
from pathlib import Path

from embedded_eventstore.access import server_security as security
from embedded_eventstore.access.certificates import reachable_name
from embedded_eventstore.access.guard import Guard
from embedded_eventstore.monitoring.meter import Meter
from embedded_eventstore.monitoring.monitoring_service import MonitoringService
from embedded_eventstore.monitoring.statistics import Statistics
from embedded_eventstore.persistent.groups import Groups
from embedded_eventstore.persistent.service import PersistentSubscriptionsService
from embedded_eventstore.protocol import server
from embedded_eventstore.protocol.calls import Calls
from embedded_eventstore.protocol.gossip_service import GossipService
from embedded_eventstore.protocol.method import Part
from embedded_eventstore.protocol.server_features import ServerFeatures
from embedded_eventstore.storage import schema
from embedded_eventstore.storage.data_directory import DataDirectory
from embedded_eventstore.storage.described_streams import DescribedStreams
from embedded_eventstore.storage.log import Log
from embedded_eventstore.storage.log_reader import LogReader
from embedded_eventstore.storage.operations import Record
from embedded_eventstore.storage.reading_threads import ReadingThreads
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.writer import Writer
from embedded_eventstore.streams.append_service import AppendService
from embedded_eventstore.streams.batch_append_service import BatchAppendService
from embedded_eventstore.streams.delete_service import DeleteService
from embedded_eventstore.streams.proposed_events import DEFAULT_LIMITS, Limits
from embedded_eventstore.streams.read_service import ReadService
from embedded_eventstore.streams.subscriptions import Subscriptions
from embedded_eventstore.system_projections.projections_service import ProjectionsService
from embedded_eventstore.system_projections.projector import Projector
from embedded_eventstore.upkeep.operations_service import OperationsService
from embedded_eventstore.web.http_server import HttpServer
from embedded_eventstore.web.site import build_site

STOP_GRACE = 3.0
"""Seconds that calls in progress get to end once the server stops."""
_LAST_RESPONSES = 0.2
"""Seconds to get the last responses onto the wire; all of them pass while a client is connected."""


class Node:
    """An event store with its data in ``directory``, listening on ``address``.

    It asks for passwords over TLS unless it is ``insecure``.
    """

    def __init__(
        self,
        directory: Path,
        address: str,
        port: int,
        limits: Limits = DEFAULT_LIMITS,
        *,
        insecure: bool = False,
        system_projections: bool = False,
        http_port: int | None = None,
        advertised: Sequence[str] = (),
    ) -> None:
        """Open the log. Raises UnusableStoreError. Must be called in the event loop.

        ``http_port``: where the web page is, if anywhere; 0 picks a free one. ``advertised``: how
        else clients call this server; the first is what it tells them to call it.
        """
        self._directory = DataDirectory(directory)
        try:
            self._log = Log(directory)
        except schema.UnusableStoreError:
            self._directory.release()
            raise
        try:
            self.security = (
                security.insecure() if insecure else security.closed(directory, address, advertised)
            )
        except schema.UnusableStoreError:
            self._log.close()
            self._directory.release()
            raise
        self._address = address
        name = reachable_name(advertised[0] if advertised else address)
        self._port = port
        self._http_port = http_port
        self.web_address: str | None = None
        """Known once the server listens."""
        self._meter = Meter()
        self._recent = RecentCommits(self._log.last_position)
        self._threads = ReadingThreads(LogReader(directory), self._recent)
        self._described = DescribedStreams(self._threads.reader.metastreams())
        self._guard = Guard(self._threads, self._described)
        self._writer = Writer(self._log, self._publish, self._meter.commits.add)
        self._gossip = GossipService(self._log.instance_id, name)
        self.subscriptions = Subscriptions(self._threads, self._recent)
        self._projector = Projector(self._threads, self._recent, self._writer)
        self._system_projections = system_projections
        statistics = Statistics(
            directory, self._meter, self._recent, self.subscriptions, self._projector
        )
        site = build_site(self.security, self._guard, self._threads, statistics, self._gossip)
        self._web = HttpServer(site.respond, self.security.certificates, name)
        self._calls = Calls(self.security.accounts)
        self._groups = Groups(self._threads, self._recent, self._writer)
        self._operations = OperationsService(self._writer, self._recent, self._groups.restart)
        self._batches = BatchAppendService(self._writer, self._guard, limits)
        parts: list[Part] = [
            AppendService(self._writer, self._guard, limits),
            self._batches,
            DeleteService(self._writer, self._guard),
            ReadService(
                self._threads, self._recent, self._described, self.subscriptions, self._guard
            ),
            self._gossip,
            ProjectionsService(self._projector),
            PersistentSubscriptionsService(self._groups, self._guard),
            self._operations,
            MonitoringService(statistics, self._threads, self._recent),
        ]
        watched = [self._meter.watch(part) for part in (*parts, ServerFeatures(parts))]
        self._server = server.build_server(
            watched, self._calls, self.security.accounts if self.security.certificates else None
        )

    async def start(self) -> int:
        """Listen; the port. Raises PortTakenError, with everything closed again."""
        try:
            port = server.listen(
                self._server, self._address, self._port, self.security.credentials()
            )
            if self._http_port is not None:
                self.web_address = await self._web.start(self._address, self._http_port)
        except server.PortTakenError:
            await self._close()
            raise
        self._gossip.port = port
        await self._groups.start()
        await self._server.start()
        await self._projector.start(enable_all=self._system_projections)
        return port

    async def stop(self) -> None:
        """Refuse new calls, end subscriptions, finish the appends under way, close the log."""
        self._recent.close()
        await self._projector.stop()
        await self._groups.stop()
        self._batches.stop()
        await self._web.stop()
        await self._calls.finish(STOP_GRACE)
        await self._server.stop(_LAST_RESPONSES)
        await self._operations.stop()
        await self._close()

    def _publish(self, records: list[Record]) -> None:
        self._described.take_in(records)
        self._guard.forget_changed(records)
        self._recent.publish(records)
        self._meter.written(records)

    async def _close(self) -> None:
        await self._writer.stop()
        self._threads.close()
        self._log.close()
        self._directory.release()
