"""The server's statistics as one tree of names and values.

The names are those of Eventstore's own statistics where the meaning is the same. Knows the parts it
asks; knows nothing of who wants to know.
"""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from embedded_eventstore.monitoring.meter import Meter
from embedded_eventstore.storage.recent_commits import RecentCommits
from embedded_eventstore.storage.schema import FILE_NAME
from embedded_eventstore.streams.subscriptions import Subscriptions
from embedded_eventstore.system_projections.projector import Projector

Tree = dict[str, "Tree | int | float | str"]


@dataclass(frozen=True, slots=True)
class Figures:
    """One moment of the server. Sizes in bytes, durations in seconds, rates per second."""

    uptime: float
    memory: int
    processor: float
    last_position: int
    database: int
    write_ahead_log: int
    disk_free: int
    disk_total: int
    written_rate: float
    sent_rate: float
    call_rate: float
    written: list[int]
    """Events in each of the last seconds, oldest first."""
    sent: list[int]
    commits: int
    commit_last: float
    commit_median: float
    commit_p99: float
    commit_longest: float
    open_calls: int
    connections: int
    subscriptions: int
    projections: str
    projected: int


class Statistics:
    """Gathers the figures of one server. Any thread may ask."""

    def __init__(
        self,
        directory: Path,
        meter: Meter,
        recent: RecentCommits,
        subscriptions: Subscriptions,
        projector: Projector,
    ) -> None:
        self._directory = directory
        self._meter = meter
        self._recent = recent
        self._subscriptions = subscriptions
        self._projector = projector
        self.started_at = time.time()
        self._started = time.monotonic()

    @property
    def last_position(self) -> int:
        return self._recent.last_position

    @property
    def has_projections(self) -> bool:
        """Whether events are being linked."""
        return self._projector.status == "Running"

    def figures(self, seconds: int = 120) -> Figures:
        meter, disk = self._meter, shutil.disk_usage(self._directory)
        commits = meter.commits.spread()
        open_calls = meter.open_calls.copy()
        return Figures(
            uptime=time.monotonic() - self._started,
            memory=resident_bytes(),
            processor=time.process_time(),
            last_position=self._recent.last_position,
            database=_size(self._directory / FILE_NAME),
            write_ahead_log=_size(self._directory / f"{FILE_NAME}-wal"),
            disk_free=disk.free,
            disk_total=disk.total,
            written_rate=meter.events_written.rate(),
            sent_rate=meter.events_sent.rate(),
            call_rate=meter.calls.rate(),
            written=meter.events_written.of_the_last(seconds),
            sent=meter.events_sent.of_the_last(seconds),
            commits=commits.count,
            commit_last=commits.last,
            commit_median=commits.median,
            commit_p99=commits.p99,
            commit_longest=commits.longest,
            open_calls=open_calls.total(),
            connections=len(open_calls),
            subscriptions=self._subscriptions.per_connection.copy().total(),
            projections=self._projector.status,
            projected=self._projector.position,
        )

    def tree(self) -> Tree:
        """The figures as ``/stats`` shows them; times of commits in milliseconds."""
        now = self.figures()
        return {
            "proc": {
                "startTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started_at)),
                "id": os.getpid(),
                "mem": now.memory,
                "cpuSeconds": round(now.processor, 3),
                "uptimeSeconds": round(now.uptime, 3),
            },
            "sys": {
                "drive": {"availableBytes": now.disk_free, "totalBytes": now.disk_total},
            },
            "es": {
                "log": {
                    "lastPosition": now.last_position,
                    "databaseBytes": now.database,
                    "writeAheadLogBytes": now.write_ahead_log,
                },
                "writer": {
                    "flushes": now.commits,
                    "lastFlushDelayMs": _milliseconds(now.commit_last),
                    "medianFlushDelayMs": _milliseconds(now.commit_median),
                    "p99FlushDelayMs": _milliseconds(now.commit_p99),
                    "maxFlushDelayMs": _milliseconds(now.commit_longest),
                },
                "events": {
                    "writtenPerSecond": now.written_rate,
                    "sentPerSecond": now.sent_rate,
                    "writtenTotal": self._meter.events_written.total,
                    "sentTotal": self._meter.events_sent.total,
                },
                "calls": {"open": now.open_calls, "perSecond": now.call_rate},
                "connections": now.connections,
                "subscriptions": now.subscriptions,
                "projections": {"status": now.projections, "position": now.projected},
            },
        }


def flat(tree: Tree, prefix: str = "") -> dict[str, str]:
    """The tree as one level of names, ``es-writer-flushes``, and texts."""
    found: dict[str, str] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}-")
        else:
            found[prefix + name] = str(value)
    return found


def resident_bytes() -> int:
    """The memory of this process; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
