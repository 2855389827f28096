"""When the log's certificates end: said on /readyz, in the figures and the log, four weeks before.

A certificate that has ended closes the shop at that moment, and nobody looks at it before. The
embedded log renews its own 30 days before, and is never spoken of. Knows addresses and TLS, and
nothing of what the log holds.
"""

import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import structlog
from django.utils import timezone
from prometheus_client import Gauge

from orders.event_store.log_address import LogAddress

WARN_BEFORE = timedelta(days=28)
LOOK_EVERY = 600.0
"""Seconds between two looks, each at one node; at the first each node is asked at once."""
CALL_SECONDS = 0.5
DEFAULT_PORT = 2113

ENDS = Gauge(
    "barstucks_log_certificate_end_seconds",
    "When the certificate of a node of the log ends, in seconds since 1970",
    ["node"],
)

log = structlog.get_logger(__name__)

Ending = Callable[[LogAddress, str], datetime | None]


def end_of_certificate(address: LogAddress, host: str) -> datetime | None:
    """When the certificate ends that a node shows; None without TLS. Raises OSError."""
    authority = address.authority()
    if authority is None:
        return None
    parts = urlsplit(f"//{host}")
    name = parts.hostname or ""
    with (
        socket.create_connection((name, parts.port or DEFAULT_PORT), CALL_SECONDS) as connection,
        authority.wrap_socket(connection, server_hostname=name) as secure,
    ):
        shown = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)


class LogCertificates:
    """What the nodes of one log showed at the last look."""

    def __init__(
        self,
        uri: str,
        *,
        look: Ending = end_of_certificate,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` counts seconds."""
        self._address = LogAddress.read(uri)
        self._look = look
        self._clock = clock
        self._looks = 0
        self._due = clock()
        self._ends: dict[str, datetime] = {}

    def look(self) -> None:
        """Ask the next node, if it is time to; one that cannot be asked keeps what it said."""
        hosts = self._address.hosts
        if self._clock() < self._due:
            return
        host = hosts[self._looks % len(hosts)]
        self._looks += 1
        if self._looks >= len(hosts):
            self._due = self._clock() + LOOK_EVERY
        try:
            ends = self._look(self._address, host)
        except (OSError, KeyError, ValueError):
            return
        if ends is None:
            return
        self._ends[host] = ends
        ENDS.labels(host).set(ends.timestamp())
        if self.ending(timezone.now()):
            log.warning("log.certificate_ends", node=host, at=ends.isoformat())

    def ending(self, now: datetime) -> str:
        """One line when a certificate ends within four weeks; empty if none does."""
        if not self._ends:
            return ""
        host, ends = min(self._ends.items(), key=lambda node: node[1])
        if ends - now > WARN_BEFORE:
            return ""
        return f"log certificate: {host} ends in {max(0, (ends - now).days)} days\n"
