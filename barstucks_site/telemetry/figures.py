"""Figures that a web process tells about itself, the read side and the reactor.

What is not counted as it happens (how far the read models are behind, which screens are open) is
read when somebody asks for the figures. What another process counts, it tells itself.
"""

from collections.abc import Callable, Iterator

import structlog
from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import REGISTRY, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from barstucks_site.web_server.threaded_handler import METHODS
from orders.command_handler import FACTS
from orders.domain.event import published_types
from orders.event_store import EventStoreError, event_store
from orders.reactions.progress import COUNTED_TO as REACTOR_COUNTED_TO
from orders.reactions.progress import reactor_progress
from projections.engine.backlog import COUNTED_TO, backlog
from projections.engine.models import Checkpoint, CheckpointState, ParkedEvent, ParkedState
from projections.live.broadcaster import open_screens

REQUEST_SECONDS = Histogram(
    "barstucks_request_seconds",
    "Time from the complete request to the complete answer",
    ["method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0),
)
CONNECTIONS = Gauge("barstucks_connections", "Open connections, requests and live screens")

log = structlog.get_logger(__name__)


class ReadSideFigures(Collector):
    """How far each live projection is behind the log, and how many of its events are parked."""

    def collect(self) -> Iterator[Metric]:
        """All there is to say."""
        yield from self._missing()
        yield from self._lag()

    def _missing(self) -> Iterator[Metric]:
        """What the web process has measured a moment ago; no figures when it is not known."""
        worst, pulse = backlog.worst(), backlog.pulse()
        now = timezone.now()
        if worst is not None:
            yield GaugeMetricFamily(
                "barstucks_screens_behind_seconds",
                "Age of the oldest fact that is not on the screens, where it is over 5 s",
                value=worst.age(now),
            )
            yield GaugeMetricFamily(
                "barstucks_facts_missing",
                f"Facts not on the screens, counted up to {COUNTED_TO}",
                value=worst.facts,
            )
        if pulse is not None:
            yield GaugeMetricFamily(
                "barstucks_projector_pulse_age_seconds",
                "Since a projector said last that it follows the log",
                value=pulse.age(now),
            )

    def _lag(self) -> Iterator[Metric]:
        """Read the log and the read models; no figures when one of them cannot be read."""
        try:
            store = event_store()
            if store.is_away:
                return
            head = store.head()
            behind = GaugeMetricFamily(
                "barstucks_projection_lag_bytes",
                "Commit positions between the newest fact and the newest one projected",
                labels=["projection"],
            )
            for checkpoint in Checkpoint.objects.filter(state=CheckpointState.ACTIVE.value):
                behind.add_metric(
                    [checkpoint.projection], max(0, head - max(0, checkpoint.position))
                )
            parked = ParkedEvent.objects.filter(state=ParkedState.PARKED.value).count()
        except (EventStoreError, DatabaseError) as wrong:
            log.warning("metrics.incomplete", because=str(wrong))
            return
        yield behind
        yield GaugeMetricFamily("barstucks_parked_events", "Events set aside", value=parked)


class ReactorFigures(Collector):
    """How far the reactor is behind, what is open for too long, and what it parked."""

    def collect(self) -> Iterator[Metric]:
        """Read its position and the log behind it; no figures when one of them cannot be read."""
        try:
            progress = reactor_progress(timezone.now())
        except DatabaseError as wrong:
            log.warning("metrics.incomplete", because=str(wrong))
            return
        yield GaugeMetricFamily(
            "barstucks_reactor_parked_events",
            "Events that the reactor set aside",
            value=progress.parked,
        )
        if progress.events_behind is None or progress.seconds_behind is None:
            return
        yield GaugeMetricFamily(
            "barstucks_reactor_events_behind",
            f"Events the reactor has not looked at, counted up to {REACTOR_COUNTED_TO}",
            value=progress.events_behind,
        )
        yield GaugeMetricFamily(
            "barstucks_reactor_seconds_behind",
            "Age of the oldest event the reactor has not looked at",
            value=progress.seconds_behind,
        )
        yield GaugeMetricFamily(
            "barstucks_open_payments_overdue",
            "Card payments and refunds without an outcome for over a minute",
            value=len(progress.overdue),
        )


class LiveScreens(Collector):
    """How many live screens this process serves, by the kind of what they show."""

    def collect(self) -> Iterator[Metric]:
        """Count them now."""
        screens = GaugeMetricFamily(
            "barstucks_open_screens", "Live screens that are open", labels=["view"]
        )
        for kind, count in open_screens().items():
            screens.add_metric([kind], count)
        yield screens


def observe_request(method: str, status: int, seconds: float) -> None:
    """Count one request; methods that nobody knows share a label."""
    known = method if method in METHODS else "other"
    REQUEST_SECONDS.labels(known, f"{status // 100}xx").observe(seconds)


def register(connections: Callable[[], int]) -> None:
    """Register the figures that are collected when they are read. Once per process.

    Facts are counted from 0 on, not from the first of a type: of that, Prometheus would not see
    that anything has grown.
    """
    for event_type in published_types():
        FACTS.labels(event_type.name)
    CONNECTIONS.set_function(connections)
    REGISTRY.register(ReadSideFigures())
    REGISTRY.register(ReactorFigures())
    REGISTRY.register(LiveScreens())
