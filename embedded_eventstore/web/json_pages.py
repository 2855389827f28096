"""What programs read: statistics, gossip, streams and single events, as JSON."""

from dataclasses import dataclass

from embedded_eventstore.access.accounts import Account
from embedded_eventstore.monitoring.statistics import Statistics
from embedded_eventstore.protocol.gossip_service import GossipService
from embedded_eventstore.protocol.server_features import SPOKEN_VERSION
from embedded_eventstore.web import feeds
from embedded_eventstore.web.exchange import Response, as_json
from embedded_eventstore.web.reading import MissingError, Reading, number_of


@dataclass(frozen=True, slots=True)
class JsonPages:
    """The addresses outside ``/web``."""

    reading: Reading
    statistics: Statistics
    gossip: GossipService

    async def respond(self, account: Account, path: list[str]) -> Response:
        """Raises MissingError, AccessDeniedError and StreamTombstonedError."""
        match path:
            case ["stats"]:
                return as_json(await self.reading.threads.run(self.statistics.tree))
            case ["gossip"]:
                return as_json(self._gossip())
            case ["streams", stream] if stream:
                return await self._feed(account, stream, None, feeds.PAGE_EVENTS, backwards=True)
            case ["streams", stream, start, "backward" | "forward" as direction, count]:
                first, events = number_of(start), number_of(count) or feeds.PAGE_EVENTS
                is_backwards = direction == "backward"
                return await self._feed(account, stream, first, events, backwards=is_backwards)
            case ["streams", stream, number]:
                event = await self.reading.event(account, stream, number_of(number))
                return as_json(feeds.as_entry(event, stream))
        raise MissingError("There is nothing at this address.")

    async def _feed(
        self, account: Account, stream: str, start: int | None, count: int, *, backwards: bool
    ) -> Response:
        page = await self.reading.page(account, stream, start, count, backwards=backwards)
        # Large events take their time to become JSON: not in the event loop.
        return await self.reading.run(lambda _reader: as_json(feeds.as_feed(page)))

    def _gossip(self) -> dict[str, object]:
        position = self.statistics.last_position
        address, port = self.gossip.address, self.gossip.port
        member = {
            "instanceId": self.gossip.instance_id,
            "state": "Leader",
            "isAlive": True,
            "httpEndPointIp": address,
            "httpEndPointPort": port,
            "lastCommitPosition": position,
            "writerCheckpoint": position,
            "isReadOnlyReplica": False,
            "esVersion": SPOKEN_VERSION,
        }
        return {"members": [member], "serverIp": address, "serverPort": port}


def info(*, is_open: bool, has_projections: bool) -> dict[str, object]:
    """What the original's ``/info`` says. Its feeds are AtomPub, which can also be written to."""
    return {
        "esVersion": SPOKEN_VERSION,
        "server": "embedded eventstore",
        "state": "leader",
        "features": {
            "projections": has_projections,
            "userManagement": False,
            "atomPub": False,
        },
        "authentication": {"type": "insecure" if is_open else "internal"},
    }
